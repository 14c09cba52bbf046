"""The API's own description as schemathesis reads it, and photos for it to send."""

from __future__ import annotations

import schemathesis
from flask import Flask
from hypothesis import strategies as st

from tests.albums.zips import zip_of
from tests.samples import astronaut, encoded, enlarged, grace_hopper
from webapp.web.openapi.photos import PHOTO_KINDS

DOCUMENT = "/api/openapi.json"
FORMATS = {"heic": "HEIF"}
# A photo or album that is too large is refused with 413, which schemathesis does not expect.
REFUSALS = [400, 403, 404, 405, 413, 415, 422]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)


def _photos(kind: str) -> st.SearchStrategy[bytes]:
    format = FORMATS.get(kind, kind.upper())
    sizes = [enlarged(grace_hopper(), 256, 300), enlarged(astronaut(), 300, 300)]
    return st.sampled_from([encoded(pixels, format) for pixels in sizes])


def _is_sent_as_it_is(_context: object, case: schemathesis.Case) -> bool:
    """Whether a form can carry these values: lists and objects it would flatten or leave out, and
    of whatever is sent as a file it would make bytes. The server would then see another value than
    the one that schemathesis holds for wrong.
    """
    body = case.body
    if not isinstance(body, dict):
        return True
    photo = body.get("photo")
    files = photo if isinstance(photo, list) else []
    are_files = all(isinstance(file, str | bytes) for file in files)
    return are_files and not any(
        isinstance(body[name], list | dict) for name in body if name != "photo"
    )


def described(app: Flask) -> schemathesis.BaseSchema:
    """The description that an app serves, to be tried on the app itself."""
    return _taught(schemathesis.openapi.from_wsgi(DOCUMENT, app, config=CONFIG))


def described_at(address: str) -> schemathesis.BaseSchema:
    """The description that a running server serves."""
    return _taught(schemathesis.openapi.from_url(address + DOCUMENT, config=CONFIG))


def _taught(schema: schemathesis.BaseSchema) -> schemathesis.BaseSchema:
    for kind in PHOTO_KINDS:
        schemathesis.openapi.media_type(kind, _photos(kind.removeprefix("image/")))
    photo = encoded(grace_hopper()[::8, ::8])
    schemathesis.openapi.media_type("application/zip", st.just(zip_of({"a.jpg": photo})))
    schema.hook("filter_case")(_is_sent_as_it_is)
    return schema
