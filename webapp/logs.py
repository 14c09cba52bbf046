"""Logs: every line of every part in one form, readable or JSON, on stderr.

The code logs with the standard library; structlog only gives the lines their form. What must not
be in a log is kept out where it is written, with one net below: an id of a result, which is the
permission to see it, is struck out of messages and tracebacks.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from webapp.settings import LogLevel, LogStyle

_RESULT_ID = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])")
_TEXTS = ("event", "exception", "stack")
# They tell of single tasks and of clients' addresses.
_TOO_TALKATIVE = ("huey", "flask-limiter")


def configure(style: LogStyle, level: LogLevel, stream: TextIO | None = None) -> None:
    """Send everything to stderr, or another stream, in one form.

    Called again, it replaces what was set before.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(style, colours=stream.isatty()))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def begin(**fields: object) -> None:
    """From now on this thread's lines carry these fields, and nothing of its work before."""
    structlog.contextvars.clear_contextvars()
    note(**fields)


def note(**fields: object) -> None:
    """Add fields to all further lines of what this thread is at: a request, a photo."""
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
