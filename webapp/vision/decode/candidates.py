"""Which files of a folder or an archive may be photos, and which folders are skipped."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import PurePosixPath

from PIL import Image

from webapp.vision.decode.decoder import FORMATS

HEAD_BYTES = 16
"""How many bytes of a file it takes to recognise a photo."""

# Extensions of JPEG files that Pillow does not list; MPO is a JPEG with further pictures behind.
_MORE_SUFFIXES = {".jif", ".jfi", ".pjp", ".pjpeg"}
_MORE_FORMATS = ("MPO",)
# TIFF is left out: cameras' raw files begin like it. So is BMP, whose "BM" begins many a text.
_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
# ISO/IEC 23008-12, annex B, and the AVIF specification, section 6; videos have other brands.
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
# Thumbnails, deleted files and metadata that macOS, Windows, Linux, Synology and QNAP keep.
_SYSTEM_FOLDERS = {
    *("__macosx", "@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot"),
    *("$recycle.bin", "recycler", "system volume information", "lost+found"),
}


def may_be_photo(name: str, head: Callable[[], bytes]) -> bool:
    """Whether a file is taken for a photo, by its extension or else by its first bytes.

    ``head`` gives at least the first HEAD_BYTES bytes; it is called only where it is needed.
    """
    return PurePosixPath(name).suffix.lower() in _suffixes() or _is_head_of_photo(head())


def is_system_name(name: str) -> bool:
    """Whether a file or folder is hidden or belongs to the system."""
    is_hidden = name.startswith(".") and name not in (".", "..")
    return is_hidden or name.casefold() in _SYSTEM_FOLDERS


def is_in_system_folder(parts: Iterable[str]) -> bool:
    """Whether a path with these parts is such a file or lies in such a folder."""
    return any(is_system_name(part) for part in parts)


@cache
def _suffixes() -> frozenset[str]:
    known = Image.registered_extensions().items()
    read = {suffix for suffix, format_name in known if format_name in (*FORMATS, *_MORE_FORMATS)}
    return frozenset(read | _MORE_SUFFIXES)


def _is_head_of_photo(head: bytes) -> bool:
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head.startswith(_HEADS) or (head[4:8] == b"ftyp" and head[8:12] in _BRANDS)
