"""One log line per request, with an id that is also in the response.

No line contains an address, a query string, a file name or a result's id: the route says which page
it was.
"""

import logging
import re
import secrets
import threading
import time

from flask import Flask, Response, g, request

from webapp import logs
from webapp.metrics import Metrics
from webapp.settings import Settings
from webapp.web.addresses import is_forwarded

log = logging.getLogger("agelens.request")

HEADER = "X-Request-ID"
_NOT_BELIEVED = (
    "A proxy forwards requests, but AGELENS_PROXIES is not set: all its visitors count as one "
    "client, and links may lead to the wrong address. Set it to the number of your proxies."
)
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def log_requests(app: Flask, settings: Settings, metrics: Metrics) -> None:
    """Number, time and log every request. Call this before adding hooks that may refuse one."""
    warned = threading.Event()

    def begin() -> None:
        if not settings.proxies and is_forwarded(request.environ) and not warned.is_set():
            warned.set()
            log.warning(_NOT_BELIEVED)
        g.started = time.perf_counter()
        g.request_id = _id_of_proxy(settings) or secrets.token_hex(8)
        logs.begin(request_id=g.request_id)

    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        metrics.answered(request.endpoint, seconds)
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": str(request.url_rule or "-"),
                "status": response.status_code,
                "ms": round(1000 * seconds, 1),
                "bytes_in": request.content_length or 0,
            },
        )
        response.headers[HEADER] = g.request_id
        return response

    app.before_request(begin)
    app.after_request(end)


def _id_of_proxy(settings: Settings) -> str | None:
    """The id that a trusted proxy gave the request, so that both logs use the same."""
    given = request.headers.get(HEADER, "")
    return given if settings.proxies and _SANE.fullmatch(given) else None
