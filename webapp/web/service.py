"""What the pages and the API ask for: analyse a photo, keep it, give it back drawn."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.comparison.picture import comparison_picture, panels
from webapp.comparison.side_by_side import Contender, compare
from webapp.settings import Settings
from webapp.store.results import NOBODY, ResultStore, StoredResult
from webapp.store.sweeper import Sweeper
from webapp.vision.analyzer import Examination, Registry
from webapp.vision.annotate import annotate
from webapp.vision.decode import decode
from webapp.vision.errors import VisionError
from webapp.vision.photo import Photo, encode_jpeg, encode_png
from webapp.vision.pipeline import examine_bytes
from webapp.vision.types import Analysis
from webapp.web.gate import Gate
from webapp.web.metrics import Metrics
from webapp.web.record import Choices, ComparisonRecord, Record
from webapp.web.uploads import Upload

RECORD, ORIGINAL, DISPLAY = "record.json", "original", "display.jpg"
COMPARISON, SIDE_BY_SIDE = "comparison.json", "side-by-side.jpg"
JPEG, PNG = "jpg", "png"
CROP_QUALITY = 95


def crop_name(number: int) -> str:
    """The file of a face's crop; faces count from 1."""
    return f"face-{number}.jpg"


def panel_name(number: int) -> str:
    """The file of a contender's panel; contenders count from 0."""
    return f"panel-{number}.jpg"


def gender_crop_name(number: int) -> str:
    """The file of what the gender network saw, where that is another network than for age."""
    return f"face-{number}-gender.jpg"


@dataclass(frozen=True)
class Kept:
    """A stored result and what it says."""

    stored: StoredResult
    record: Record

    @property
    def analysis(self) -> Analysis:
        return self.record.analysis


class PhotoService:
    """The use cases of the web app, behind one gate and over one result store.

    It keeps ``further_stores`` swept, too.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        further_stores: Sequence[ResultStore] = (),
        metrics: Metrics | None = None,
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.results = ResultStore(settings.store_address("results"), settings.keep)
        self._metrics = metrics or Metrics()
        self._gate = Gate(
            settings.inference_slots, settings.inference_waiting, self._metrics.gate_changed
        )
        self._sweeper = Sweeper([self.results, *further_stores])
        self._warm = threading.Event()

    def warm_up(self) -> None:
        """Build the default networks and start sweeping. To be called in each worker, once."""
        self.registry.analyzer()
        self._sweeper.start()
        self._warm.set()

    def close(self) -> None:
        """Stop sweeping; the networks stay usable."""
        self._sweeper.stop()

    @property
    def ready(self) -> bool:
        """Whether the default networks have been built."""
        return self._warm.is_set()

    def analyze(self, upload: Upload, choices: Choices) -> Analysis:
        """Analyse a photo and forget it. Raises Busy, and what decoding and choosing raise."""
        with self._gate.entered():
            return self._examine(upload, choices)[1].analysis

    def keep(self, upload: Upload, choices: Choices, owner: str = NOBODY) -> str:
        """Analyse a photo, store the result for its owner and return its id. Raises the same."""
        with self._gate.entered():
            photo, examination = self._examine(upload, choices)
            display = encode_jpeg(photo.bounded(self.settings.display_long_side))
            crops = [encode_jpeg(crop, CROP_QUALITY) for crop in examination.crops]
        record = Record(upload.name, choices, examination.analysis)
        files = {RECORD: record.to_json(), ORIGINAL: upload.data, DISPLAY: display}
        files.update({crop_name(number): crop for number, crop in enumerate(crops, start=1)})
        for number, crop in enumerate(examination.gender_crops, start=1):
            files[gender_crop_name(number)] = encode_jpeg(crop, CROP_QUALITY)
        return self.results.create(files, owner)

    def open(self, result_id: str, owner: str = NOBODY) -> Kept:
        """A stored result of this owner. Raises UnknownResult."""
        stored = self.results.open(result_id, owner)
        return Kept(stored, Record.from_json(stored.read(RECORD)))

    def keep_again(self, kept: Kept, choices: Choices, owner: str = NOBODY) -> str:
        """Analyse the photo of a stored result with other choices; a new result's id."""
        upload = Upload(kept.record.name, kept.stored.read(ORIGINAL))
        return self.keep(upload, choices, owner)

    def keep_comparison(
        self, upload: Upload, contenders: Sequence[Contender], owner: str = NOBODY
    ) -> str:
        """Let several detectors and networks look at a photo, store that and return its id."""
        with self._gate.entered():
            photo = decode(upload.data, self.settings.photo_limits)
            comparison = compare(photo, self.registry, contenders, self.settings.detection())
            pictures = panels(photo, comparison)
        files = {panel_name(number): encode_jpeg(one) for number, one in enumerate(pictures)}
        files[SIDE_BY_SIDE] = encode_jpeg(comparison_picture(pictures))
        files[COMPARISON] = ComparisonRecord(upload.name, comparison).to_json()
        return self.results.create(files, owner)

    def annotated(self, kept: Kept, extension: str) -> bytes:
        """The photo in full resolution with boxes and labels, as a JPEG or PNG without metadata."""
        encode = encode_png if extension == PNG else encode_jpeg
        with self._gate.entered():
            photo = decode(kept.stored.read(ORIGINAL), self.settings.photo_limits)
            turned = photo.turned(kept.record.choices.quarter_turns)
            return encode(annotate(turned, kept.analysis).pixels)

    def _examine(self, upload: Upload, choices: Choices) -> tuple[Photo, Examination]:
        options = self.settings.detection(choices.threshold)
        analyzer = self.registry.analyzer(choices.detector, choices.model)
        try:
            photo, examination = examine_bytes(
                upload.data, self.settings.photo_limits, analyzer, options, choices.quarter_turns
            )
        except VisionError:
            self._metrics.failed()
            raise
        self._metrics.examined(examination.analysis)
        return photo, examination
