"""The settings of agelens: read once from ``AGELENS_*`` environment variables, strictly typed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_type_hints

import platformdirs

from webapp.errors import AgelensError
from webapp.setting_types import (
    Compatible,
    Count,
    LogLevel,
    LogStyle,
    Pause,
    Positive,
    Prefix,
    Rate,
    Share,
    cast,
)
from webapp.vision.decode import PREVIEW_PIXELS, PhotoLimits
from webapp.vision.detectors.base import DetectionOptions

OFF = "off"

# As Debian has it for users without a home. Most commands write nothing there.
_NO_DATA_DIR = Path("/nonexistent/agelens")


def _data_dir_of_user() -> Path:
    try:
        return platformdirs.user_data_path("agelens")
    except RuntimeError:  # neither HOME nor an entry in the list of users
        return _NO_DATA_DIR


class InvalidSetting(AgelensError):
    """An environment variable has an invalid value."""


def _setting(default: Any, meaning: str, **options: Any) -> Any:
    """A field of ``Settings``: its default, and its description in the documentation."""
    return field(default=default, metadata={"meaning": meaning}, **options)


@dataclass(frozen=True)
class Settings:
    """Everything an operator can change. ``AGELENS_KEEP=30m`` sets ``keep``, and so on."""

    data_dir: Path = field(
        default_factory=_data_dir_of_user,
        metadata={"meaning": "where results, the queue and keys are stored; created if missing"},
    )
    store: str | None = _setting(
        None,
        "another place for results: a folder, or `s3://bucket/folder` for several machines "
        "(needs `agelens[machines]`)",
    )
    keep: timedelta = _setting(
        timedelta(hours=1), "how long a result is kept (`90s`, `30m`, `1h`, `7d`)"
    )
    keep_albums: timedelta = _setting(
        timedelta(days=1), "how long an album is kept after its upload (`30m`, `1h`, `7d`)"
    )
    queue: str | None = _setting(
        None,
        "queue of album photos shared by several machines, `redis://…`; unset: a file in "
        "`AGELENS_DATA_DIR`",
    )
    queue_photos: Positive = _setting(2000, "most photos waiting in the queue; more get a 503")
    album_photos: Positive = _setting(200, "most photos in one album")
    album_bytes: Positive = _setting(
        1_000_000_000, "largest album upload, and largest album once unpacked, in bytes"
    )
    max_bytes: Positive = _setting(20_000_000, "largest photo, in bytes")
    max_pixels: Positive = _setting(50_000_000, "largest photo, in pixels")
    decode_memory: Positive = _setting(860_000_000, "most memory for decoding a photo, in bytes")
    decode_seconds: Positive = _setting(7, "most processor time for decoding a photo, in seconds")
    max_faces: Positive = _setting(100, "most faces shown per photo")
    detector: str | None = _setting(
        None,
        "detector used unless another is chosen; unset: `retinaface`, or `mtcnn` if its weights "
        "are not installed and for the article's networks",
    )
    model: str = _setting("agelens", "network used unless another is chosen")
    models_dir: Path | None = _setting(None, "an additional folder with detectors and networks")
    threshold: Share | None = _setting(
        None,
        "detections below this confidence are dropped, 0 to 1; unset: as on the detector's card",
    )
    detect_pixels: Positive | None = _setting(
        None,
        "most pixels (width × height) of the copy that the detector sees; unset: as on its card",
    )
    detect_minimum_face: Positive | None = _setting(
        None, "smallest face to look for, in pixels of that copy; unset: as on the detector's card"
    )
    inference_slots: Positive = _setting(2, "analyses that run at the same time, per worker")
    inference_waiting: Count = _setting(16, "analyses that may wait, per worker; more get a 503")
    display_long_side: Positive = _setting(
        1600, "longest side of the photo on the result page, in pixels"
    )
    users: Path | None = _setting(
        None, "file of users; with it, everyone must sign in; unset: no login"
    )
    login_keep: timedelta = _setting(
        timedelta(days=7), "how long a user stays signed in (`1h`, `7d`)"
    )
    secret_key: str | None = _setting(
        None,
        "key for signing cookies and forms, at least 32 characters, the same on every machine; "
        "unset: a random one, kept in `AGELENS_DATA_DIR`",
        repr=False,
    )
    proxies: Count = _setting(
        0, "number of reverse proxies whose `X-Forwarded-…` headers are trusted"
    )
    prefix: Prefix | None = _setting(
        None,
        "path of the site on its host (`/agelens`), unless a proxy sends `X-Forwarded-Prefix`; "
        "`SCRIPT_NAME` does the same",
    )
    trusted_hosts: str | None = _setting(
        None, "host names to answer, separated by commas; unset: any"
    )
    rate: Rate | None = _setting(
        None,
        "limit of photos, albums and drawings per client (`10/second`, `500/hour`, `off`); "
        "unset: `120/minute`, and no limit for programs on the same machine",
    )
    drain: Pause = _setting(
        timedelta(0),
        "how long the server keeps serving after SIGTERM while `/readyz` says that it is stopping; "
        "`10s` behind a load balancer",
    )
    log: LogStyle = _setting(
        "readable", "format of the log on standard error: `readable` or `json`"
    )
    log_level: LogLevel = _setting(
        "info", "`debug`, `info` (a line per request and album photo), `warning` or `error`"
    )
    compatible: tuple[Compatible, ...] = _setting(
        (),
        "other services whose clients are answered, too, separated by commas: `compreface` "
        "(`/api/v1/detection/detect`), `deepface` (`/analyze`)",
    )
    metrics: Literal["loopback", "open", "off"] = _setting(
        "loopback",
        "who may read `/metrics`: programs on the same machine (`loopback`), everyone (`open`) "
        "or no one (`off`)",
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Settings from the environment; an empty variable counts as unset.

        Raises InvalidSetting, which names the variable.
        """
        environment = os.environ if environment is None else environment
        types = get_type_hints(cls, include_extras=True)
        given: dict[str, Any] = {}
        for one in fields(cls):
            variable = variable_of(one.name)
            text = environment.get(variable, "")
            if text.strip():
                try:
                    given[one.name] = cast(text, types[one.name])
                except (ValueError, RuntimeError) as error:  # RuntimeError: there is no home for ~
                    meaning = one.metadata["meaning"]
                    raise InvalidSetting(f"{variable}: not valid: {text!r} ({meaning})") from error
        return cls(**given)

    def refuse_homeless(self, *elsewhere: object) -> None:
        """Raises InvalidSetting if there is no data directory and one is needed, because one of the
        settings that name other places is None.
        """
        if self.data_dir == _NO_DATA_DIR and None in elsewhere:
            raise InvalidSetting("This user has no home directory; set AGELENS_DATA_DIR.")

    def store_address(self, name: str) -> str:
        """Where results of one kind are stored: a path or a URL."""
        place = self.store or str(self.data_dir)
        folder = place if "://" in place else str(Path(place).expanduser())
        return f"{folder.rstrip('/')}/{name}"

    @property
    def photo_limits(self) -> PhotoLimits:
        """The limits on an uploaded photo."""
        return PhotoLimits(
            max_bytes=self.max_bytes,
            max_pixels=self.max_pixels,
            memory=self.decode_memory,
            processor_seconds=self.decode_seconds,
            preview_long_side=self.display_long_side,
            preview_pixels=self.detect_pixels or PREVIEW_PIXELS,
        )

    def detection(self, threshold: float | None = None) -> DetectionOptions:
        """How to look for faces."""
        return DetectionOptions(
            pixels=self.detect_pixels,
            minimum_face=self.detect_minimum_face,
            threshold=self.threshold if threshold is None else threshold,
            maximum_faces=self.max_faces,
        )


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return f"AGELENS_{name.upper()}"
