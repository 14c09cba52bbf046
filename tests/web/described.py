"""The API's own description as schemathesis reads it, and photos for it to send."""

from base64 import b64encode

import schemathesis
from flask import Flask
from hypothesis import strategies as st

from tests.albums.zips import zip_of
from tests.samples import astronaut, encoded, enlarged, grace_hopper
from webapp.web.openapi.photos import PHOTO_BODY

DOCUMENT = "/api/openapi.json"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
# A photo or album that is too large is refused with 413, which schemathesis does not expect.
REFUSALS = [400, 403, 404, 405, 413, 415, 422]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)


def _photos() -> st.SearchStrategy[bytes]:
    sizes = [enlarged(grace_hopper(), 256, 300), enlarged(astronaut(), 300, 300)]
    return st.sampled_from([encoded(pixels, format) for format in FORMATS for pixels in sizes])


def _is_sent_as_it_is(_context: object, case: schemathesis.Case) -> bool:
    """Whether a form can carry these values: lists and objects it would flatten or leave out, and
    of whatever is sent as a file it would make bytes. The server would then see another value than
    the one that schemathesis holds for wrong.
    """
    body = case.body
    if not isinstance(body, dict):
        return True
    if _contradict(case.query or {}, body):
        return False
    if case.media_type == "application/json":
        return not (_is_number_as_text(body.get("threshold")) or isinstance(body.get("turn"), int))
    photo = body.get("photo")
    files = photo if isinstance(photo, list) else []
    are_files = all(isinstance(file, str | bytes) for file in files)
    return (
        are_files
        and not any(isinstance(body[name], list | dict) for name in body if name != "photo")
        and not _is_number_as_text(body.get("threshold"))
    )


def _contradict(first: dict[str, object], second: dict[str, object]) -> bool:
    """Whether an option stands twice with two values, which no description can forbid."""
    return any(str(first[name]) != str(second[name]) for name in set(first) & set(second))


def _is_number_as_text(value: object) -> bool:
    try:
        return isinstance(value, str) and float(value) >= 0
    except ValueError:
        return False


@schemathesis.hook("before_call")
def _ask_for_plain_text(_context: object, case: schemathesis.Case, **_: object) -> None:
    """Where schemathesis calls the app itself, nobody decompresses an answer."""
    case.headers = {**(case.headers or {}), "Accept-Encoding": "identity"}


def described(app: Flask) -> schemathesis.BaseSchema:
    """The description that an app serves, to be tried on the app itself."""
    return _taught(schemathesis.openapi.from_wsgi(DOCUMENT, app, config=CONFIG))


def described_at(address: str) -> schemathesis.BaseSchema:
    """The description that a running server serves."""
    return _taught(schemathesis.openapi.from_url(address + DOCUMENT, config=CONFIG))


def _taught(schema: schemathesis.BaseSchema) -> schemathesis.BaseSchema:
    schemathesis.openapi.media_type(PHOTO_BODY, _photos())
    schemathesis.openapi.format("binary", _photos())  # not ZIP files of its own
    schemathesis.openapi.format("byte", _photos().map(lambda photo: b64encode(photo).decode()))
    photo = encoded(grace_hopper()[::8, ::8])
    schemathesis.openapi.media_type("application/zip", st.just(zip_of({"a.jpg": photo})))
    schema.hook("filter_case")(_is_sent_as_it_is)
    return schema
