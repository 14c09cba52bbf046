"""The albums API: photos in, progress and results out."""

import re

from flask import Blueprint, Request, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import want_bytes

from webapp.albums.idempotency import key_of
from webapp.albums.service import album_as_json
from webapp.services import services
from webapp.web.albums.uploads import album_files, handle_too_large
from webapp.web.current_user import current_owner
from webapp.web.errors import InvalidOption
from webapp.web.file_responses import NUMBER
from webapp.web.marks import costly, takes_album
from webapp.web.rate_limits import client
from webapp.web.uploads import CHOICES, choices_from, options_of, refuse_options_in_address

album_api = Blueprint("album_api", __name__, url_prefix="/api/v1/albums")
handle_too_large(album_api)

IDEMPOTENCY_KEY = "Idempotency-Key"
KEY_PATTERN = r"[!-~]{1,200}"


@album_api.post("")
@costly
@takes_album
def create() -> ResponseReturnValue:
    albums = services().albums
    files = album_files(request)
    choices = choices_from(options_of(request, request.form, CHOICES))
    album_id = albums.create_album(files, choices, current_owner(), idempotency_key(request))
    location = url_for("album_api.show", album_id=album_id)
    album = albums.repository.open(album_id, current_owner())
    return jsonify(album_as_json(album)), 202, {"Location": location}


def idempotency_key(request: Request) -> bytes | None:
    """What the client's Idempotency-Key stands for, if it sends one. Raises InvalidOption."""
    text = request.headers.get(IDEMPOTENCY_KEY)
    if text is None:
        return None
    if not re.fullmatch(KEY_PATTERN, text):
        raise InvalidOption("An Idempotency-Key has 1 to 200 visible characters of ASCII.")
    return key_of(want_bytes(current_app.secret_key or ""), client(), text)


@album_api.get("/<album_id>")
def show(album_id: str) -> ResponseReturnValue:
    refuse_options_in_address(request)
    return jsonify(album_as_json(services().albums.repository.open(album_id, current_owner())))


@album_api.delete("/<album_id>")
def delete(album_id: str) -> ResponseReturnValue:
    refuse_options_in_address(request)
    services().albums.repository.store.delete(album_id, current_owner())
    return "", 204


@album_api.delete(f"/<album_id>/photos/<{NUMBER}:number>")
def delete_photo(album_id: str, number: int) -> ResponseReturnValue:
    refuse_options_in_address(request)
    services().albums.repository.delete_photo(album_id, number, current_owner())
    return "", 204
