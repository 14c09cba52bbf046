"""A photo of an album is looked at, corrected and deleted as a single photo is."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.fakes import app_with
from tests.web.posts import rows_of, submit
from webapp.albums.repository import AlbumRepository, write_outcome
from webapp.albums.worker import LOST, AlbumWorker
from webapp.results.store.result_store import NOBODY
from webapp.settings import Settings
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.photo import Photo

BOX = {"x": "10", "y": "10", "width": "90", "height": "90"}


@pytest.fixture
def address(worker: AlbumWorker, album_id: str) -> str:
    """Where the album's third photo is shown."""
    for number in (2, 3):
        worker.analyze(album_id, number)
    return f"/analyses/{album_id}.3"


def test_it_opens_with_its_faces_and_pictures(client: FlaskClient, address: str) -> None:
    album = address.replace("/analyses/", "/albums/").removesuffix(".3")
    assert f'href="{address}#face-1"' in client.get(album).text
    page = client.get(address).text
    assert "1 face" in page
    assert 'href="/albums/new" aria-current="true"' in page
    assert f'href="{album}#photo-3"' in page
    for name in ("photo.jpg", "photo-small.webp", "crops.webp", "faces/1.jpg", "annotated.jpg"):
        assert client.get(f"{address}/{name}").status_code == 200
    assert client.get(f"{address}/analysis.json").get_json()["photo"] == "eileen.jpg"


def test_a_correction_is_an_analysis_of_its_own(client: FlaskClient, address: str) -> None:
    corrected = submit(client, f"{address}/faces", {"face": "1", "remove": "1"})
    assert corrected.location == f"{address}/runs/2"
    assert "No faces found" in client.get(corrected.location).text
    assert "1 face" in client.get(address).text


@pytest.mark.parametrize("number", ["1", "2", "4", "0", "03", "x", "3.1"])
def test_what_has_no_result_is_not_there(client: FlaskClient, address: str, number: str) -> None:
    assert client.get(f"{address.removesuffix('3')}{number}").status_code == 404


def test_nothing_of_it_stays_when_it_is_deleted(
    client: FlaskClient, address: str, repository: AlbumRepository, album_id: str
) -> None:
    client.get(address)
    submit(client, f"{address}/faces", {"x": "10", "y": "10", "width": "90", "height": "90"})
    assert submit(client, f"/albums/{album_id}/photos/3/delete").status_code == 303
    assert client.get(address).status_code == 404
    left = {name for name in repository.store.open(album_id, NOBODY).ages() if "0003" in name}
    assert left == {"0003.outcome", "0003.attempt-1"}


@pytest.mark.parametrize("further", ["", "/annotated.png", "/again", "/faces"])
def test_nothing_of_it_comes_back_that_was_begun_before_it_was_deleted(
    client: FlaskClient,
    address: str,
    repository: AlbumRepository,
    monkeypatch: pytest.MonkeyPatch,
    further: str,
) -> None:
    album_id = repository.store.ids()[0]
    if further:
        client.get(address)

    def late(bytes_: bytes, limits: PhotoLimits) -> Photo:
        repository.delete_photo(album_id, 3, NOBODY)
        return decode(bytes_, limits)

    monkeypatch.setattr("webapp.web.photo_service.decode", late)
    monkeypatch.setattr("webapp.vision.analyzer.decode", late)
    forms: dict[str, dict[str, str]] = {"/again": {}, "/faces": BOX}
    to = f"{address}{further}"
    answer = submit(client, to, forms[further]) if further in forms else client.get(to)
    assert answer.status_code == 404
    left = {name for name in repository.store.open(album_id, NOBODY).ages() if "0003" in name}
    assert left == {"0003.outcome", "0003.attempt-1"}


def document_of(client: FlaskClient, album_id: str) -> dict[str, Any]:
    """What the API gives for an album."""
    document: dict[str, Any] = client.get(f"/api/v1/albums/{album_id}").get_json()
    return document


def picture_in_zip(client: FlaskClient, album_id: str) -> bytes:
    data = client.get(f"/albums/{album_id}/annotated.zip").data
    return zipfile.ZipFile(io.BytesIO(data)).read("0003-eileen.jpg")


def test_an_album_follows_a_correction_everywhere(
    client: FlaskClient, address: str, album_id: str
) -> None:
    album, before = f"/albums/{album_id}", picture_in_zip(client, album_id)
    new = submit(client, f"{address}/faces", BOX).location
    assert new == f"{address}/runs/2"
    single = client.get(f"{new}/analysis.json").get_json()
    assert single["corrected"] is True
    assert document_of(client, album_id)["photos"][2] == single
    assert client.get(f"{album}/album.json").get_json()["photos"][2] == single
    assert rows_of(client, album) == rows_of(client, new)
    assert [row["width"] for row in rows_of(client, album)][1] == "90"
    page = client.get(album).text
    assert "2 of 2 faces" in page
    assert page.count('<rect class="box"') == 2
    assert '<th scope="row">25-32</th><td>0</td><td>2</td>' in page
    assert f'href="{new}#face-2"' in page
    drawn = client.get(f"{new}/annotated.jpg").data
    assert picture_in_zip(client, album_id) == drawn != before
    assert client.get(f"{album}/photos/3/annotated.jpg").data == drawn


def test_an_album_follows_each_further_correction(
    client: FlaskClient, address: str, album_id: str
) -> None:
    new = submit(client, f"{address}/faces", BOX).location
    drawn = {picture_in_zip(client, album_id)}
    for faces in (1, 0):
        assert submit(client, f"{new}/faces", {"face": "1", "remove": "1"}).location == new
        assert len(document_of(client, album_id)["photos"][2]["faces"]) == faces
        drawn.add(picture_in_zip(client, album_id))
    assert len(drawn) == 3
    assert "0 faces" in client.get(f"/albums/{album_id}").text


def test_an_album_shows_the_analysis_that_was_corrected_last(
    client: FlaskClient, address: str, album_id: str
) -> None:
    first = submit(client, f"{address}/faces", BOX).location
    second = submit(client, f"{address}/faces", {"face": "1", "remove": "1"}).location
    assert document_of(client, album_id)["photos"][2]["faces"] == []
    for to in (first, second):
        submit(client, f"{to}/faces", BOX)
        assert f'href="{to}#face-1"' in client.get(f"/albums/{album_id}").text


def test_an_album_does_not_follow_a_repeated_analysis(
    client: FlaskClient, address: str, album_id: str
) -> None:
    before = document_of(client, album_id)
    turned = submit(client, f"{address}/again", {"turn": "1"}).location
    submit(client, f"{turned}/faces", BOX)
    assert document_of(client, album_id) == before


def test_a_late_worker_does_not_undo_a_correction(
    client: FlaskClient, address: str, album_id: str, repository: AlbumRepository
) -> None:
    submit(client, f"{address}/faces", BOX)
    corrected = document_of(client, album_id)
    write_outcome(repository.store.open(album_id, NOBODY), 3, LOST)
    assert document_of(client, album_id) == corrected


def test_a_program_deletes_a_photo(client: FlaskClient, address: str, album_id: str) -> None:
    photo = f"/api/v1/albums/{album_id}/photos/3"
    submit(client, f"{address}/faces", BOX)
    assert document_of(client, album_id)["numbers"] == [1, 2, 3]
    assert client.delete(f"{photo}?x=1").status_code == 422
    assert (client.delete(photo).status_code, client.delete(photo).status_code) == (204, 404)
    left = document_of(client, album_id)
    assert (left["total"], left["done"], left["numbers"]) == (2, 1, [1, 2])
    assert client.get(address).status_code == 404
    for number in (0, 4):
        assert client.delete(f"/api/v1/albums/{album_id}/photos/{number}").status_code == 404
    for number in (1, 2):
        assert client.delete(f"/api/v1/albums/{album_id}/photos/{number}").status_code == 204
    assert client.get(f"/api/v1/albums/{album_id}").status_code == 404


def test_downloads_of_an_album_count_towards_the_rate_of_a_client(
    settings: Settings, album_id: str
) -> None:
    client = app_with(replace(settings, rate="2/minute")).test_client()
    names = ("faces.csv", "album.json", "faces.csv", "album.json", "annotated.zip")
    answers = [client.get(f"/albums/{album_id}/{name}").status_code for name in names]
    assert answers == [200, 200, 429, 429, 429]
