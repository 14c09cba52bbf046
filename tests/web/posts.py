"""How tests send a form."""

from __future__ import annotations

import io

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

PAGE, API = "/analyses", "/api/v1/analyses"


def post_photo(
    client: FlaskClient, data: bytes, name: str = "family.jpg", to: str = PAGE, **fields: str
) -> TestResponse:
    """Send one photo, with further fields of the form."""
    photo = FileStorage(io.BytesIO(data), filename=name)
    boundary, body = encode_multipart({"photo": photo, **fields})
    return client.post(to, data=body, content_type=f"multipart/form-data; boundary={boundary}")
