"""The albums API: photos in, progress and results out."""

from __future__ import annotations

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from webapp.albums.service import album_as_json
from webapp.services import services
from webapp.web.albums.uploads import album_files, handle_too_large
from webapp.web.current_user import current_owner
from webapp.web.marks import costly, takes_album
from webapp.web.uploads import choices_of, refuse_options_in_address

album_api = Blueprint("album_api", __name__, url_prefix="/api/v1/albums")
handle_too_large(album_api)


@album_api.before_request
def _refuse_options() -> None:
    refuse_options_in_address(request)


@album_api.post("")
@costly
@takes_album
def create() -> ResponseReturnValue:
    albums = services().albums
    album_id = albums.create_album(album_files(request), choices_of(request), current_owner())
    location = url_for("album_api.show", album_id=album_id)
    album = albums.repository.open(album_id, current_owner())
    return jsonify(album_as_json(album)), 202, {"Location": location}


@album_api.get("/<album_id>")
def show(album_id: str) -> ResponseReturnValue:
    return jsonify(album_as_json(services().albums.repository.open(album_id, current_owner())))


@album_api.delete("/<album_id>")
def delete(album_id: str) -> ResponseReturnValue:
    services().albums.repository.store.delete(album_id, current_owner())
    return "", 204
