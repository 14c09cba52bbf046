"""Bytes as a response, shown in the browser or saved under a name."""

import io

from flask import Response, send_file

NUMBER = "int(max=999999)"
"""The URL part that numbers pictures; longer numbers could not be file names."""


def file_response(data: bytes, kind: str, download_name: str | None = None) -> Response:
    """A file of a media type; with a name it is saved instead of shown."""
    return send_file(
        io.BytesIO(data),
        mimetype=kind,
        as_attachment=download_name is not None,
        download_name=download_name,
        etag=False,
    )
