"""The settings of agelens: read once from ``AGELENS_*`` environment variables, cast strictly."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, NewType, get_args, get_type_hints

import platformdirs

from webapp.vision.decode import PhotoLimits
from webapp.vision.detectors.base import DetectionOptions

LogStyle = Literal["readable", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
MetricsReaders = Literal["loopback", "open", "off"]
Rate = NewType("Rate", str)
"""So many in a time, such as ``120/minute``, or ``off``."""
OFF = Rate("off")
Place = NewType("Place", str)
"""A folder, or the URL of one."""
Pause = NewType("Pause", timedelta)
"""A duration that may be nothing."""
Count = NewType("Count", int)
"""A whole number that may be nothing."""
_AT_ONCE = Pause(timedelta(0))

LONGEST_DURATION = timedelta(days=36_500)
"""A hundred years; far beyond them the calendar ends and no expiry can be told."""


class InvalidSetting(ValueError):
    """An environment variable holds a value that its setting cannot have."""


@dataclass(frozen=True)
class Settings:
    """Everything an operator can change. ``AGELENS_KEEP=30m`` sets ``keep``, and so on."""

    # Where results live; made if it does not exist.
    data_dir: Path = field(default_factory=lambda: platformdirs.user_data_path("agelens"))
    # Another place for results: a folder, or s3://bucket/folder for many machines.
    store: Place | None = None
    # A further folder with networks' files, for those that agelens may not bring along.
    models_dir: Path | None = None
    # How long a result is kept: seconds, or a number with s, m, h or d.
    keep: timedelta = timedelta(hours=1)
    # Reverse proxies in front of the server, whose X-Forwarded headers are believed.
    proxies: Count = Count(0)
    # Names that the server answers to, separated by commas; None: any.
    trusted_hosts: str | None = None
    # How long an album is kept, counted from its upload.
    keep_albums: timedelta = timedelta(days=1)
    # The queue of albums' photos that many machines share, redis://…; None: a file in data_dir.
    queue: str | None = None
    # Photos that wait at most in the queue; more are told to come back later.
    queue_photos: int = 2000
    # Most photos in one album.
    album_photos: int = 200
    # Largest upload of an album, and most that its photos may have in all, in bytes.
    album_bytes: int = 1_000_000_000
    # Largest photo in bytes.
    max_bytes: int = 20_000_000
    # Largest photo in pixels.
    max_pixels: int = 50_000_000
    # Most faces in one photo.
    max_faces: int = 100
    # The detector used where none is chosen: mtcnn, haar or hog.
    detector: str = "mtcnn"
    # The network used where none is chosen: a folder in models/.
    model: str = "agelens"
    # Longest side in pixels of the copy of a photo that the detector sees.
    detect_long_side: int = 1280
    # Smallest face that is looked for, in pixels of that copy.
    detect_minimum_face: int = 28
    # Analyses that run at once in one worker.
    inference_slots: int = 2
    # Analyses that wait for a slot in one worker; more are told to come back later.
    inference_waiting: Count = Count(16)
    # Longest side in pixels of the photo on the result page.
    display_long_side: int = 1600
    # A file of users, who must sign in; None: no login, everybody sees everything they know of.
    users: Path | None = None
    # How long somebody stays signed in, counted from signing in.
    login_keep: timedelta = timedelta(days=7)
    # What signs cookies and forms, the same on every machine; None: a random file in data_dir.
    secret_key: str | None = field(default=None, repr=False)
    # Work that one client may ask for; None: 120/minute for all but this machine itself.
    rate: Rate | None = None
    # Seconds between the signal to stop and the stop, in which a balancer sees /readyz and leaves.
    drain: Pause = _AT_ONCE
    # The form of the log's lines, and the least important ones.
    log: LogStyle = "readable"
    log_level: LogLevel = "info"
    # Who may read /metrics.
    metrics: MetricsReaders = "loopback"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from the environment; an empty variable counts as unset.

        Raises InvalidSetting, which names the variable.
        """
        environment = os.environ if environment is None else environment
        types = get_type_hints(cls)
        given: dict[str, Any] = {}
        for setting in fields(cls):
            variable = f"AGELENS_{setting.name.upper()}"
            text = environment.get(variable, "")
            if text.strip():
                given[setting.name] = _cast(variable, text, types[setting.name])
        return cls(**given)

    def store_address(self, room: str) -> str:
        """Where the results of one kind live: a path or a URL."""
        return f"{(self.store or str(self.data_dir)).rstrip('/')}/{room}"

    @property
    def photo_limits(self) -> PhotoLimits:
        """What an uploaded photo may be at most."""
        return PhotoLimits(
            max_bytes=self.max_bytes,
            max_pixels=self.max_pixels,
            preview_long_side=max(self.detect_long_side, self.display_long_side),
        )

    def detection(self, threshold: float | None = None) -> DetectionOptions:
        """How to look for faces."""
        return DetectionOptions(
            long_side=self.detect_long_side,
            minimum_face=self.detect_minimum_face,
            threshold=threshold,
            maximum_faces=self.max_faces,
        )


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]+", text):  # int() also takes 1_000 and ٣
        raise ValueError(text)
    return int(text)


def _whole_number(text: str) -> int:
    number = _count(text)
    if number == 0:
        raise ValueError(text)
    return number


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]+)([smhd]?)", text)
    if match is None:
        raise ValueError(text)
    unit = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    duration = timedelta(**{unit: _whole_number(match[1])})
    if duration > LONGEST_DURATION:
        raise ValueError(text)
    return duration


def _pause(text: str) -> timedelta:
    return _AT_ONCE if re.fullmatch(r"0[smhd]?", text) else _duration(text)


def _rate(text: str) -> str:
    if text != OFF and not re.fullmatch(r"[1-9]\d{0,8}/(second|minute|hour|day)", text):
        raise ValueError(text)
    return text


def _one_of(choices: Any) -> tuple[Callable[[str], str], str]:
    """The cast for a Literal."""

    def cast(text: str) -> str:
        if text not in get_args(choices):
            raise ValueError(text)
        return text

    return cast, f"choice of {', '.join(get_args(choices))}"


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _place(text: str) -> str:
    """A folder, of which ``~`` may be a part, or a URL."""
    return text if "://" in text else str(_path(text))


_CASTS: dict[Any, tuple[Callable[[str], Any], str]] = {
    int: (_whole_number, "positive whole number"),
    Count: (_count, "whole number"),
    timedelta: (_duration, "duration (such as 90s, 30m, 1h or 7d)"),
    Path: (_path, "path"),
    Path | None: (_path, "path"),
    str: (str, "text"),
    str | None: (str, "text"),
    Place | None: (_place, "folder or URL"),
    Pause: (_pause, "duration (such as 0s, 10s or 1m)"),
    Rate | None: (_rate, "rate (such as 120/minute or 10/second, or off)"),
    **{choices: _one_of(choices) for choices in (LogStyle, LogLevel, MetricsReaders)},
}


def _cast(variable: str, text: str, kind: Any) -> Any:
    cast, words = _CASTS[kind]
    try:
        return cast(text)
    except (ValueError, OverflowError, RuntimeError) as error:  # RuntimeError: no home for ~
        raise InvalidSetting(f"{variable}: not a valid {words}: {text!r}") from error
