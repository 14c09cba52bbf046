"""Albums as visitors and programs meet them."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.albums.zips import encrypted, joined, zip_of
from tests.samples import astronaut, encoded, grace_hopper
from tests.web.fakes import TWO_FACES, FakeDetector, app_with, registry_of
from tests.web.posts import post_photos, rows_of, submit
from webapp.albums.consumer import album_store
from webapp.albums.worker import AlbumWorker
from webapp.services import services
from webapp.settings import Settings

GRACE, EILEEN = encoded(grace_hopper()), encoded(astronaut())
Work = Callable[[str], None]


@pytest.fixture
def app(settings: Settings) -> Flask:
    return app_with(settings, FakeDetector("mtcnn", TWO_FACES))


def post(client: FlaskClient, *files: tuple[str, bytes], to: str = "/albums") -> TestResponse:
    return post_photos(client, files, to)


@pytest.fixture
def work(app: Flask, settings: Settings) -> Work:
    """Does what the queue holds for the album at an address."""
    registry = registry_of(FakeDetector("mtcnn", TWO_FACES))
    worker = AlbumWorker(settings, registry, album_store(settings))

    def work_off(address: str) -> None:
        for owner, number in services(app).albums.queue.waiting():
            if owner == address.rsplit("/", 1)[1]:
                worker.analyze(owner, number)

    return work_off


@pytest.fixture
def finished(client: FlaskClient, work: Work) -> str:
    """The address of an album with two photos and a file that is none."""
    zipped = zip_of({"eileen.jpg": EILEEN, "notes.jpg": b"not a photo"})
    answer = post(client, ("grace.jpg", GRACE), ("more.zip", zipped))
    assert answer.status_code == 303
    work(answer.location)
    return answer.location


def test_an_album_shows_its_progress_and_refreshes_itself(client: FlaskClient) -> None:
    answer = post(client, ("grace.jpg", GRACE), ("eileen.jpg", EILEEN))
    page = client.get(answer.location).text
    assert "0 of 2 photos are done" in page
    assert 'http-equiv="refresh"' in page
    assert "eileen.jpg" in page


def test_a_finished_album_shows_faces_thumbnails_and_failures(
    client: FlaskClient, finished: str
) -> None:
    page = client.get(finished).text
    assert "4 faces" in page
    assert "All photos are done" in page
    assert "refresh" not in page.split("</head>")[0]
    assert "<strong>notes.jpg</strong>:" in page
    for path in ("photos/1/thumbnail.jpg", "photos/2/annotated.jpg"):
        assert client.get(f"{finished}/{path}").data.startswith(b"\xff\xd8")
    assert client.get(f"{finished}/photos/3/thumbnail.jpg").status_code == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("photo=GRACE", 2),
        ("bucket=25-32&gender=female", 2),
        ("gender=male", 2),
        ("bucket=0-2", 0),
        ("least=0.5", 2),
        ("sort=age_confidence&descending=1", 4),
    ],
)
def test_the_table_can_be_filtered(
    client: FlaskClient, finished: str, query: str, count: int
) -> None:
    assert f"{count} of 4 faces" in client.get(f"{finished}?{query}").text


def test_the_table_can_be_sorted(client: FlaskClient, finished: str) -> None:
    rising = client.get(f"{finished}?sort=age_confidence").text
    falling = client.get(f"{finished}?sort=age_confidence&descending=1").text
    assert rising.index("41%") < rising.index("73%")
    assert falling.index("73%") < falling.index("41%")


def test_a_view_that_does_not_exist_is_refused(client: FlaskClient, finished: str) -> None:
    assert client.get(f"{finished}?sort=<script>").status_code == 422


def test_the_downloads_hold_every_photo(client: FlaskClient, finished: str) -> None:
    rows = rows_of(client, finished)
    assert [row["photo"] for row in rows] == ["grace.jpg"] * 2 + ["eileen.jpg"] * 2
    document = client.get(f"{finished}/album.json").get_json(force=True)
    assert [("error" in photo) for photo in document["photos"]] == [False, False, True]
    with zipfile.ZipFile(io.BytesIO(client.get(f"{finished}/annotated.zip").data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["0001-grace.jpg", "0002-eileen.jpg"]


def test_delete_now_removes_everything(
    client: FlaskClient, finished: str, settings: Settings
) -> None:
    answer = submit(client, f"{finished}/delete")
    assert answer.status_code == 303
    assert "The photos of the album" in client.get(answer.location).text
    assert client.get(finished).status_code == 404
    assert list((settings.data_dir / "albums").iterdir()) == []


def test_the_api_takes_shows_and_deletes_an_album(client: FlaskClient, work: Work) -> None:
    made = post(client, ("grace.jpg", GRACE), to="/api/v1/albums")
    assert made.status_code == 202
    assert made.get_json()["photos"] == [{"photo": "grace.jpg", "status": "waiting"}]
    work(made.location)
    done = client.get(made.location).get_json(force=True)
    assert (done["done"], len(done["photos"][0]["faces"])) == (1, 2)
    assert client.delete(made.location).status_code == 204
    assert client.get(made.location).status_code == 404


@pytest.mark.parametrize(
    ("files", "fields", "status", "code"),
    [
        ([], {}, 400, "no_photo"),
        ([("a.zip", zip_of({"__MACOSX/a": b""}))], {}, 400, "no_photo"),
        ([("trip/notes.txt", b"Dear diary")], {}, 400, "no_photo"),
        ([("a.zip", encrypted(zip_of({"a.jpg": GRACE})))], {}, 422, "archive_refused"),
        ([("a.zip", zip_of({"../a.jpg": b"x"}))], {}, 422, "archive_refused"),
        ([("a.jpg", b"x")], {"detector": "nosuch"}, 422, "unknown_detector"),
        ([(f"{n}.jpg", b"x") for n in range(4)], {}, 413, "album_too_large"),
        ([("a.jpg", bytes(600_000))], {}, 413, "album_too_large"),
        ([("a.jpg", b"x")] * 3, {}, 503, "busy"),
        ([("a.zip", zip_of({"a.jpg": GRACE * 5}))] * 2, {}, 413, "album_too_large"),
    ],
)
def test_an_upload_that_cannot_be_taken_leaves_nothing(
    settings: Settings,
    files: list[tuple[str, bytes]],
    fields: dict[str, str],
    status: int,
    code: str,
) -> None:
    small = replace(settings, album_photos=3, album_bytes=500_000, queue_photos=2)
    client = app_with(small).test_client()
    answer = post_photos(client, files, "/api/v1/albums", **fields)
    assert (answer.status_code, answer.json and answer.json["error"]["code"]) == (status, code)
    albums = settings.data_dir / "albums"
    assert not albums.exists() or list(albums.iterdir()) == []


def test_other_files_are_left_out_and_counted_once(client: FlaskClient) -> None:
    sidecars = {f"T/{n}.jpg.json": b"{}" for n in range(3)}
    zipped = zip_of({"T/1.jpg": GRACE, **sidecars, "T/trailer.mp4": b"x"})
    folder = [("holiday/@eaDir/a.jpg", GRACE), ("holiday/notes.txt", b"Dear")]
    made = post(client, ("more.zip", zipped), *folder, to="/api/v1/albums")
    assert (made.get_json()["total"], made.get_json()["left_out"]) == (1, 6)
    assert "6 other files were left out" in client.get(f"/albums/{made.get_json()['id']}").text
    one = post(client, ("a.jpg", GRACE), folder[1])
    assert "1 other file was left out" in client.get(one.location).text
    assert "left out" not in client.get(post(client, ("a.jpg", GRACE)).location).text


def test_only_photos_count_towards_the_limit(settings: Settings) -> None:
    small = replace(settings, album_photos=3)
    client = app_with(small).test_client()
    takeout = {f"T/{n}.jpg": GRACE for n in range(3)} | {f"T/{n}.jpg.json": b"" for n in range(3)}
    for files in ([("takeout.zip", zip_of(takeout))], list(takeout.items())):
        made = post(client, *files, to="/api/v1/albums")
        assert (made.get_json()["total"], made.get_json()["left_out"]) == (3, 3)


def test_a_damaged_member_is_told_of_and_the_others_are_done(
    client: FlaskClient, work: Work
) -> None:
    zipped = joined(encrypted(zip_of({"b.jpg": GRACE})), zip_of({"a.jpg": GRACE, "c.jpg": EILEEN}))
    answer = post(client, ("more.zip", zipped))
    work(answer.location)
    page = client.get(answer.location).text
    assert "<strong>b.jpg</strong>: It is encrypted" in page
    document = client.get(f"{answer.location}/album.json").get_json(force=True)
    assert (document["total"], document["done"]) == (3, 3)
    codes = [photo.get("error", {}).get("code") for photo in document["photos"]]
    assert codes == ["unreadable_photo", None, None]


def test_photos_of_one_name_are_told_apart_everywhere(client: FlaskClient, work: Work) -> None:
    zipped = zip_of({"2019/IMG_1.jpg": GRACE, "2020/IMG_1.jpg": EILEEN})
    loose = [("IMG_1.jpg", GRACE), ("IMG_1.jpg", GRACE), ("trip/IMG_1.jpg", EILEEN)]
    answer = post(client, ("more.zip", zipped), *loose)
    names = ["2019/IMG_1.jpg", "2020/IMG_1.jpg", "IMG_1.jpg", "IMG_1 (2).jpg", "trip/IMG_1.jpg"]
    work(answer.location)
    page = client.get(answer.location).text
    assert all(f'<span class="name">{name}</span>' in page for name in names)
    document = client.get(f"{answer.location}/album.json").get_json(force=True)
    assert [photo["photo"] for photo in document["photos"]] == names
    rows = rows_of(client, answer.location)
    assert list(dict.fromkeys(row["photo"] for row in rows)) == names
    with zipfile.ZipFile(io.BytesIO(client.get(f"{answer.location}/annotated.zip").data)) as drawn:
        assert drawn.namelist()[0] == "0001-IMG_1.jpg"


def test_an_album_says_how_many_photos_come_first(client: FlaskClient) -> None:
    post(client, *[("a.jpg", GRACE)] * 3)
    second = post(client, ("b.jpg", GRACE))
    assert "3 photos of other albums come first" in client.get(second.location).text


def test_an_album_of_another_sites_page_is_refused(client: FlaskClient) -> None:
    answer = client.post("/albums", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_photo_is_deleted_from_every_download_and_an_album_with_its_last(
    client: FlaskClient, work: Work
) -> None:
    address = post(client, ("grace.jpg", GRACE), ("eileen.jpg", EILEEN)).location
    work(address)
    assert "grace.jpg" in client.get(address).text
    gone = submit(client, f"{address}/photos/1/delete")
    assert gone.location == address
    assert "grace.jpg" not in client.get(address).text
    assert "grace.jpg" not in client.get(f"{address}/faces.csv").text
    assert client.get(f"{address}/photos/1/annotated.jpg").status_code == 404
    assert client.get(f"{address}/photos/2/annotated.jpg").status_code == 200
    assert client.get(f"{address}/album.json").get_json(force=True)["total"] == 1
    assert submit(client, f"{address}/photos/2/delete").location == "/albums/deleted"
    assert client.get(address).status_code == 404


def test_the_pyramid_counts_the_faces_that_are_shown(client: FlaskClient, work: Work) -> None:
    address = post(client, ("grace.jpg", GRACE), ("eileen.jpg", EILEEN)).location
    work(address)
    of_all = client.get(address).text
    assert '<th scope="row">25-32</th><td>2</td><td>2</td>' in of_all
    of_men = client.get(f"{address}?gender=male").text
    assert '<th scope="row">25-32</th><td>0</td><td>2</td>' in of_men
