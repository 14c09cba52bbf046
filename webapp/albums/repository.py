"""Albums in the result store."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from webapp.albums.album import (
    CORRECTED,
    OUTCOME,
    Album,
    AlbumPhoto,
    Failure,
    KeyedRequest,
    UnreadUpload,
    original_name,
    outcome_name,
    part_of,
    record_name,
    run_shown,
)
from webapp.errors import translatable
from webapp.results.runs import FIRST
from webapp.results.schema import Choices, Record, StoredDocument
from webapp.results.store.errors import UnknownResult, UnreadableRecord
from webapp.results.store.result_store import ResultStore
from webapp.results.store.stored_result import StoredResult
from webapp.results.upload import Upload
from webapp.vision.types import Analysis

ALBUM = "album.json"


@dataclass(frozen=True)
class AlbumDocument(StoredDocument):
    """The names of an album's photos, and the choices made for all of them."""

    names: tuple[str, ...]
    choices: Choices
    # Files of the upload that are not photos.
    left_out: int = 0
    # See Album.
    request: str = ""
    version: int = field(default=1, kw_only=True)


@dataclass(frozen=True)
class _Outcome(StoredDocument):
    """The part of an outcome that an album needs; an outcome is a Record or a failure."""

    analysis: Analysis | None = None
    failure: Failure | None = None
    # Nothing else is left of the photo.
    deleted: bool = False
    # Of a corrected analysis: the files of its crops.
    crops: tuple[str, ...] = ()


class AlbumRepository:
    """Puts albums into a store and reads them again."""

    def __init__(self, store: ResultStore) -> None:
        self.store = store

    def create(
        self,
        uploads: Iterable[Upload | UnreadUpload],
        choices: Choices,
        owner: str,
        left_out: int = 0,
        request: KeyedRequest | None = None,
    ) -> str:
        """Store an album of photos that come one by one; its id.

        Raises FileExistsError where there is an album of the request's id, or half of one.

        Whatever ends ``uploads`` early leaves nothing behind. Raises StoreFull or StoreUnavailable.
        """
        album_id, digest = (request.album_id, request.digest) if request else (None, "")
        files = _files(uploads, choices, left_out, digest)
        return self.store.create_from(files, owner, album_id)

    def open(self, album_id: str, owner: str) -> Album:
        """An album of this owner as it stands now. Raises UnknownResult or UnreadableRecord."""
        stored = self.store.open(album_id, owner)
        document = contents(stored)
        photos = tuple(photo for photo in _photos(stored, document) if photo is not None)
        return Album(
            id=album_id,
            created=stored.created,
            expires=stored.expires,
            choices=document.choices,
            photos=photos,
            left_out=document.left_out,
            request=document.request,
        )

    def open_photo(self, album_id: str, number: int, owner: str) -> StoredResult:
        """The files of one photo that was analysed. Raises UnknownResult."""
        stored = self.store.open(album_id, owner)
        outcome = stored.read_all([outcome_name(number)]).get(outcome_name(number))
        if _read(outcome).analysis is None:
            raise UnknownResult("There is no such photo in this album, or no result of it yet.")

        def refuse_deleted() -> None:
            """Nothing that is still made of the photo may outlive it."""
            if _read(stored.read(outcome_name(number))).deleted:
                drop_pictures(stored, number)
                raise UnknownResult("This photo was deleted from its album.")

        return stored.part(part_of(number), refuse_deleted)

    def delete_photo(self, album_id: str, number: int, owner: str) -> bool:
        """Remove one photo and all that was made of it; whether the album has any left.

        The others keep their numbers. The album goes with its last photo. Raises UnknownResult.
        """
        stored = self.store.open(album_id, owner)
        names = contents(stored).names
        if not 1 <= number <= len(names) or not names[number - 1]:
            raise UnknownResult("There is no such photo in this album.")
        # First: from now on no worker begins with it, and one that is at it will notice.
        stored.add(outcome_name(number), _Outcome(deleted=True).to_json())
        drop_pictures(stored, number)
        _forget_names(stored)
        if self.open(album_id, owner).photos:
            return True
        self.store.delete(album_id, owner)
        return False


def show_corrected(photo: StoredResult, run: int) -> None:
    """Mark an analysis of a photo as the one corrected last, which its album shows.

    The marks of others go: the times of some stores are whole seconds and tell no order.
    """
    mark = f"{CORRECTED}{run}"
    earlier = [name for name in photo.ages() if name.startswith(CORRECTED) and name != mark]
    photo.add(mark, b"-")
    for name in earlier:
        photo.drop(name)


def drop_pictures(stored: StoredResult, number: int) -> None:
    """Remove a photo and all that was made of it, but for the outcome and a worker's lease."""
    photo = stored.part(part_of(number))
    for name in photo.ages():
        if not name.startswith((OUTCOME, "attempt-")):
            photo.drop(name)


def _forget_names(stored: StoredResult) -> None:
    """Remove the names of deleted photos, once more where others were deleted meanwhile."""
    while True:
        document = contents(stored)
        pairs = zip(document.names, _photos(stored, document), strict=True)
        names = tuple("" if photo is None else name for name, photo in pairs)
        if names == document.names:
            return
        stored.add(ALBUM, replace(document, names=names).to_json())


def contents(stored: StoredResult) -> AlbumDocument:
    """The contents of an album. Raises UnknownResult if it is not an album, or UnreadableRecord."""
    return AlbumDocument.from_json(stored.read(ALBUM))


def write_outcome(stored: StoredResult, number: int, outcome: Record | Failure) -> None:
    """Store the outcome of a photo. An existing outcome stays; where it says that the photo was
    deleted meanwhile, the pictures of it go, too.
    """
    if stored.claim(outcome_name(number), _document(outcome)):
        return
    if _read(stored.read(outcome_name(number))).deleted:
        drop_pictures(stored, number)


def _document(outcome: Record | Failure) -> bytes:
    document = _Outcome(failure=outcome) if isinstance(outcome, Failure) else outcome
    return document.to_json()


def _files(
    uploads: Iterable[Upload | UnreadUpload], choices: Choices, left_out: int, request: str
) -> Iterator[tuple[str, bytes]]:
    """The stored files of an album: photos, outcomes of unreadable ones, the document."""
    names = []
    for number, upload in enumerate(uploads, start=1):
        names.append(upload.name)
        if isinstance(upload, UnreadUpload):
            yield outcome_name(number), _document(upload.failure)
        else:
            yield original_name(number), upload.data
    yield ALBUM, AlbumDocument(tuple(names), choices, left_out, request).to_json()


def _photos(stored: StoredResult, document: AlbumDocument) -> list[AlbumPhoto | None]:
    """The photos of an album in their order, None for those that were deleted."""
    ages = stored.ages()
    runs = {n: run_shown(n, ages) for n in range(1, len(document.names) + 1)}
    wanted = [*map(outcome_name, runs)]
    wanted += [record_name(n, run) for n, run in runs.items() if run != FIRST]
    files = stored.read_all(name for name in wanted if name in ages)
    shown = zip(runs.items(), document.names, strict=True)
    return [_photo(number, name, run, files) for (number, run), name in shown]


def _photo(number: int, name: str, run: int, files: Mapping[str, bytes]) -> AlbumPhoto | None:
    first = files.get(outcome_name(number))
    if first is None:
        return AlbumPhoto(number, name)
    if _read(first).deleted:
        return None
    found = _read(files.get(record_name(number, run), first))
    return AlbumPhoto(number, name, found.analysis or found.failure or _NEITHER, run, found.crops)


_NEITHER = Failure(
    UnreadableRecord.code, translatable("The stored data of this photo is incomplete.")
)


def _read(data: bytes | None) -> _Outcome:
    """What a file says that has an outcome, if it is there."""
    if data is None:
        return _Outcome()
    try:
        return _Outcome.from_json(data)
    except UnreadableRecord as error:
        return _Outcome(failure=Failure(error.code, error.template))
