"""What a worker does with one album photo."""

import logging
import time

from webapp import logs
from webapp.albums.album import (
    MOST_ATTEMPTS,
    Failure,
    State,
    annotated_name,
    attempt_name,
    attempts_of,
    original_name,
    state_of,
    thumbnail_name,
)
from webapp.albums.lease import Lease
from webapp.albums.repository import contents, write_outcome
from webapp.errors import translatable
from webapp.metrics import Metrics
from webapp.results.schema import Record
from webapp.results.store.errors import UnknownResult
from webapp.results.store.result_store import ResultStore
from webapp.results.store.stored_result import StoredResult
from webapp.settings import Settings
from webapp.vision.annotate import annotate
from webapp.vision.errors import DecoderUnavailable, VisionError
from webapp.vision.models import ModelRegistry
from webapp.vision.photo import encode_jpeg

log = logging.getLogger(__name__)

THUMBNAIL_LONG_SIDE = 320
LOST = Failure(
    "worker_lost",
    translatable("The analysis of this photo failed %(count)s times and was given up."),
    {"count": MOST_ATTEMPTS},
)


class AlbumWorker:
    """Analyses photos of albums, each under a lease that no other worker has."""

    def __init__(
        self,
        settings: Settings,
        registry: ModelRegistry,
        store: ResultStore,
        metrics: Metrics | None = None,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._store = store
        self._metrics = metrics or Metrics()

    def analyze(self, album_id: str, number: int) -> None:
        """Analyse one photo, unless it has an outcome or another worker is on it.

        A task that comes twice, or for a deleted album, does nothing. Raises StoreError
        or OSError where the store or the disk fails, or DecoderUnavailable; the attempt then does
        not count.
        """
        logs.begin()
        try:
            stored = self._store.open_unchecked(album_id)
            ages = stored.ages()
            state = state_of(number, ages)
            if state is State.LOST:
                write_outcome(stored, number, LOST)
                self._log_outcome("lost", code=LOST.code)
            elif state is State.WAITING:
                self._attempt(stored, number, max(attempts_of(number, ages), default=0) + 1)
        except UnknownResult:
            log.info("A photo was deleted before its turn.")

    def _attempt(self, stored: StoredResult, number: int, attempt: int) -> None:
        lease = Lease(stored, attempt_name(number, attempt))
        if lease.claim():  # otherwise another worker was quicker
            with lease:
                self._finish(stored, number)

    def _finish(self, stored: StoredResult, number: int) -> None:
        """Analyse, and write the outcome last: if it exists, so do the pictures."""
        started = time.perf_counter()
        document = contents(stored)
        choices = document.choices
        data = stored.read(original_name(number))
        try:
            analyzer = self._registry.analyzer(choices.detector, choices.model)
            options = self._settings.detection(choices.threshold)
            examination = analyzer.examine_bytes(
                data, self._settings.photo_limits, options, choices.quarter_turns
            )
            photo, analysis = examination.photo, examination.analysis
            thumbnail = encode_jpeg(photo.bounded(THUMBNAIL_LONG_SIDE))
            annotated = encode_jpeg(annotate(photo, analysis).pixels)
        except DecoderUnavailable:
            raise
        except VisionError as error:
            write_outcome(stored, number, Failure(error.code, error.template, error.values))
            self._metrics.failed()
            self._log_outcome("failed", code=error.code)
            return
        stored.add(thumbnail_name(number), thumbnail)
        stored.add(annotated_name(number), annotated)
        record = Record(document.names[number - 1], choices, analysis)
        write_outcome(stored, number, record)
        self._metrics.examined(analysis)
        total = round(1000 * (time.perf_counter() - started), 1)
        self._log_outcome("done", ms=total)

    def _log_outcome(self, outcome: str, **facts: object) -> None:
        """Count and log an outcome, without saying which photo it was."""
        self._metrics.album_photo(outcome)
        log.info("album photo", extra={"outcome": outcome, **facts})
