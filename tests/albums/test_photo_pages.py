"""A photo of an album is looked at, corrected and deleted as a single photo is."""

import pytest
from flask.testing import FlaskClient

from tests.web.posts import submit
from webapp.albums.repository import AlbumRepository
from webapp.albums.worker import AlbumWorker
from webapp.results.store.result_store import NOBODY
from webapp.vision.decode import PhotoLimits, decode
from webapp.vision.photo import Photo


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


@pytest.mark.parametrize("further", ["", "/annotated.png", "/again"])
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
    answer = (submit if further == "/again" else FlaskClient.get)(client, f"{address}{further}")
    assert answer.status_code == 404
    left = {name for name in repository.store.open(album_id, NOBODY).ages() if "0003" in name}
    assert left == {"0003.outcome", "0003.attempt-1"}
