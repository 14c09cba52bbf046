"""Compresses text responses for clients that accept it.

An attacker who makes a visitor's browser request a page many times, each time with a guess in the
URL, could learn the page's other contents from the lengths of the responses (BREACH). So pages
requested by other sites are not compressed, and a form's token changes its signature every second.
"""

import gzip
from functools import lru_cache
from http import HTTPStatus

from flask import Response, request

from webapp.web.security import is_cross_site

_TEXT = frozenset(
    (
        *("text/html", "text/css", "text/csv", "text/javascript", "text/plain"),
        *("application/javascript", "application/json", "image/svg+xml"),
    )
)
_LEAST_BYTES = 500
"""Shorter responses fit into one packet anyway."""


def compress(response: Response) -> Response:
    """Compress a response of known length with gzip if accepted and worthwhile."""
    if response.mimetype not in _TEXT:
        return response
    response.vary.add("Accept-Encoding")
    is_static = request.endpoint == "static"
    if (
        (response.content_length or 0) < _LEAST_BYTES
        or response.status_code == HTTPStatus.PARTIAL_CONTENT
        or not request.accept_encodings["gzip"]
        or (is_cross_site(request) and not is_static)
    ):
        return response
    response.direct_passthrough = False  # a file's bytes are needed here
    data = response.get_data()
    response.set_data(_kept(data) if is_static else gzip.compress(data, mtime=0))
    response.content_encoding = "gzip"
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # the same content, other bytes
    return response


@lru_cache(maxsize=64)
def _kept(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
