"""The pages of albums: upload, progress and results, downloads."""

from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.albums.album import PhotoId, thumbnail_name
from webapp.albums.service import album_as_json
from webapp.albums.zipped import zipped
from webapp.results.columns import faces_as_csv
from webapp.services import services
from webapp.vision.buckets import BUCKETS
from webapp.web.albums.pyramid import pyramid
from webapp.web.albums.table import LEAST_CONFIDENCES, SORTS, View, all_faces
from webapp.web.albums.uploads import album_files, handle_too_large
from webapp.web.current_user import current_owner
from webapp.web.errors import Problem
from webapp.web.file_responses import NUMBER, file_response, json_response
from webapp.web.marks import costly, form, takes_album
from webapp.web.uploads import choices_of

album_pages = Blueprint("albums", __name__, url_prefix="/albums")
handle_too_large(album_pages)


def album_upload_page(problem: Problem | None = None) -> str:
    """The page for choosing photos, with the last error, if any."""
    return render_template("album_upload.html", problem=problem)


@album_pages.get("/new")
def upload() -> str:
    return album_upload_page()


@album_pages.post("")
@costly
@takes_album
@form(album_upload_page)
def create() -> ResponseReturnValue:
    album_id = services().albums.create_album(
        album_files(request), choices_of(request), current_owner()
    )
    return redirect(url_for("albums.show", album_id=album_id), 303)


@album_pages.get("/<album_id>")
def show(album_id: str) -> str:
    album = services().albums.repository.open(album_id, current_owner())
    view = View.of(request.args)
    lines = view.lines(album)
    return render_template(
        "album.html",
        album=album,
        ahead=0 if album.finished else services().albums.queue.ahead(album_id),
        view=view,
        lines=lines,
        pyramid=pyramid(lines),
        photo_id=partial(PhotoId, album_id),
        face_count=len(all_faces(album)),
        found_count=sum(analysis.faces_found for _, analysis in album.successes),
        sorts=SORTS,
        buckets=BUCKETS,
        least_confidences=LEAST_CONFIDENCES,
    )


@album_pages.post("/<album_id>/delete")
def delete(album_id: str) -> ResponseReturnValue:
    services().albums.repository.store.delete(album_id, current_owner())
    return redirect(url_for("albums.deleted"), 303)


@album_pages.post(f"/<album_id>/photos/<{NUMBER}:number>/delete")
def delete_photo(album_id: str, number: int) -> ResponseReturnValue:
    if services().albums.repository.delete_photo(album_id, number, current_owner()):
        return redirect(url_for("albums.show", album_id=album_id), 303)
    return redirect(url_for("albums.deleted"), 303)


@album_pages.get("/deleted")
def deleted() -> str:
    return render_template("deleted.html", many=True)


@album_pages.get(f"/<album_id>/photos/<{NUMBER}:number>/thumbnail.jpg")
def thumbnail(album_id: str, number: int) -> Response:
    return _picture(album_id, thumbnail_name(number))


@album_pages.get(f"/<album_id>/photos/<{NUMBER}:number>/annotated.jpg")
def annotated(album_id: str, number: int) -> Response:
    album = services().albums.repository.open(album_id, current_owner())
    names = (photo.annotated_name for photo in album.photos if photo.number == number)
    return _picture(album_id, next(names, ""))


@album_pages.get("/<album_id>/faces.csv")
@costly
def as_csv(album_id: str) -> Response:
    album = services().albums.repository.open(album_id, current_owner())
    table = faces_as_csv((photo.name, analysis) for photo, analysis in album.successes)
    return file_response(table.encode(), "text/csv", "album-agelens.csv")


@album_pages.get("/<album_id>/album.json")
@costly
def as_json(album_id: str) -> Response:
    album = services().albums.repository.open(album_id, current_owner())
    return json_response(album_as_json(album), "album-agelens.json")


@album_pages.get("/<album_id>/annotated.zip")
@costly
def as_zip(album_id: str) -> Response:
    album = services().albums.repository.open(album_id, current_owner())
    response = Response(zipped(services().albums.annotated(album)), mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="album-agelens.zip"'
    return response


def _picture(album_id: str, name: str) -> Response:
    data = services().albums.repository.store.open(album_id, current_owner()).read(name)
    return file_response(data, "image/jpeg")
