"""Logging: one format for all parts, readable or JSON, on stderr.

The code logs with the standard library; structlog only formats. Private data is kept out where
messages are written; as a safety net, ids of results, which grant access, are removed from messages
and tracebacks.
"""

import logging
import re
import sys
from collections.abc import Sequence
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from webapp.setting_types import LogLevel, LogStyle

_RESULT_ID = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])")
_TEXTS = ("event", "exception", "stack")
# They log single tasks and clients' addresses.
_TOO_TALKATIVE = ("huey", "flask-limiter")


def configure(style: LogStyle, level: LogLevel, stream: TextIO | None = None) -> None:
    """Log everything to stderr, or another stream, in one format.

    Calling it again replaces the previous configuration.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(style, colours=stream.isatty()))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def begin(**fields: object) -> None:
    """Start new fields for this thread's lines, discarding those of its earlier work."""
    structlog.contextvars.clear_contextvars()
    note(**fields)


def note(**fields: object) -> None:
    """Add fields to all further lines about this thread's current request or photo."""
    structlog.contextvars.bind_contextvars(**fields)


def _formatter(style: LogStyle, colours: bool) -> logging.Formatter:
    renderer: Processor
    if style == "json":
        renderer = structlog.processors.JSONRenderer(sort_keys=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=colours)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_fields(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _fields() -> Sequence[Processor]:
    return (
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        _without_ids,
    )


def _without_ids(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    for name in _TEXTS:
        if name in fields:
            fields[name] = _RESULT_ID.sub("…", str(fields[name]))
    return fields
