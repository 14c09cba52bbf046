"""The parts of an upload of many photos: single files and archives."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count
from pathlib import PurePosixPath
from typing import Protocol

from werkzeug.datastructures import FileStorage

from webapp.albums.album import UnreadUpload
from webapp.albums.archive import ARCHIVE_SIGNATURES, Archive, ArchiveLimits
from webapp.results.upload import Upload, clean_path
from webapp.vision.decode.candidates import HEAD_BYTES, is_in_system_folder, may_be_photo


class Source(Protocol):
    """One file of an upload, with the photos in it; ``len`` says how many they are."""

    # Files that can be no photos.
    left_out: int
    # All photos unpacked.
    photo_bytes: int

    def __len__(self) -> int: ...

    def photos(self) -> Iterator[Upload | UnreadUpload]:
        """The photos one by one."""
        ...


class SingleFile:
    """A file that is not an archive: one photo, or none.

    A file chosen by itself always counts, and fails if it is not a photo; of a folder chosen as a
    whole, only files that may be photos count.
    """

    def __init__(self, file: FileStorage, max_photo_bytes: int) -> None:
        self._stream = file.stream
        self._most = max_photo_bytes
        # Browsers send the path of a file in such a folder.
        self._path = (file.filename or "").replace("\\", "/")
        is_photo = self._may_be_photo()
        self.left_out = int(not is_photo)
        self.photo_bytes = self._stream.seek(0, os.SEEK_END) if is_photo else 0

    def __len__(self) -> int:
        return 1 - self.left_out

    def photos(self) -> Iterator[Upload]:
        """The photo, if it may be one; of one that is too large only the beginning."""
        if self:
            self._stream.seek(0)
            yield Upload(clean_path(self._path), self._stream.read(self._most + 1))

    def _may_be_photo(self) -> bool:
        parts = self._path.split("/")
        if len(parts) == 1:
            return True
        return not is_in_system_folder(parts) and may_be_photo(self._path, self._head)

    def _head(self) -> bytes:
        self._stream.seek(0)
        return self._stream.read(HEAD_BYTES)


def source_of(file: FileStorage, limits: ArchiveLimits) -> Source:
    """The photos in one file of an upload. Raises RefusedArchive or AlbumTooLarge."""
    signature = file.stream.read(max(map(len, ARCHIVE_SIGNATURES)))
    file.stream.seek(0)
    if signature.startswith(ARCHIVE_SIGNATURES):
        return Archive(file.stream, limits)
    return SingleFile(file, limits.max_photo_bytes)


def told_apart(uploads: Iterable[Upload | UnreadUpload]) -> Iterator[Upload | UnreadUpload]:
    """The same uploads; where several have the same name, the later ones get a number."""
    taken: set[str] = set()
    for upload in uploads:
        path = PurePosixPath(upload.name)
        numbered = (str(path.with_stem(f"{path.stem} ({number})")) for number in count(2))
        name = next(name for name in chain([upload.name], numbered) if name not in taken)
        taken.add(name)
        yield replace(upload, name=name)
