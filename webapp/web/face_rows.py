"""The faces of an analysis on the result page: labels in the photo and lines beside it."""

from dataclasses import dataclass

from flask_babel import gettext

from webapp.vision.annotate import place_label
from webapp.vision.types import Analysis, Box, Face
from webapp.vision.words import is_certain
from webapp.web.age_chart import AgeChart, age_chart
from webapp.web.wording import age_in_words, gender_in_words

# Of labels, as shares of the photo's longer side and of their own height.
_SMALLEST_TEXT, _LARGEST_TEXT = 1 / 72, 1 / 50
_TEXT_PER_FACE = 0.17
_LINE_HEIGHT, _LETTER_WIDTH = 1.4, 0.6


@dataclass(frozen=True)
class PhotoLabel:
    """A label with a face's number, age and gender, in pixels of the photo.

    ``fits`` if it covers no face and no other label; others are shown on demand.
    """

    text: str
    place: Box
    fits: bool


@dataclass(frozen=True)
class FaceRow:
    """One face, and how it is drawn; lengths in pixels of the photo."""

    number: int
    face: Face
    badge: Box
    label: PhotoLabel
    chart: AgeChart

    @property
    def summary(self) -> str:
        """One line for the face, shown when its box is focused."""
        return gettext(
            "Face %(number)s: %(age)s years, %(gender)s",
            number=self.number,
            age=age_in_words(self.face.age),
            gender=gender_in_words(self.face),
        )


def face_rows(analysis: Analysis) -> list[FaceRow]:
    """Every face of an analysis, ready for the template."""
    badges = [_badge(number, face.box, analysis) for number, face in enumerate(analysis.faces, 1)]
    labels = _labels(analysis, badges)
    faces = zip(analysis.faces, badges, labels, strict=True)
    return [
        FaceRow(number, face, badge, label, age_chart(face.age))
        for number, (face, badge, label) in enumerate(faces, start=1)
    ]


def _badge(number: int, box: Box, analysis: Analysis) -> Box:
    """The badge with a face's number: on top of its box, or inside if there is no room."""
    side = max(analysis.width, analysis.height)
    height = round(min(max(0.4 * box.width, side / 45), side / 20))
    width = round(height * (0.6 + 0.6 * len(str(number))))
    left = min(box.x, max(analysis.width - width, 0))
    top = box.y - height
    return Box(left, top if top >= 0 else box.y, width, height)


def _labels(analysis: Analysis, badges: list[Box]) -> list[PhotoLabel]:
    """One label per face. A label that fits replaces the face's badge, so only the badges of
    others must stay free.
    """
    taken = [face.box for face in analysis.faces]
    labels: list[PhotoLabel] = []
    for index, face in enumerate(analysis.faces):
        text = label_text(index + 1, face)
        occupied = [*taken, *badges[:index], *badges[index + 1 :]]
        picture = (analysis.width, analysis.height)
        place = place_label(face.box, _size(text, face.box, max(picture)), picture, occupied)
        fits = place.right <= analysis.width and not any(map(place.intersection, occupied))
        if fits:
            taken.append(place)
        labels.append(PhotoLabel(text, place, fits))
    return labels


def label_text(number: int, face: Face) -> str:
    """Number, age and gender; an age with a question mark is only the likeliest of several."""
    doubt = "" if is_certain(face.age) else "?"
    return f"{number} · {face.age.bucket}{doubt} {gender_in_words(face)}"


def _size(text: str, box: Box, side: int) -> tuple[int, int]:
    """Width and height of a label for a text, whose letters the browser makes a little narrower."""
    letter = min(max(_TEXT_PER_FACE * box.width, side * _SMALLEST_TEXT), side * _LARGEST_TEXT)
    return round(letter * (_LETTER_WIDTH * len(text) + 1)), round(letter * _LINE_HEIGHT)
