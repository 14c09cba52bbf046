"""How tests send a form: as a browser does, with the token of the page that it stands on."""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

PAGE, API = "/analyses", "/api/v1/analyses"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token_of(page: str) -> str:
    """The token that a page's forms carry."""
    found = TOKEN.search(page)
    assert found is not None, page
    return found[1]


def with_token(client: FlaskClient, **fields: str) -> dict[str, str]:
    """Fields of a form together with the token of the client's session."""
    return {"csrf_token": token_of(client.get("/").text), **fields}


def submit(client: FlaskClient, to: str, fields: Mapping[str, str] | None = None) -> TestResponse:
    """Send a form that has no file."""
    return client.post(to, data=with_token(client, **(fields or {})))


def post_photo(
    client: FlaskClient, data: bytes, name: str = "family.jpg", to: str = PAGE, **fields: str
) -> TestResponse:
    """Send one photo, with further fields of the form."""
    return post_photos(client, [(name, data)], to, **fields)


def post_photos(
    client: FlaskClient, photos: Sequence[tuple[str, bytes]], to: str, **fields: str
) -> TestResponse:
    """Send several, as names and bytes."""
    if not to.startswith("/api/"):
        fields = {**with_token(client), **fields}
    form: MultiDict[str, object] = MultiDict(fields)
    for name, data in photos:
        form.add("photo", FileStorage(io.BytesIO(data), filename=name))
    boundary, body = encode_multipart(form)
    return client.post(to, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def rows_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """The rows of the table that an analysis or album gives."""
    return list(csv.DictReader(io.StringIO(client.get(f"{address}/faces.csv").text)))


def picture_of(client: FlaskClient, address: str) -> Image.Image:
    """The picture at an address, decoded."""
    picture = Image.open(io.BytesIO(client.get(address).data))
    picture.load()
    return picture
