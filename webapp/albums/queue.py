"""The queue: Huey on SQLite for one machine, on Redis for many.

Huey hands out every task once and forgets it when its worker dies. That is enough here: the queue
only holds the order of work, which is rebuilt from the store (``recovery``).
SQLite is the default because it needs nothing installed; Huey because it offers both behind the
same interface and runs in the foreground of a plain process.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from huey import Huey, RedisHuey
from huey.exceptions import HueyException
from huey.registry import Message
from huey.serializer import Serializer

from webapp.albums.queue_file import QueueFile
from webapp.settings import InvalidSetting, Settings

log = logging.getLogger(__name__)

PhotoTask = tuple[str, int]
"""The album's id and the photo's number."""

_NAME = "agelens"
# A Redis that does not answer must hold up a page for a moment only. Workers wait for their next
# photo for a second at a time, so this is also longer than any answer takes.
_REDIS_SECONDS = 3


def _unserved(album_id: str, number: int) -> None:
    raise NotImplementedError("This process only puts photos into the queue.")


class AlbumQueue:
    """Photos waiting for a worker. Opened on first use, after any fork."""

    def __init__(self, settings: Settings, analyze: Callable[[str, int], None] = _unserved) -> None:
        """Raises InvalidSetting if AGELENS_QUEUE cannot be used."""
        self._settings = settings
        self._analyze = analyze
        if settings.queue is not None:
            _refuse(settings.queue)

    @cached_property
    def huey(self) -> Any:
        """Huey itself, for its consumer."""
        return self._opened[0]

    def put(self, tasks: Iterable[PhotoTask]) -> None:
        """Queue photos. Where the queue cannot be reached, recovery queues them later."""
        try:
            _, task = self._opened
            for album_id, number in tasks:
                task(album_id, number)
        except self._failures:
            log.warning("The queue cannot be reached; photos stay stored and wait.", exc_info=True)

    def waiting(self) -> list[PhotoTask]:
        """The photos in the queue, the next one first. Empty where it cannot be reached."""
        try:
            rows = self.huey.storage.enqueued_items()
        except self._failures:
            log.warning("The queue cannot be reached.", exc_info=True)
            return []
        return [task for row in rows if (task := _task_in(row)) is not None]

    def length(self) -> int:
        """How many photos wait; 0 if the queue cannot be reached."""
        try:
            return int(self.huey.pending_count())
        except self._failures:
            return 0

    def is_reachable(self) -> bool:
        """Whether the queue answers now."""
        try:
            self.huey.pending_count()
        except self._failures:
            return False
        return True

    def ahead(self, album_id: str) -> int:
        """How many photos of other albums come before the first of this one."""
        owners = [owner for owner, _ in self.waiting()]
        return owners.index(album_id) if album_id in owners else 0

    @cached_property
    def _opened(self) -> tuple[Any, Callable[[str, int], object]]:
        huey = _open(self._settings)

        # Huey names a task after its function's module: here it is the same in every process.
        @huey.task()  # type: ignore[untyped-decorator] # huey ships no types
        def analyze_photo(album_id: str, number: int) -> None:
            self._analyze(album_id, number)

        return huey, analyze_photo

    @cached_property
    def _failures(self) -> tuple[type[Exception], ...]:
        if self._settings.queue is None:
            return (sqlite3.Error, OSError, HueyException)
        from redis.exceptions import RedisError

        return (RedisError, HueyException)


class _Messages(Serializer):  # type: ignore[misc] # huey ships no types
    """Tasks as JSON: unlike a pickle, what others could write into the queue runs nothing here."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def _task_in(row: bytes) -> PhotoTask | None:
    """The photo of a task in the queue; None if it is damaged or of another version."""
    try:
        album_id, number = json.loads(row)[Message._fields.index("args")]
    except (ValueError, TypeError, LookupError):
        return None
    return str(album_id), int(number)


def _refuse(url: str) -> None:
    """Raises InvalidSetting if the address is invalid or its package is missing."""
    try:
        from redis.connection import parse_url

        parse_url(url)  # type: ignore[no-untyped-call] # has no types
    except (ImportError, ValueError) as error:
        raise InvalidSetting(f"AGELENS_QUEUE cannot be used: {error}") from error


def _open(settings: Settings) -> Any:
    if settings.queue is None:
        file = str(settings.data_dir / "queue.db")
        return Huey(
            _NAME, results=False, serializer=_Messages(), storage_class=QueueFile, filename=file
        )
    from redis import ConnectionPool

    pool = ConnectionPool.from_url(
        settings.queue, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
    )
    return RedisHuey(_NAME, results=False, serializer=_Messages(), connection_pool=pool)
