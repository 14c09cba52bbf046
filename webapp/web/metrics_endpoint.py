"""/metrics: what Prometheus reads."""

import platform
from collections.abc import Callable, Iterable
from importlib.metadata import version

from flask import Flask, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry

from webapp.metrics import Metrics, shared_folder
from webapp.settings import OFF, Settings
from webapp.web.addresses import is_this_machine
from webapp.web.marks import public


def expose(
    app: Flask, settings: Settings, metrics: Metrics, queue_length: Callable[[], int]
) -> None:
    """Serve /metrics to those who may read it."""
    if settings.metrics == OFF:
        return
    now = _Now(queue_length)

    @public
    def show() -> Response:
        if settings.metrics == "loopback" and not is_this_machine(request.environ):
            abort(403)
        registry = CollectorRegistry()
        registry.register(now)
        if shared_folder() is not None:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # has no types
        else:
            registry.register(metrics.registry)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "metrics", show)


class _Now(Collector):
    """Metrics that are looked up on request instead of being counted."""

    def __init__(self, queue_length: Callable[[], int]) -> None:
        self._queue_length = queue_length

    def collect(self) -> Iterable[Metric]:
        build = {"version": version("agelens"), "python": platform.python_version()}
        yield InfoMetricFamily("agelens_build", "What runs here.", value=build)
        yield GaugeMetricFamily(
            "agelens_queue_photos", "Photos of albums that wait.", value=self._queue_length()
        )
