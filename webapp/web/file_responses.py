"""Files as responses, shown in the browser or saved under a name."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Self

from flask import Response, request, send_file
from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NUMBER = "int(max=999999)"
"""The URL part that numbers pictures; longer numbers could not be file names."""


def ignore_odd_ranges() -> None:
    """Answer in full where the header ``Range`` is invalid, in another unit than bytes or for
    several parts (RFC 9110, section 14.2).
    """
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        request.environ.pop("HTTP_RANGE", None)


class FileResponse(Response):
    """A response of which parts can be asked for."""

    def make_conditional(
        self,
        request_or_environ: WSGIEnvironment | Request,
        accept_ranges: bool | str = False,
        complete_length: int | None = None,
    ) -> Self:
        """The base class refuses a suffix longer than the file, which is the whole file (RFC 9110,
        section 14.1.2).
        """
        wanted = request.range
        if wanted is not None and wanted.ranges[0][0] < -(complete_length or 0):
            request.environ.pop("HTTP_RANGE", None)
        super().make_conditional(request_or_environ, accept_ranges, complete_length)
        return self


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
