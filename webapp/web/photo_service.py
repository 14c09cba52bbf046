"""The operations behind pages and API: analyse a photo, store it, draw the result."""

import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from webapp.albums.album import ORIGINAL, OUTCOME, PhotoId
from webapp.albums.repository import AlbumRepository, show_corrected
from webapp.metrics import Metrics
from webapp.results.comparison import Contender, compare
from webapp.results.comparison_picture import picture_files
from webapp.results.runs import FIRST, RECORD, name_in_run
from webapp.results.schema import Choices, ComparisonRecord, ExplanationRecord, Record
from webapp.results.store.result_store import ResultStore
from webapp.results.store.stored_result import StoredResult
from webapp.results.store.sweeper import Sweeper
from webapp.results.upload import Upload
from webapp.settings import Settings
from webapp.vision.analyzer import Analyzer, Examination
from webapp.vision.annotate import annotate
from webapp.vision.decode import decode, start_decoder
from webapp.vision.drawings import Style, draw
from webapp.vision.errors import VisionError
from webapp.vision.models import ModelRegistry
from webapp.vision.photo import Photo, encode_jpeg, encode_png
from webapp.vision.types import Analysis, Box, Face
from webapp.web.concurrency import ConcurrencyLimiter
from webapp.web.corrections import Correction, corrected
from webapp.web.stored_analysis import COMPARISON, DISPLAY, StoredAnalysis, crop_files, crop_name

JPEG, PNG = "jpg", "png"
FRAME_BYTES, FRAME_PIXELS = 500_000, 640 * 640
"""Largest frame of a live picture, as it counts as a tenth of a photo."""
FRAME_DETECTION_PIXELS = 160_000
"""What a detector sees of a frame: RetinaFace takes half the time that the whole frame takes, and
still finds a face of a sixteenth of the picture's width."""


class PhotoService:
    """The operations of the web app on photos, single ones and those of albums, under one
    concurrency limiter. It also sweeps both stores.
    """

    def __init__(
        self,
        settings: Settings,
        registry: ModelRegistry,
        albums: AlbumRepository,
        metrics: Metrics | None = None,
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.results = ResultStore(settings.store_address("results"), settings.keep)
        self._metrics = metrics or Metrics()
        self._limiter = ConcurrencyLimiter(
            settings.inference_slots, settings.inference_waiting, self._metrics.slots_changed
        )
        self._albums = albums
        self._sweeper = Sweeper([self.results, albums.store])
        self._warm = threading.Event()

    def warm_up(self) -> None:
        """Build the default networks and start sweeping. Call it once per worker."""
        start_decoder()  # it loads while networks are built
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
        with self._limiter.slot():
            return self._examine(upload, choices).analysis

    def analyze_frame(self, data: bytes) -> Analysis:
        """Analyse one frame of a live picture and forget it. It waits for nobody, so that photos
        come first: raises Busy where no slot is free, and what decoding raises.
        """
        limits = replace(self.settings.photo_limits, max_bytes=FRAME_BYTES, max_pixels=FRAME_PIXELS)
        options = replace(self.settings.detection(), pixels=FRAME_DETECTION_PIXELS)
        with self._limiter.slot(wait=False):
            return self.registry.analyzer().examine_bytes(data, limits, options).analysis

    def analyze_and_draw(self, upload: Upload, choices: Choices) -> bytes:
        """Analyse a photo and forget it; a JPEG of it with boxes and labels. Raises the same."""
        with self._limiter.slot():
            examination = self._examine(upload, choices)
            return encode_jpeg(annotate(examination.photo, examination.analysis).pixels)

    def analyze_and_store(self, upload: Upload, choices: Choices, owner: str) -> str:
        """Analyse a photo, store both for their owner and return the id. Raises the same."""
        files = self._analyzed(upload, choices)
        return self.results.create({ORIGINAL: upload.data, **files}, owner)

    def open(self, result_id: str, run: int, owner: str) -> StoredAnalysis:
        """An analysis of an upload of this owner, or of a photo of an album.

        Raises UnknownResult.
        """
        stored = self._stored(result_id, owner)
        record = Record.from_json(stored.read(name_in_run(run, RECORD)))
        return StoredAnalysis(result_id, stored, run, record)

    def _stored(self, result_id: str, owner: str) -> StoredResult:
        photo = PhotoId.of(result_id)
        if photo is None:
            return self.results.open(result_id, owner)
        stored = self._albums.open_photo(photo.album, photo.number, owner)
        if not stored.read_all([RECORD]):
            self._complete(stored, Record.from_json(stored.read(OUTCOME)))
        return stored

    def _complete(self, stored: StoredResult, record: Record) -> None:
        """Add to a photo of an album what a single photo has from the beginning; many are never
        looked at closely.
        """
        analysis = record.analysis
        analyzer = self.registry.analyzer(analysis.detector, analysis.model)
        with self._limiter.slot():
            photo = self._decoded(stored, analysis.quarter_turns)
            crops = analyzer.crops(photo, analysis.faces)
        files = {DISPLAY: encode_jpeg(photo.bounded(self.settings.display_long_side))}
        files |= crop_files(crops, map(crop_name, count(1)))
        files[RECORD] = record.to_json()  # last: where it is, the others are, too
        for name, data in files.items():
            stored.add(name, data)

    def reanalyze(self, before: StoredAnalysis, choices: Choices) -> int:
        """Analyse a stored upload again with other choices; returns the number of the run.

        It is kept with the upload, as long as the upload, and deleted with it.
        """
        stored = before.stored
        files = self._analyzed(Upload(before.record.name, stored.read(ORIGINAL)), choices)
        run = before.new_run()
        for name, data in files.items():
            stored.add(name_in_run(run, name), data)
        return run

    def correct(self, before: StoredAnalysis, correction: Correction) -> int:
        """Change the faces of an analysis as a person says; the number of the run that has them.

        What a detector found stays as it is: the first correction begins a new run, and further
        ones change that. An album shows what was corrected last of its own analyses. Raises
        InvalidOption for a box or face that cannot be.
        """
        checked = correction.checked(before.analysis, self.settings.max_faces)
        run = before.run if before.analysis.corrected else before.new_run()
        seen = None if checked.box is None else self._seen(before, run, checked.box)
        record = corrected(before.record, before.crop_names, checked, seen)
        record = replace(record, began_as=before.record.began_as or before.run)
        self._store_corrected(replace(before, run=run, record=record))
        return run

    def _seen(self, one: StoredAnalysis, run: int, box: Box) -> tuple[Face, str]:
        """The face in a box, and the file of its crop, which is stored."""
        analyzer = self._analyzer_of(one)
        with self._limiter.slot():
            examination = analyzer.examine_box(self._photo_of(one), box)
        crop = name_in_run(run, f"face-{secrets.token_hex(4)}.jpg")
        for name, data in crop_files(examination.crops, [crop]).items():
            one.stored.add(name, data)
        return examination.analysis.faces[0], crop

    def _store_corrected(self, one: StoredAnalysis) -> None:
        in_album = PhotoId.of(one.id) is not None and one.record.began_as == FIRST
        if in_album:
            self.drawing(one, "annotated", JPEG)  # its ZIP has only what is drawn already
        one.stored.add(name_in_run(one.run, RECORD), one.record.to_json())
        if in_album:
            show_corrected(one.stored, one.run)

    def explain(self, one: StoredAnalysis, number: int) -> ExplanationRecord:
        """Where in its crop the answers for a face come from; computed on the first request.

        Raises UnknownResult where there is no such face.
        """
        name = one.crop_name(number).replace(".jpg", "-why.json")
        analyzer, face = self._analyzer_of(one), one.analysis.faces[number - 1]

        def make() -> bytes:
            with self._limiter.slot():
                return ExplanationRecord(*analyzer.explain(self._photo_of(one), face)).to_json()

        return ExplanationRecord.from_json(one.cached_file(name, make))

    def compare_and_store(self, upload: Upload, contenders: Sequence[Contender], owner: str) -> str:
        """Compare several detectors and networks on a photo, store the result and return its id."""
        with self._limiter.slot():
            photo = decode(upload.data, self.settings.photo_limits)
            comparison = compare(photo, self.registry, contenders, self.settings.detection())
            files = picture_files(photo, comparison)
        files[COMPARISON] = ComparisonRecord(upload.name, comparison).to_json()
        return self.results.create(files, owner)

    def drawing(self, one: StoredAnalysis, style: Style, extension: str) -> bytes:
        """A picture of the photo in full resolution, as a JPEG or PNG without metadata.

        It is drawn on the first request and then stored with the result.
        """
        encode = encode_png if extension == PNG else encode_jpeg

        def make() -> bytes:
            with self._limiter.slot():
                return encode(draw(self._photo_of(one), one.analysis, style).pixels)

        return one.cached(f"{style}.{extension}", make)

    def _analyzer_of(self, one: StoredAnalysis) -> Analyzer:
        return self.registry.analyzer(one.analysis.detector, one.analysis.model)

    def _photo_of(self, one: StoredAnalysis) -> Photo:
        """The upload, turned as it was analysed."""
        return self._decoded(one.stored, one.analysis.quarter_turns)

    def _decoded(self, stored: StoredResult, quarter_turns: int) -> Photo:
        return decode(stored.read(ORIGINAL), self.settings.photo_limits).turned(quarter_turns)

    def _analyzed(self, upload: Upload, choices: Choices) -> dict[str, bytes]:
        """The files of a new analysis; the record comes last: where it is, the others are, too."""
        with self._limiter.slot():
            examination = self._examine(upload, choices)
            display = examination.photo.bounded(self.settings.display_long_side)
            files = {DISPLAY: encode_jpeg(display)}
            files |= crop_files(examination.crops, map(crop_name, count(1)))
        files[RECORD] = Record(upload.name, choices, examination.analysis).to_json()
        return files

    def _examine(self, upload: Upload, choices: Choices) -> Examination:
        options = self.settings.detection(choices.threshold)
        analyzer = self.registry.analyzer(choices.detector, choices.model)
        try:
            examination = analyzer.examine_bytes(
                upload.data, self.settings.photo_limits, options, choices.quarter_turns
            )
        except VisionError:
            self._metrics.failed()
            raise
        self._metrics.examined(examination.analysis)
        return examination
