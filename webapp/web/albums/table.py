"""The table of all faces of an album, filtered and sorted as the URL says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from webapp.albums.album import Album, AlbumPhoto
from webapp.results.upload import quotable
from webapp.vision.buckets import BUCKETS
from webapp.vision.types import Face
from webapp.web.errors import InvalidOption

LEAST_CONFIDENCES = ("0.5", "0.75", "0.9")


@dataclass(frozen=True)
class FaceLine:
    """One face of an album."""

    photo: AlbumPhoto
    number: int
    face: Face


SORTS: Mapping[str, tuple[LazyString, Callable[[FaceLine], Any]]] = {
    "photo": (lazy_gettext("Photo"), lambda line: (line.photo.number, line.number)),
    "age": (lazy_gettext("Age"), lambda line: BUCKETS.index(line.face.age.bucket)),
    "age_confidence": (lazy_gettext("Age confidence"), lambda line: line.face.age.confidence),
    "gender": (lazy_gettext("Gender"), lambda line: line.face.gender.label),
    "gender_confidence": (
        lazy_gettext("Gender confidence"),
        lambda line: line.face.gender.confidence,
    ),
}
"""The columns to sort by: title, and sort key of a line."""


@dataclass(frozen=True)
class View:
    """Which faces are shown, and in which order; empty means all."""

    photo: str = ""
    bucket: str = ""
    gender: str = ""
    # Least confidence of the age.
    least: str = ""
    sort: str = "photo"
    descending: str = ""

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "View":
        """The view that a URL's arguments ask for. Raises InvalidOption."""
        allowed = {
            "bucket": ("", *BUCKETS),
            "gender": ("", "female", "male"),
            "least": ("", *LEAST_CONFIDENCES),
            "sort": tuple(SORTS),
            "descending": ("", "1"),
        }
        for name, values in allowed.items():
            if arguments.get(name, values[0]) not in values:
                raise InvalidOption(
                    "There is no %(name)s “%(value)s”.", name=name, value=quotable(arguments[name])
                )
        known = {name: arguments[name] for name in ("photo", *allowed) if name in arguments}
        return cls(**known)

    def sorted_by(self, column: str) -> dict[str, str]:
        """The arguments of this view sorted by a column; sorting again reverses the order."""
        turned = "1" if column == self.sort and not self.descending else ""
        return {**self.filters, "sort": column, "descending": turned}

    @property
    def filters(self) -> dict[str, str]:
        """The arguments without the order."""
        return {
            "photo": self.photo,
            "bucket": self.bucket,
            "gender": self.gender,
            "least": self.least,
        }

    def lines(self, album: Album) -> list[FaceLine]:
        """The faces of an album that this view shows, in its order."""
        shown = [line for line in all_faces(album) if self._shows(line)]
        key = SORTS[self.sort][1]
        return sorted(shown, key=key, reverse=bool(self.descending))

    def _shows(self, line: FaceLine) -> bool:
        face = line.face
        return (
            self.photo.casefold() in line.photo.name.casefold()
            and self.bucket in ("", face.age.bucket)
            and self.gender in ("", face.gender.label)
            and face.age.confidence >= float(self.least or 0)
        )


def all_faces(album: Album) -> list[FaceLine]:
    """Every face, photo by photo."""
    return [
        FaceLine(photo, number, face)
        for photo, analysis in album.successes
        for number, face in enumerate(analysis.faces, start=1)
    ]
