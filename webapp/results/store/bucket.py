"""A bucket, or anything else that fsspec reaches by URL, as a store."""

import asyncio
import errno
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import Any

import fsspec

from webapp.results.store.errors import StoreUnavailable
from webapp.results.store.files import translated

# A bucket that does not answer ends a request instead of holding its thread: pages promise an
# answer within ten seconds. That is the longest for one operation with all of its repetitions.
ANSWER_SECONDS = 6.0
# Listing all of a store takes one call per thousand files; only the sweeper waits for it.
_LISTING_SECONDS = 300.0
# Bytes per second that even a slow connection manages.
_SLOWEST_UPLOAD = 1e6
_S3_OPTIONS = {
    "config_kwargs": {"connect_timeout": 3, "read_timeout": 5, "retries": {"max_attempts": 0}},
    # Reading in pieces would ask for the size first, which doubles the calls.
    "max_concurrency": 1,
}


class Bucket:
    """Keeps files under a URL such as ``s3://bucket/folder``; see ``Files``.

    Folders exist while they hold files. File systems that fsspec drives synchronously have their
    own time limits, or none.
    """

    def __init__(self, url: str) -> None:
        """Raises StoreUnavailable if no installed package knows that kind of URL."""
        self._url = url
        try:
            fsspec.get_filesystem_class(url.partition("://")[0])
        except (ImportError, ValueError) as error:
            raise StoreUnavailable(f"The store {url} cannot be used: {error}") from error

    def make(self, folder: str) -> None:
        self._ask("makedirs", folder, exist_ok=True)

    def write(self, path: str, data: bytes) -> None:
        self._ask("pipe_file", path, data, seconds=_seconds_for(data))

    def create(self, path: str, data: bytes) -> None:
        self._ask("pipe_file", path, data, mode="create", seconds=_seconds_for(data))

    def read(self, path: str) -> bytes:
        return bytes(self._ask("cat_file", path))

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        found = {}
        for path, answer in self._answers(list(paths)).items():
            with suppress(FileNotFoundError), _border():
                if isinstance(answer, BaseException):
                    raise answer
                found[path] = answer
        return found

    def written(self, path: str) -> float:
        return _moment(self._ask("info", path))

    def folders(self) -> list[str]:
        try:
            return [_last_part(path) for path in self._ask("ls", "", detail=False)]
        except FileNotFoundError:
            return []

    def moments(self, folder: str = "") -> dict[str, float]:
        seconds = ANSWER_SECONDS if folder else _LISTING_SECONDS
        try:
            found = self._ask("find", folder, detail=True, seconds=seconds)
        except FileNotFoundError:
            return {}
        start = len(self._path("")) + 1
        return {path[start:]: _moment(entry) for path, entry in found.items()}

    def remove(self, path: str) -> None:
        self._ask("rm_file", path)

    def empty(self, folder: str) -> None:
        self._ask("rm", folder, recursive=True)

    def _ask(self, operation: str, path: str, *more: Any, **options: Any) -> Any:
        seconds = options.pop("seconds", ANSWER_SECONDS)
        with _border():
            if not self._files.async_impl:
                return getattr(self._files, operation)(self._path(path), *more, **options)
            call = getattr(self._files, f"_{operation}")
            return self._in_time(call(self._path(path), *more, **options), seconds)

    def _answers(self, paths: Sequence[str]) -> Mapping[str, bytes | BaseException]:
        """The results of reading several files, at once if the file system can do that."""
        with _border():
            if self._files.async_impl:
                return dict(
                    zip(paths, self._in_time(self._read(paths), ANSWER_SECONDS), strict=True)
                )
        answers: dict[str, bytes | BaseException] = {}
        for path in paths:
            with suppress(FileNotFoundError):
                answers[path] = self.read(path)
        return answers

    async def _read(self, paths: Sequence[str]) -> list[bytes | BaseException]:
        reading = (self._files._cat_file(self._path(path)) for path in paths)
        answers: list[bytes | BaseException]
        answers = await asyncio.gather(*reading, return_exceptions=True)
        return answers

    def _in_time(self, call: Coroutine[Any, Any, Any], seconds: float) -> Any:
        """The result of a call in fsspec's own thread. Raises TimeoutError, and ends the call."""
        future = asyncio.run_coroutine_threadsafe(call, self._files.loop)
        try:
            return future.result(seconds)
        finally:
            future.cancel()

    def _path(self, path: str) -> str:
        return f"{self._opened[1].rstrip('/')}/{path}".rstrip("/")

    @property
    def _files(self) -> Any:
        return self._opened[0]

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """Opened when first used, after any fork."""
        # What another machine wrote must be seen at once: nothing is remembered of a listing.
        options = _S3_OPTIONS if self._url.startswith("s3://") else {}
        files, folder = fsspec.url_to_fs(self._url, use_listings_cache=False, **options)
        return files, folder


@contextmanager
def _border() -> Iterator[None]:
    """As ``translated``, for all errors: those of the backends have no class in common."""
    with translated(Exception):
        try:
            yield
        except FileNotFoundError as error:
            if _lacks_bucket(error):
                raise OSError(errno.ENODEV, "the bucket does not exist") from error
            raise


def _lacks_bucket(error: FileNotFoundError) -> bool:
    """Whether S3 reported a missing bucket, which s3fs reports like a missing file."""
    response = getattr(error.__cause__, "response", None) or {}
    return bool(response.get("Error", {}).get("Code") == "NoSuchBucket")


def _seconds_for(data: bytes) -> float:
    return ANSWER_SECONDS + len(data) / _SLOWEST_UPLOAD


def _last_part(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _moment(entry: Mapping[str, Any]) -> float:
    """Seconds since 1970: backends call it ``LastModified``, ``mtime`` or ``created``."""
    known = (entry[key] for key in ("LastModified", "mtime", "created") if key in entry)
    moment = next(known, None) or 0.0
    return float(moment.timestamp() if isinstance(moment, datetime) else moment)
