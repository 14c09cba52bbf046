"""The header ``Idempotency-Key``: a repeated request leads to the same album.

The album's id is made from the user and the key, so every process on every machine finds it, and
nothing else needs to be stored. See the draft of the IETF, "The Idempotency-Key HTTP Header Field".
"""

import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import IO

from webapp.albums.album import Album
from webapp.albums.errors import AlbumInReceipt, KeyReused
from webapp.albums.repository import AlbumRepository
from webapp.results.schema import Choices
from webapp.results.store.errors import UnknownResult

REMEMBERED = timedelta(days=1)
"""How long a key refers to its album, if that is kept for so long."""
_ID_BYTES = 24
_PIECE_BYTES = 1 << 18


def key_of(secret: bytes, client: str, text: str) -> bytes:
    """A digest of a client's Idempotency-Key, made with the server's secret."""
    return hmac.digest(secret, f"album\0{client}\0{text}".encode(), "sha256")


def album_ids(key: bytes) -> Iterator[str]:
    """The ids for a key: the first, and those that follow when the time of one is over."""
    for number in count():
        digest = hmac.digest(key, str(number).encode(), "sha256")
        yield urlsafe_b64encode(digest[:_ID_BYTES]).decode()


def known_album(repository: AlbumRepository, album_id: str, owner: str) -> Album | None:
    """The album created with this key before; None if that was too long ago.

    Raises AlbumInReceipt where it is not complete yet.
    """
    try:
        album = repository.open(album_id, owner)
    except UnknownResult:
        if repository.store.is_complete(album_id):
            return None
        raise AlbumInReceipt(
            "An album with this Idempotency-Key is being received. Please ask again in a moment."
        ) from None
    return album if datetime.now(UTC) < album.created + REMEMBERED else None


def digest_of(key: bytes, files: Iterable[IO[bytes]]) -> str:
    """A digest of the files of a request, of use to nobody without its key."""
    digest = hmac.new(key, digestmod="sha256")
    for file in files:
        digest.update(b"%d\0" % file.seek(0, os.SEEK_END))
        file.seek(0)
        while data := file.read(_PIECE_BYTES):
            digest.update(data)
        file.seek(0)
    return digest.hexdigest()


def refuse_other_use(album: Album, digest: str, choices: Choices) -> None:
    """Raise KeyReused where a request with the key of an album is not the one that made it."""
    if (album.request, album.choices) != (digest, choices):
        raise KeyReused(
            "This Idempotency-Key belongs to an album of other photos or options; "
            "send another key for another album."
        )
