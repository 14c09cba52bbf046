"""Files as responses, shown in the browser or saved under a name."""

import io
import json
from typing import Any

from flask import Response, request, send_file

NUMBER = "int(max=999999)"
"""The URL part that numbers pictures; longer numbers could not be file names."""


def ignore_odd_ranges() -> None:
    """Answer in full where the header ``Range`` is invalid, in another unit than bytes or for
    several parts (RFC 9110, section 14.2).
    """
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        request.environ.pop("HTTP_RANGE", None)


def file_response(data: bytes, kind: str, download_name: str | None = None) -> Response:
    """A file of a media type; with a name it is saved instead of shown."""
    return send_file(
        io.BytesIO(data),
        mimetype=kind,
        as_attachment=download_name is not None,
        download_name=download_name,
        etag=False,
    )


def json_response(document: Any, download_name: str) -> Response:
    """A JSON document, to be saved."""
    data = json.dumps(document, ensure_ascii=False).encode()
    return file_response(data, "application/json", download_name)
