"""The pages, from the empty form to the result and its downloads."""

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.samples import encoded, grace_hopper
from tests.web.conftest import Analyzed
from tests.web.fakes import FakeDetector, registry_of
from tests.web.posts import API, picture_of, post_photo, rows_of, submit
from webapp.app import create_app
from webapp.results.runs import FIRST
from webapp.results.schema import Choices
from webapp.results.store.errors import StoreFull, UnknownResult
from webapp.results.store.result_store import NOBODY, ResultStore
from webapp.services import services
from webapp.settings import Settings
from webapp.vision.drawings import Style, draw
from webapp.vision.photo import Photo
from webapp.vision.types import Analysis


class Elements(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.found
            if name == tag and wanted.items() <= attributes.items()
        ]


def read(client: FlaskClient, address: str) -> Elements:
    answer = client.get(address)
    assert answer.status_code == 200
    return Elements(answer.text)


def test_the_upload_form_is_a_plain_multipart_form_and_tells_how_long_a_photo_is_kept(
    client: FlaskClient,
) -> None:
    page = read(client, "/")
    [form] = page.of("form", method="post", action="/analyses")
    assert form["enctype"] == "multipart/form-data"
    assert len(page.of("input", type="file", name="photo")) == 1
    assert [one["value"] for one in page.of("input", name="detector")] == ["mtcnn", "haar"]
    assert "kept for 1 hour" in client.get("/").text


def test_a_network_is_offered_for_choice_once_there_is_more_than_one(
    client: FlaskClient, settings: Settings
) -> None:
    assert not read(client, "/").of("input", name="model")
    two = create_app(settings, registry=registry_of(FakeDetector(), models=("cydral", "other")))
    choices = read(two.test_client(), "/").of("input", name="model")
    assert [one["value"] for one in choices] == ["cydral", "other"]


def test_posting_a_photo_leads_to_its_result(client: FlaskClient, address: str) -> None:
    assert re.fullmatch(r"/analyses/[\w-]{32}", address)
    page = client.get(address).text
    for words in ("family.jpg", "25-32", "73%", "28", "male", "98%"):
        assert words in page


def test_every_face_has_one_box_where_it_is_and_one_row_that_lead_to_each_other(
    client: FlaskClient, address: str
) -> None:
    page = read(client, address)
    height, width = grace_hopper().shape[:2]
    [drawing] = page.of("svg", **{"class": "boxes"})
    assert drawing["viewbox"] == f"0 0 {width} {height}"
    boxes = page.of("rect", **{"class": "box"})
    assert [box["x"] for box in boxes] == [str(int(0.35 * width)), str(int(0.05 * width))]
    assert [row["data-face"] for row in page.of("li") if "data-face" in row] == ["1", "2"]
    ids = {attributes.get("id") for _, attributes in page.found}
    links = {link["href"] for link in page.of("a")}
    for number in (1, 2):
        assert {f"#face-{number}", f"#box-{number}"} <= links
        assert {f"face-{number}", f"box-{number}"} <= ids


def test_an_age_is_told_in_words_with_its_whole_distribution_and_interval(
    client: FlaskClient, address: str
) -> None:
    page = client.get(address).text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "between 15-20 and 25-32" in text
    assert len(Elements(page).of("span", **{"class": "interval"})) == 1
    assert "18 to 37, right 9 times in 10" in page
    charts = Elements(page).of("svg", **{"class": "chart"})
    assert len(charts) == 2
    assert str(charts[0]["aria-label"]).startswith("0-2 years 0%, 4-6 years 0%, 8-12 years 1%")
    assert "25-32 years 73%" in str(charts[0]["aria-label"])


def test_the_photo_and_the_crops_are_served(client: FlaskClient, address: str) -> None:
    for path in ("photo.jpg", "faces/1.jpg", "faces/2.jpg", "crops.webp", "photo-small.webp"):
        kind = path.rpartition(".")[2].replace("jpg", "jpeg")
        assert client.get(f"{address}/{path}").content_type == f"image/{kind}"
        picture_of(client, f"{address}/{path}")


@pytest.mark.parametrize(("extension", "format"), [("jpg", "JPEG"), ("png", "PNG")])
def test_the_annotated_picture_has_the_full_resolution(
    client: FlaskClient, address: str, extension: str, format: str
) -> None:
    answer = client.get(f"{address}/annotated.{extension}")
    picture = Image.open(io.BytesIO(answer.data))
    assert picture.format == format
    assert picture.size == grace_hopper().shape[1::-1]
    assert f"family-agelens.{extension}" in answer.headers["Content-Disposition"]


def test_the_json_download_is_what_the_api_gives(
    client: FlaskClient, address: str, portrait: bytes
) -> None:
    downloaded = json.loads(client.get(f"{address}/analysis.json").data)
    answered = post_photo(client, portrait, to=API).get_json()
    for document in (downloaded, answered):
        assert set(document.pop("timings_ms")) == {"decode", "detect", "estimate"}
    assert downloaded == answered


def test_the_csv_has_one_row_for_each_face(client: FlaskClient, address: str) -> None:
    rows = rows_of(client, address)
    assert [row["face"] for row in rows] == ["1", "2"]
    assert rows[0]["age_bucket"] == "25-32"
    assert rows[0]["years"] == "28.4"
    assert (rows[0]["years_from"], rows[0]["years_to"]) == ("18", "37")
    assert rows[1]["years"] == rows[1]["years_from"] == rows[1]["years_to"] == ""
    assert rows[1]["age_15-20"] == "0.38"


def test_no_faces_is_a_friendly_page_with_ways_out_of_one_click(
    client: FlaskClient, analyzed: Analyzed
) -> None:
    address = analyzed(detector="haar")
    answer = client.get(address)
    assert answer.status_code == 200
    page = Elements(answer.text)
    ways = {(way["name"], way["value"]) for way in page.of("button", **{"class": "way"})}
    assert ways == {("turn", "1"), ("turn", "3"), ("threshold", "0.5"), ("detector", "mtcnn")}
    assert not answer.text.count("<title>Error")
    assert "2 faces" in client.get(repeated(client, address, detector="mtcnn")).text


def test_turns_add_up_and_other_choices_stay(client: FlaskClient, analyzed: Analyzed) -> None:
    once = repeated(client, analyzed(detector="haar"), turn="1")
    page = read(client, once)
    height, width = grace_hopper().shape[:2]
    [photo] = page.of("img", src=f"{once}/photo.jpg")
    assert (photo["width"], photo["height"]) == (str(height), str(width))
    assert picture_of(client, f"{once}/annotated.jpg").size == (height, width)
    back = repeated(client, once, turn="3", detector="mtcnn")
    [photo] = read(client, back).of("img", src=f"{back}/photo.jpg")
    assert (photo["width"], photo["height"]) == (str(width), str(height))


def test_a_lower_threshold_reaches_the_detector_and_is_not_offered_twice(
    client: FlaskClient, analyzed: Analyzed, detector: FakeDetector
) -> None:
    detector.shares = ()
    lower = repeated(client, analyzed(), threshold="0.5")
    assert {options.threshold for _, options in detector.asked} == {0.5}
    [way] = read(client, lower).of("button", name="threshold")
    assert way["value"] == "0.2"


def test_faces_that_may_be_missed_are_one_click_away(
    client: FlaskClient, analyzed: Analyzed, detector: FakeDetector
) -> None:
    detector.unsure = ((0.7, 0.7, 0.1, 0.1),)
    address = analyzed()
    page = client.get(address).text
    assert "1 more may be a face." in page
    [button] = [b for b in read(client, address).of("button", name="threshold") if b["value"]]
    shown = client.get(repeated(client, address, threshold=button["value"])).text
    assert "3 faces" in shown
    assert "more may be" not in shown


def test_a_photo_that_was_turned_says_so_and_can_be_turned_back(
    client: FlaskClient, detector: FakeDetector
) -> None:
    detector.upright = True
    lying = encoded(np.ascontiguousarray(np.rot90(grace_hopper())))
    address = post_photo(client, lying).location
    page = client.get(address).text
    assert "The photo was turned to the right, which shows its faces upright." in page
    document = client.get(f"{address}/analysis.json").get_json()
    assert (document["quarter_turns"], document["width"]) == (1, 512)
    assert picture_of(client, f"{address}/annotated.png").size == (512, 600)
    button, *_ = read(client, address).of("button", name="turn")
    back = repeated(client, address, turn=button["value"])
    document = client.get(f"{back}/analysis.json").get_json()
    assert (document["quarter_turns"], document["width"]) == (0, 600)
    assert "The photo was turned" not in client.get(back).text


def repeated(client: FlaskClient, address: str, **choices: str) -> str:
    """The address of a repeat of an analysis."""
    answer = submit(client, f"{address}/again", choices)
    assert answer.status_code == 303
    return answer.location


FILES = ("photo.jpg", "faces/1.jpg", "annotated.jpg", "annotated.png", "analysis.json", "faces.csv")


def test_a_repeat_is_an_analysis_of_the_same_upload_beside_the_first(
    client: FlaskClient, analyzed: Analyzed, settings: Settings
) -> None:
    first = analyzed()
    second = repeated(client, first, detector="haar")
    third = repeated(client, second, detector="mtcnn", turn="1")
    assert (second, third) == (f"{first}/runs/2", f"{first}/runs/3")
    assert len(list((settings.data_dir / "results").glob("*/*original"))) == 1
    for address, faces in ((first, "2 faces"), (second, "No faces"), (third, "2 faces")):
        page = Elements(client.get(address).text)
        assert faces in client.get(address).text
        assert {first, second, third} <= {link.get("href") for link in page.of("a")}
        [current] = page.of("a", **{"aria-current": "page"})
        assert current["href"] == address
    for path in FILES:
        assert client.get(f"{first}/{path}").status_code == 200
        assert client.get(f"{third}/{path}").status_code == 200
        assert client.get(f"{first}/runs/4/{path}").status_code == 404
    detectors = [
        client.get(f"{address}/analysis.json").get_json()["detector"]
        for address in (first, second, third)
    ]
    assert detectors == ["mtcnn", "haar", "mtcnn"]


def test_an_analysis_that_was_not_repeated_speaks_of_no_others(
    client: FlaskClient, address: str
) -> None:
    assert not read(client, address).of("nav", **{"class": "runs"})


def test_repeats_that_begin_together_get_addresses_of_their_own(
    client: FlaskClient, address: str
) -> None:
    result_id = address.rsplit("/", 1)[1]
    photos = services(client.application).photos
    with ThreadPoolExecutor(4) as threads:
        begun = [
            threads.submit(photos.reanalyze, photos.open(result_id, FIRST, NOBODY), Choices())
            for _ in range(8)
        ]
        assert sorted(one.result() for one in begun) == [*range(2, 10)]


@pytest.mark.parametrize("runs", [0, 1, 3])
def test_delete_now_removes_all_analyses_of_the_upload_and_says_so(
    client: FlaskClient, analyzed: Analyzed, settings: Settings, runs: int
) -> None:
    first = analyzed()
    addresses = [first, *(repeated(client, first) for _ in range(runs))]
    page = client.get(addresses[-1])
    assert (f"Its {runs + 1} analyses are deleted with it." in page.text) == (runs > 0)
    [form] = Elements(page.text).of("form", action=f"{first}/delete")
    answer = submit(client, str(form["action"]))
    assert answer.status_code == 303
    assert "Deleted" in client.get(answer.location).text
    assert "all its results are gone from this server" in client.get(answer.location).text
    for address in addresses:
        for path in ("", *(f"/{path}" for path in FILES)):
            assert client.get(f"{address}{path}").status_code == 404
    assert submit(client, f"{first}/delete").status_code == 404
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]


def test_a_repeat_of_what_is_deleted_meanwhile_leaves_nothing(
    client: FlaskClient, address: str, settings: Settings
) -> None:
    result_id = address.rsplit("/", 1)[1]
    before = services(client.application).photos.open(result_id, FIRST, NOBODY)
    submit(client, f"{address}/delete")
    with pytest.raises(UnknownResult):
        services(client.application).photos.reanalyze(before, Choices())
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]


@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_a_picture_is_drawn_once(
    client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch, extension: str
) -> None:
    drawn = []

    def counted(photo: Photo, analysis: Analysis, style: Style) -> Photo:
        drawn.append(photo)
        return draw(photo, analysis, style)

    monkeypatch.setattr("webapp.web.photo_service.draw", counted)
    answers = [client.get(f"{address}/annotated.{extension}").data for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(drawn) == 1
    turned = repeated(client, address, turn="1")
    assert client.get(f"{turned}/annotated.{extension}").data != answers[0]


def test_a_full_disk_does_not_keep_a_drawing_from_who_asks_for_it(
    client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFull("The server's disk is full.")

    monkeypatch.setattr(ResultStore, "add", full)
    assert client.get(f"{address}/annotated.jpg").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["runs/{}", "runs/{}/photo.jpg", "runs/2/faces/{}.jpg", "faces/{}.jpg", "faces/{}-gender.jpg"],
)
@pytest.mark.parametrize("number", ["0", "3", "7", "1" * 250, "1" * 300, "1" * 5000])
def test_numbers_that_do_not_exist_are_404(
    client: FlaskClient, address: str, path: str, number: str
) -> None:
    assert client.get(f"{address}/{path.format(number)}").status_code == 404


@pytest.mark.parametrize("name", ["nobody", "..", "hopper-small"])
def test_an_example_that_does_not_exist_is_404(client: FlaskClient, name: str) -> None:
    assert submit(client, f"/analyses/examples/{name}").status_code == 404
