"""Drawings that commands make of photos, named after them and marked as drawings inside."""

from collections.abc import Iterable
from itertools import chain, count
from os.path import lexists
from pathlib import Path

from webapp.files import write_whole
from webapp.vision.errors import VisionError
from webapp.vision.photo import encode_jpeg
from webapp.vision.types import Pixels

MARK = b"drawn by agelens"
"""The comment in the JPEG files that are written here."""
# A JPEG's comment follows its signature and the JFIF segment, 20 bytes.
_HEAD_BYTES = 64


class Unwritable(VisionError):
    """A drawing could not be written to the disk."""

    code = "unwritable_picture"


def drawing_paths(photos: Iterable[Path], folder: Path) -> list[Path]:
    """The path for the drawing of each photo: ``<stem>.jpg`` in the folder.

    A number follows if an earlier photo has that name, or a file that is not a drawing. So the
    same photos get the same paths again, and only drawings are ever replaced.
    """
    paths: list[Path] = []
    taken: set[str] = set()
    for photo in photos:
        stems = chain([photo.stem], (f"{photo.stem}-{number}" for number in count(2)))
        free = (stem for stem in stems if stem.casefold() not in taken)
        paths.append(next(path for stem in free if _is_free(path := folder / f"{stem}.jpg")))
        taken.add(paths[-1].stem.casefold())
    return paths


def write_drawing(path: Path, pixels: Pixels) -> None:
    """Write a drawing, in place of an older one. Raises Unwritable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, encode_jpeg(pixels, comment=MARK))
    except OSError as error:
        raise Unwritable(f"The picture cannot be written: {error.strerror}.") from error


def is_drawing(file: Path) -> bool:
    """Whether a regular file is one of these pictures."""
    try:
        with file.open("rb") as opened:
            return MARK in opened.read(_HEAD_BYTES)
    except OSError:
        return False


def _is_free(path: Path) -> bool:
    return not lexists(path) or (path.is_file() and is_drawing(path))
