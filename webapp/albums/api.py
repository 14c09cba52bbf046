"""The API of albums for programs: photos in, progress and results out."""

from __future__ import annotations

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from webapp.albums.desk import album_as_json
from webapp.albums.incoming import accept_albums, files_of
from webapp.albums.pages import desk
from webapp.web.uploads import choices_of
from webapp.web.visitor import visitor

album_api = Blueprint("album_api", __name__, url_prefix="/api/v1/albums")
accept_albums(album_api)


@album_api.post("")
def create() -> ResponseReturnValue:
    album_id = desk().take_in(files_of(request), choices_of(request), visitor())
    location = url_for("album_api.show", album_id=album_id)
    album = desk().shelf.open(album_id, visitor())
    return jsonify(album_as_json(album)), 202, {"Location": location}


@album_api.get("/<album_id>")
def show(album_id: str) -> ResponseReturnValue:
    return jsonify(album_as_json(desk().shelf.open(album_id, visitor())))


@album_api.delete("/<album_id>")
def delete(album_id: str) -> ResponseReturnValue:
    desk().shelf.store.delete(album_id, visitor())
    return "", 204
