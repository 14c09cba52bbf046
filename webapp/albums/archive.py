"""ZIP files from strangers: everything that can be refused is refused before anything is unpacked.

A photo that is stored and then fails costs little; an archive that lies costs a server. So sizes
are added up from the directory, which is itself bounded, and reading stops where it said it would.
The checks follow OWASP's File Upload Cheat Sheet and D. Fifield, "A better zip bomb" (2019).
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from webapp.web.errors import AlbumTooLarge, RefusedArchive
from webapp.web.uploads import Upload, presentable

ARCHIVE_SIGNATURE = b"PK\x03\x04"
# Entries that are no photos count, too: folders, thumbnails of the system.
MOST_ENTRIES = 2000
# Directory bytes that so many entries with long names can need.
MOST_DIRECTORY_BYTES = 1_000_000
# JPEG hardly shrinks in an archive; a blank BMP does, by some dozens.
HIGHEST_RATIO = 100
# PKWARE's APPNOTE 4.3.15 and 4.3.16: the end of an archive, and its 64-bit cousin's locator.
_END, _END_BYTES, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
# APPNOTE 4.3.7: what stands before an entry's name and data.
_LOCAL_HEADER_BYTES = 30
# Of the other methods a few bytes unpack to gigabytes in one go (bzip2), and no photo needs them.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# APPNOTE 4.4.4: encrypted, strongly encrypted, with an encrypted directory; a name in UTF-8.
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
# From the root, from a drive, upwards, or with a NUL that cuts the name short.
_OUTSIDE = re.compile(r"^/|^[A-Za-z]:/|(^|/)\.\.(/|$)|\x00")
_NESTED = (".zip", ".7z", ".rar", ".tar", ".gz", ".bz2", ".xz", ".zst", ".tgz")
# What zipfile raises for damage: its own error, and whatever stumbles over a wrong number.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError)
_UNSUPPORTED = (NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold at most."""

    # All photos unpacked.
    max_bytes: int
    # Of a larger photo only so much is read that it is too large for sure.
    max_photo_bytes: int


class Archive:
    """A ZIP file whose directory has been found harmless."""

    def __init__(self, file: IO[bytes], limits: ArchiveLimits) -> None:
        """Read and check the directory. Raises RefusedArchive or AlbumTooLarge."""
        _refuse_large_directory(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (*_DAMAGED, *_UNSUPPORTED) as error:
            raise RefusedArchive("The ZIP file is damaged.") from error
        self._limits = limits
        entries = self._zip.infolist()
        _refuse_sizes(entries, limits)
        for entry in entries:
            _refuse_hostile(entry)
        _refuse_overlaps(entries, self._zip.start_dir)
        self._photos = [entry for entry in entries if _is_photo(entry)]

    def __len__(self) -> int:
        """How many photos it holds."""
        return len(self._photos)

    @property
    def unpacked_bytes(self) -> int:
        """How many bytes all entries have, as the directory says."""
        return sum(entry.file_size for entry in self._zip.infolist())

    def photos(self) -> Iterator[Upload]:
        """The photos one by one. Raises RefusedArchive where one is damaged."""
        for entry in self._photos:
            name = presentable(entry.filename)
            try:
                with self._zip.open(entry) as file:
                    yield Upload(name, file.read(self._limits.max_photo_bytes + 1))
            except _DAMAGED as error:
                raise RefusedArchive(f"The ZIP file is damaged at “{name}”.") from error
            except _UNSUPPORTED as error:
                raise RefusedArchive(f"“{name}” is packed in a way that is not read.") from error


def _refuse_large_directory(file: IO[bytes]) -> None:
    """Look at the end of the file first: ``zipfile`` takes a directory of any size into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT - _LOCATOR_BYTES))
    tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES:
        raise RefusedArchive("The ZIP file is damaged: its end is missing.")
    if tail[max(0, place - _LOCATOR_BYTES) : place].startswith(_LOCATOR):
        raise RefusedArchive("The ZIP file is of the 64-bit kind; please send a smaller one.")
    entries, directory_bytes = struct.unpack_from("<HL", tail, place + 10)
    if entries > MOST_ENTRIES or directory_bytes > MOST_DIRECTORY_BYTES:
        raise RefusedArchive(f"The ZIP file has too many entries; the limit is {MOST_ENTRIES}.")


def _refuse_sizes(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    if len(entries) > MOST_ENTRIES:
        raise RefusedArchive(f"The ZIP file has too many entries; the limit is {MOST_ENTRIES}.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > limits.max_bytes:
        raise AlbumTooLarge(
            f"Unpacked, the ZIP file has {unpacked / 1e6:,.0f} MB; "
            f"the limit is {limits.max_bytes / 1e6:,.0f} MB."
        )
    if unpacked > HIGHEST_RATIO * max(packed, 1):
        raise RefusedArchive("The ZIP file unpacks to far more than photos would.")


def _refuse_hostile(entry: zipfile.ZipInfo) -> None:
    name = presentable(entry.filename)
    # zipfile cuts a name at its first NUL; what stood in the file is kept beside.
    path = entry.orig_filename.replace("\\", "/")
    if _OUTSIDE.search(path):
        raise RefusedArchive(f"The ZIP file has an entry that points outside: “{name}”.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedArchive(f"The ZIP file has a link or device in it: “{name}”.")
    if entry.flag_bits & _ENCRYPTED:
        raise RefusedArchive("The ZIP file is encrypted; please send one without a password.")
    if name.lower().endswith(_NESTED):
        raise RefusedArchive(f"The ZIP file has another archive in it: “{name}”.")
    if entry.compress_type not in _METHODS:
        raise RefusedArchive(f"“{name}” is packed in a way that is not read.")


def _refuse_overlaps(entries: list[zipfile.ZipInfo], end: int) -> None:
    """Every entry has bytes of its own, all before ``end``: a bomb's entries share theirs."""
    for entry in sorted(entries, key=lambda entry: entry.header_offset, reverse=True):
        name = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")
        if entry.header_offset + _LOCAL_HEADER_BYTES + len(name) + entry.compress_size > end:
            raise RefusedArchive("The ZIP file has entries that lie over one another.")
        end = entry.header_offset


def _is_photo(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is meant as a photo, and not left there by a system."""
    parts = entry.filename.split("/")
    hidden = any(part.startswith(".") for part in parts) or parts[0] == "__MACOSX"
    return not hidden and parts[-1].lower() not in ("", "thumbs.db")  # "": a folder
