"""The operations behind pages and API: create an album, show it, make its downloads."""

from collections.abc import Iterator, Sequence
from typing import Any

from werkzeug.datastructures import FileStorage

from webapp.albums.album import Album, Failure, KeyedRequest
from webapp.albums.archive import ArchiveLimits
from webapp.albums.consumer import album_store
from webapp.albums.errors import AlbumTooLarge, EmptyAlbum, QueueFull
from webapp.albums.idempotency import album_ids, digest_of, known_album, refuse_other_use
from webapp.albums.queue import AlbumQueue
from webapp.albums.repository import AlbumRepository
from webapp.albums.sources import Source, source_of, told_apart
from webapp.results.schema import Choices, analysis_document, failure_document
from webapp.results.upload import stem
from webapp.settings import Settings
from webapp.vision.models import ModelRegistry
from webapp.vision.types import Analysis


class AlbumService:
    """The use cases of albums, over one store and one queue."""

    def __init__(self, settings: Settings, registry: ModelRegistry) -> None:
        self.settings = settings
        self.repository = AlbumRepository(album_store(settings))
        self.queue = AlbumQueue(settings)
        self._registry = registry

    def create_album(
        self, files: Sequence[FileStorage], choices: Choices, owner: str, key: bytes | None = None
    ) -> str:
        """Store and queue the photos of an upload; the album's id.

        When this returns, the photos are stored and will be analysed whatever happens. With the
        ``key`` of an album that was made before it is that album's id; see ``idempotency``.
        Raises EmptyAlbum, AlbumTooLarge, RefusedArchive, QueueFull, StoreFull, UnknownDetector,
        UnknownModel, ModelFileMissing, AlbumInReceipt or KeyReused.
        """
        self._registry.check(choices.detector, choices.model)
        limits = ArchiveLimits(self.settings.album_bytes, self.settings.max_bytes)
        sources = [source_of(file, limits) for file in files]
        if key is None:
            return self._create(sources, choices, owner)
        digest = digest_of(key, (file.stream for file in files))
        for album_id in album_ids(key):
            try:
                return self._create(sources, choices, owner, KeyedRequest(album_id, digest))
            except FileExistsError:
                known = known_album(self.repository, album_id, owner)
            if known is not None:
                refuse_other_use(known, digest, choices)
                return album_id
        raise LookupError("There is always another id.")

    def _create(
        self,
        sources: Sequence[Source],
        choices: Choices,
        owner: str,
        request: KeyedRequest | None = None,
    ) -> str:
        self._refuse(sources)
        photos = told_apart(photo for source in sources for photo in source.photos())
        left_out = sum(source.left_out for source in sources)
        album_id = self.repository.create(photos, choices, owner, left_out, request)
        count = sum(map(len, sources))
        self.queue.put((album_id, number) for number in range(1, count + 1))
        return album_id

    def annotated(self, album: Album) -> Iterator[tuple[str, bytes]]:
        """Name and JPEG of every photo that was analysed, with boxes and labels, one by one."""
        stored = self.repository.store.open_unchecked(album.id)  # who holds an album may see it
        for photo, _ in album.successes:
            for data in stored.read_all([photo.annotated_name]).values():
                yield f"{photo.number:04}-{stem(photo.name)}.jpg", data

    def _refuse(self, sources: Sequence[Source]) -> None:
        count = sum(map(len, sources))
        if count == 0:
            raise EmptyAlbum("None of these files is a photo, nor a ZIP file with photos.")
        most = self.settings.album_photos
        if count > most:
            raise AlbumTooLarge(
                "These are %(count)s photos; an album has at most %(most)s.", count=count, most=most
            )
        if self.queue.length() + count > self.settings.queue_photos:
            raise QueueFull(
                "Too many photos are waiting already. Please try again in a few minutes."
            )
        if sum(source.photo_bytes for source in sources) > self.settings.album_bytes:
            raise AlbumTooLarge(
                "An album has at most %(size)s MB.", size=round(self.settings.album_bytes / 1e6)
            )


def album_as_json(album: Album) -> dict[str, Any]:
    """An album as the JSON object that the API and the download give."""
    return {
        "id": album.id,
        "total": len(album.photos),
        "done": album.done,
        "left_out": album.left_out,
        "expires": album.expires.isoformat(timespec="seconds"),
        "numbers": [photo.number for photo in album.photos],
        "photos": [_photo_as_json(photo.name, photo.outcome) for photo in album.photos],
    }


def _photo_as_json(name: str, outcome: Analysis | Failure | None) -> dict[str, Any]:
    if outcome is None:
        return {"photo": name, "status": "waiting"}
    if isinstance(outcome, Failure):
        return failure_document(name, outcome.code, str(outcome))
    return analysis_document(name, outcome)
