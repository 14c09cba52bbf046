"""ZIP files from strangers: harmful ones are refused before anything is unpacked.

A photo that fails after it was stored costs little; an archive that lies can cost a server. So
sizes are added up from the directory, which is itself bounded, and reading stops where it says.
The checks follow OWASP's File Upload Cheat Sheet and D. Fifield, "A better zip bomb" (2019). One
member that cannot be read is listed as a failed photo; the others are still read.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from webapp.albums.album import Failure, UnreadUpload
from webapp.albums.errors import AlbumTooLarge, RefusedArchive
from webapp.albums.zip_names import paths_of, raw_name, without_utf8_flags
from webapp.errors import translatable
from webapp.results.upload import Upload, clean_path
from webapp.vision.decode.candidates import HEAD_BYTES, is_in_system_folder, may_be_photo
from webapp.vision.errors import UnreadablePhoto

DAMAGED = translatable("It is damaged and cannot be read from the ZIP file.")
UNKNOWN_METHOD = translatable("Its compression method is not supported.")

# A member; the end of an empty archive; two marks that may stand before the first member.
ARCHIVE_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00")
# Members that are not photos count, too: a NAS stores eight and more thumbnails per photo.
MOST_ENTRIES = 10_000
# Directory bytes that so many members with long names can need.
MOST_DIRECTORY_BYTES = 2_000_000
# JPEG hardly shrinks in an archive; a blank BMP does, by some dozens.
HIGHEST_RATIO = 100
# APPNOTE 4.3.7: what stands before a member's name and data.
_LOCAL_HEADER_BYTES = 30
# Of the other methods a few bytes unpack to gigabytes in one go (bzip2), and no photo needs them.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# APPNOTE 4.4.4: encrypted, strongly encrypted, with an encrypted directory.
_ENCRYPTED = 0x1 | 0x40 | 0x2000
# From the root, from a drive, upwards, or with a NUL that cuts the name short.
_OUTSIDE = re.compile(r"^/|^[A-Za-z]:/|(^|/)\.\.(/|$)|\x00")
_NESTED = (".zip", ".7z", ".rar", ".tar", ".gz", ".bz2", ".xz", ".zst", ".tgz")
# What zipfile raises for damage: its own error, and whatever stumbles over a wrong number.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError)
_UNSUPPORTED = (NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class ArchiveLimits:
    """Limits on the contents of an archive."""

    # All photos unpacked.
    max_bytes: int
    # Of a larger photo, only enough is read to know that it is too large.
    max_photo_bytes: int


@dataclass(frozen=True)
class Member:
    """A file in an archive, and its path with slashes between folders."""

    entry: zipfile.ZipInfo
    path: str

    @property
    def name(self) -> str:
        """The path for display."""
        return clean_path(self.path)

    @property
    def is_folder(self) -> bool:
        return self.path.endswith("/") or stat.S_ISDIR(self.entry.external_attr >> 16)

    @property
    def is_nested_archive(self) -> bool:
        return self.path.lower().endswith(_NESTED)

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be read, according to the directory; None if it can."""
        if _OUTSIDE.search(self.path):
            return translatable("Its path leads out of the ZIP file.")
        if stat.S_IFMT(self.entry.external_attr >> 16) not in (0, stat.S_IFREG):
            return translatable("It is a link or a device.")
        if self.entry.flag_bits & _ENCRYPTED:
            return translatable("It is encrypted; please pack it without a password.")
        if self.is_nested_archive:
            return translatable("It is another archive; please send that by itself.")
        if self.entry.compress_type not in _METHODS:
            return UNKNOWN_METHOD
        return None


class Archive:
    """A ZIP file whose directory has been checked."""

    def __init__(self, file: IO[bytes], limits: ArchiveLimits) -> None:
        """Read and check the directory. Raises RefusedArchive or AlbumTooLarge."""
        self._zip = _opened(file)
        self._limits = limits
        entries = self._zip.infolist()
        _refuse_many(entries)
        paths = paths_of(entries)
        members = [Member(*pair) for pair in zip(entries, paths, strict=True)]
        files = [member for member in members if not member.is_folder]
        self._photos = [member for member in files if self._counts(member)]
        self.left_out = len(files) - len(self._photos)
        readable = [member.entry for member in self._photos if member.obstacle is None]
        _refuse_sizes(readable, limits)
        _refuse_overlaps(entries, self._zip.start_dir)
        if self._photos and not readable:
            raise RefusedArchive(self._photos[0].obstacle or DAMAGED)
        self.photo_bytes = sum(entry.file_size for entry in readable)

    def __len__(self) -> int:
        """How many photos it holds; nested archives count, and are listed as failed photos."""
        return len(self._photos)

    def photos(self) -> Iterator[Upload | UnreadUpload]:
        """The photos one by one, or the reason why one cannot be read."""
        for member in self._photos:
            obstacle, data = member.obstacle, b""
            if obstacle is None:
                try:
                    data = self._beginning(member, self._limits.max_photo_bytes + 1)
                except _DAMAGED:
                    obstacle = DAMAGED
                except _UNSUPPORTED:
                    obstacle = UNKNOWN_METHOD
            yield Upload(member.name, data) if obstacle is None else _unread(member, obstacle)

    def _counts(self, member: Member) -> bool:
        """Whether a file is meant as a photo, and not left there by a system."""
        if is_in_system_folder(member.path.split("/")):
            return False
        return member.is_nested_archive or may_be_photo(member.path, lambda: self._head(member))

    def _head(self, member: Member) -> bytes:
        """The first bytes of a member; of one that cannot be read, none."""
        try:
            return b"" if member.obstacle else self._beginning(member, HEAD_BYTES)
        except (*_DAMAGED, *_UNSUPPORTED):
            return b""

    def _beginning(self, member: Member, most: int) -> bytes:
        with self._zip.open(member.entry) as file:
            return file.read(most)


class _BoundedDirectory:
    """A file for ``zipfile``, which takes a directory of any size into memory, and finds a whole
    archive damaged for one name that is said to be UTF-8 and is not.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.is_bounded = True
        self.seek, self.tell, self.seekable = file.seek, file.tell, lambda: True

    def read(self, size: int = -1) -> bytes:
        """Raises RefusedArchive if it is asked for more than a directory may have."""
        if self.is_bounded and size > MOST_DIRECTORY_BYTES:
            raise _too_many_entries()
        data = self._file.read(size)
        return without_utf8_flags(data) if self.is_bounded else data


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    bounded = _BoundedDirectory(file)
    try:
        opened = zipfile.ZipFile(bounded)
    except (*_DAMAGED, *_UNSUPPORTED) as error:
        raise RefusedArchive("The ZIP file is damaged.") from error
    bounded.is_bounded = False
    return opened


def _too_many_entries() -> RefusedArchive:
    return RefusedArchive(
        "The ZIP file has too many entries; the limit is %(limit)s.", limit=MOST_ENTRIES
    )


def _refuse_many(entries: Sequence[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _too_many_entries()


def _refuse_sizes(photos: Sequence[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    unpacked = sum(entry.file_size for entry in photos)
    packed = sum(entry.compress_size for entry in photos)
    if unpacked > limits.max_bytes:
        raise AlbumTooLarge(
            "Unpacked, the ZIP file would have %(size)s MB; the limit is %(limit)s MB.",
            size=round(unpacked / 1e6),
            limit=round(limits.max_bytes / 1e6),
        )
    if unpacked > HIGHEST_RATIO * max(packed, 1):
        raise RefusedArchive("The ZIP file expands far more than photos do.")


def _refuse_overlaps(entries: Sequence[zipfile.ZipInfo], end: int) -> None:
    """Refuse members that share bytes, as in a ZIP bomb, or that reach beyond ``end``."""
    for entry in sorted(entries, key=lambda entry: entry.header_offset, reverse=True):
        used = _LOCAL_HEADER_BYTES + len(raw_name(entry)) + entry.compress_size
        if entry.header_offset + used > end:
            raise RefusedArchive("The ZIP file has overlapping entries.")
        end = entry.header_offset


def _unread(member: Member, obstacle: str) -> UnreadUpload:
    return UnreadUpload(member.name, Failure(UnreadablePhoto.code, obstacle))
