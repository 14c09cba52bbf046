"""The types of settings, and how they are read from texts."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
Pause = Annotated[timedelta, "may be nothing"]
Rate = Annotated[str, Meta(pattern=r"^([1-9]\d{0,8}/(second|minute|hour|day)|off)$")]
Prefix = Annotated[str, Meta(pattern=r"^(/[A-Za-z0-9._~-]+)+$")]
LogStyle = Literal["readable", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
Compatible = Literal["compreface", "deepface"]

LONGEST_DURATION = timedelta(days=36_500)
"""A hundred years; far beyond that, dates of expiry would overflow."""
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,10})([smhd]?)")


def cast(text: str, kind: Any) -> Any:
    """A text as a value of a type. Raises ValueError, or RuntimeError for ~ without a home."""
    if kind in (timedelta, Pause):
        return _duration(text, shortest=timedelta(seconds=kind is timedelta))
    if kind == tuple[Compatible, ...]:
        names = dict.fromkeys(name.strip() for name in text.split(","))
        return msgspec.convert(tuple(names), kind)
    return msgspec.convert(text, kind, strict=False, dec_hook=_path)


def _path(_kind: type, text: str) -> Path:
    return Path(text).expanduser()


def _duration(text: str, shortest: timedelta) -> timedelta:
    match = _DURATION.fullmatch(text)
    duration = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else None
    if duration is None or not shortest <= duration <= LONGEST_DURATION:
        raise ValueError(text)
    return duration
