"""Metrics for Prometheus.

Every process counts into files in one folder (``PROMETHEUS_MULTIPROC_DIR``, set by ``agelens
serve``), and the process that is asked adds them up. Without that folder, a process reports only
its own.
"""

import os
import resource
import sys
from functools import partial
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.registry import CollectorRegistry

from webapp import logs
from webapp.vision.types import Analysis

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


def shared_folder() -> str | None:
    """The folder, made anew where somebody has emptied that of temporary files; None without."""
    folder = os.environ.get(FOLDER)
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return folder


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        shared_folder()
        # Several apps in one process, as in tests, must not meet in prometheus_client's own.
        self.registry = CollectorRegistry()
        counter = partial(Counter, registry=self.registry)
        histogram = partial(Histogram, buckets=SECONDS, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        self._photos = counter("agelens_photos", "Photos by outcome.", ["outcome"])
        self._faces = counter("agelens_faces", "Faces found.")
        self._stages = histogram(
            "agelens_stage_seconds", "Duration of each stage of an analysis in seconds.", ["stage"]
        )
        self._requests = histogram(
            "agelens_request_seconds",
            "Seconds from a request's arrival in a thread to its response.",
            ["endpoint"],
        )
        self._refusals = counter("agelens_refusals", "Requests refused, by code.", ["code"])
        self._album_photos = counter(
            "agelens_album_photos", "Album photos by outcome.", ["outcome"]
        )
        self._running = gauge(
            "agelens_analyses_running", "Analyses that run.", multiprocess_mode="livesum"
        )
        self._waiting = gauge(
            "agelens_analyses_waiting", "Analyses waiting for a slot.", multiprocess_mode="livesum"
        )
        self._memory = gauge(
            "agelens_resident_memory_bytes",
            "Memory of each process after its last request or photo.",
            multiprocess_mode="liveall",
        )
        self._memory.set(resident_bytes())

    def examined(self, analysis: Analysis) -> None:
        """A photo was analysed; this is also noted in the log line."""
        self._photos.labels("faces" if analysis.faces else "no_faces").inc()
        self._faces.inc(analysis.faces_found)
        for stage, milliseconds in analysis.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)
        timings = {f"{stage}_ms": value for stage, value in analysis.timings_ms.items()}
        logs.note(faces=len(analysis.faces), **timings)

    def failed(self) -> None:
        """A photo could not be analysed."""
        self._photos.labels("failed").inc()

    def album_photo(self, outcome: str) -> None:
        """An album photo is "done", "failed" or "lost"."""
        self._album_photos.labels(outcome).inc()
        self._memory.set(resident_bytes())

    def refused(self, code: str) -> None:
        """A request was refused with this code."""
        self._refusals.labels(code).inc()
        logs.note(code=code)

    def answered(self, endpoint: str | None, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(endpoint or "none").observe(seconds)
        self._memory.set(resident_bytes())

    def slots_changed(self, running: int, waiting: int) -> None:
        """The numbers of running and waiting analyses in this process changed."""
        self._running.set(running)
        self._waiting.set(waiting)


def resident_bytes() -> int:
    """The current memory of this process; if unknown, its peak."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else 1024 * highest
