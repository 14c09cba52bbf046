"""Analyses in Python, without a server.

    from webapp.api import analyze

    photo = analyze("family.jpg")  # a path or the file's bytes → AnalyzedPhoto
    [(face.age.years, face.gender.label) for face in photo.faces]  # or photo.to_dataframe()

The first call loads the networks; the same ``AGELENS_*`` settings hold as for the server.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webapp.assembly import build_registry
from webapp.results.columns import COLUMNS, faces_as_csv, rows_of
from webapp.results.schema import analysis_document
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer, Turn
from webapp.vision.annotate import annotate
from webapp.vision.decode import start_decoder
from webapp.vision.errors import UnreadablePhoto
from webapp.vision.photo import Photo, encode_jpeg
from webapp.vision.types import Analysis, Face
from webapp.vision.words import age_in_words, faces_in_words, percentage

if TYPE_CHECKING:
    import pandas

NOTEBOOK_LONG_SIDE = 800
"""Longest side of the picture in a notebook, in pixels."""
_NAMELESS = "photo"


@dataclass(frozen=True)
class Options:
    """The choices for an analysis; None is the settings' default."""

    detector: str | None = None
    model: str | None = None
    # Least confidence of a detection, 0.0 to 1.0.
    threshold: float | None = None
    # Whether each photo is one face crop.
    crops: bool = False
    # Whether to average over ten views per face, if supported; None: as on the network's card.
    oversample: bool | None = None
    # Quarter turns clockwise, 0 to 3; None finds the turn that shows faces upright.
    turn: Turn = None


@dataclass(frozen=True, eq=False)
class AnalyzedPhoto:
    """A photo as it was analysed, upright, with its result."""

    name: str
    photo: Photo
    analysis: Analysis

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces, the most confident first."""
        return self.analysis.faces

    def annotated(self) -> Photo:
        """A copy of the photo with boxes and labels, in full resolution."""
        return annotate(self.photo, self.analysis)

    def to_dict(self) -> dict[str, Any]:
        """The API's JSON document."""
        return analysis_document(self.name, self.analysis)

    def to_csv(self) -> str:
        """The API's CSV table: a header and one row per face."""
        return faces_as_csv([(self.name, self.analysis)])

    def to_dataframe(self) -> pandas.DataFrame:
        """The columns of the CSV file, a row per face. Raises ImportError without pandas."""
        import pandas

        rows = list(rows_of([(self.name, self.analysis)]))
        return pandas.DataFrame({column.name: map(column.value, rows) for column in COLUMNS})

    def _repr_html_(self) -> str:
        """The picture and a table, for notebooks."""
        small = Photo.of(self.annotated().bounded(NOTEBOOK_LONG_SIDE)).pixels
        picture = b64encode(encode_jpeg(small)).decode()
        found = faces_in_words(len(self.faces), self.analysis.faces_found)
        rows = "".join(_row(number, face) for number, face in enumerate(self.faces, start=1))
        return (
            f'<figure><img src="data:image/jpeg;base64,{picture}" alt="{escape(self.name)}">'
            f"<figcaption>{escape(self.name)}: {found}</figcaption></figure>"
            "<table><tr><th>Face</th><th>Age</th><th>Years</th><th>Gender</th></tr>"
            f"{rows}</table>"
        )


def analyze(
    photo: str | Path | bytes,
    *,
    detector: str | None = None,
    model: str | None = None,
    threshold: float | None = None,
    turn: Turn = None,
) -> AnalyzedPhoto:
    """Find every face in a photo, given as a path or as the bytes of its file.

    No faces is a result, not an error. Raises VisionError, whose message is one sentence, or
    InvalidSetting.
    """
    settings = _settings()
    options = Options(detector, model, threshold, turn=turn)
    return analyze_with(_analyzer(detector, model), photo, options, settings)


def analyze_with(
    analyzer: Analyzer, photo: str | Path | bytes, options: Options, settings: Settings
) -> AnalyzedPhoto:
    """The same with a given analyzer. Raises VisionError."""
    examination = analyzer.examine_bytes(
        photo if isinstance(photo, bytes) else read_file(Path(photo), settings),
        settings.photo_limits,
        settings.detection(options.threshold),
        options.turn,
    )
    name = _NAMELESS if isinstance(photo, bytes) else Path(photo).name
    return AnalyzedPhoto(name, examination.photo, examination.analysis)


def analyzer_for(options: Options, settings: Settings) -> Analyzer:
    """The analyzer that the options ask for. Raises VisionError."""
    start_decoder()  # it loads while networks are built
    registry = build_registry(settings, options.oversample)
    analyzer = registry.analyzer(options.detector, options.model)
    return analyzer.for_crops() if options.crops else analyzer


def read_file(path: Path, settings: Settings) -> bytes:
    """A photo's bytes; if it is too large, just enough to know that. Raises UnreadablePhoto."""
    try:
        with path.open("rb") as file:
            return file.read(settings.max_bytes + 1)
    except OSError as error:
        raise UnreadablePhoto(f"The file cannot be read: {error.strerror}.") from error


@cache
def _settings() -> Settings:
    return Settings.from_environment()


@cache
def _analyzer(detector: str | None, model: str | None) -> Analyzer:
    return analyzer_for(Options(detector, model), _settings())


def _row(number: int, face: Face) -> str:
    years = "–" if face.age.years is None else f"{face.age.years:.0f}"
    gender = f"{face.gender.label} ({percentage(face.gender.confidence)})"
    cells = (str(number), age_in_words(face.age), years, gender)
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
