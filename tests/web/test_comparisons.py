"""The page that shows one photo through several detectors and networks."""

import io
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.samples import encoded, group
from tests.web.fakes import FakeDetector, card, registry_with
from tests.web.posts import picture_of, post_photo, submit, with_token
from tests.web.test_pages import Elements
from webapp.app import create_app
from webapp.settings import Settings

SENTENCE = "distant needs the file far.onnx"
LEFT, RIGHT = (0.05, 0.1, 0.3, 0.4), (0.6, 0.1, 0.3, 0.4)


@dataclass(frozen=True)
class Detectors:
    """One that finds both people, and one that finds the left one only."""

    sharp = FakeDetector("mtcnn", (LEFT, RIGHT))
    dull = FakeDetector("haar", (LEFT,))


@pytest.fixture
def app(settings: Settings) -> Flask:
    cards = [card("mtcnn", "detector"), card("haar", "detector"), card("cydral")]
    cards.append(card("distant", missing="far.onnx"))
    registry = registry_with([Detectors.sharp, Detectors.dull], cards)
    return create_app(settings, registry=registry)


def answer_to(client: FlaskClient, portrait: bytes, *choices: tuple[str, str]) -> TestResponse:
    form = MultiDict(
        [*choices, *with_token(client).items(), ("photo", (io.BytesIO(portrait), "family.jpg"))]
    )
    return client.post("/compare", data=form, content_type="multipart/form-data")


def post(client: FlaskClient, portrait: bytes, *choices: tuple[str, str]) -> str:
    answer = answer_to(client, portrait, *choices)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_the_form_offers_every_detector_and_network(client: FlaskClient) -> None:
    page = client.get("/compare").text
    for name in ("mtcnn", "haar", "cydral", "distant"):
        assert f'value="{name}"' in page


@pytest.mark.parametrize("address", ["/", "/compare"])
def test_a_network_without_its_files_is_greyed_out_with_the_reason(
    client: FlaskClient, address: str
) -> None:
    page = client.get(address).text
    assert SENTENCE in page
    (line,) = (line for line in page.splitlines() if 'value="distant"' in line)
    assert "disabled" in line


def test_each_detector_has_a_panel_and_a_column(client: FlaskClient, portrait: bytes) -> None:
    location = post(client, portrait)
    page = client.get(location).text
    assert "Found by no other" in page
    assert page.count("not found") == 1
    for number in (0, 1):
        assert client.get(f"{location}/panel-{number}-small.webp").mimetype == "image/webp"
        assert picture_of(client, f"{location}/panel-{number}.webp").format == "WEBP"
    assert client.get(f"{location}/panel-2.webp").status_code == 404


def test_the_comparison_can_be_downloaded(client: FlaskClient, portrait: bytes) -> None:
    location = post(client, portrait)
    assert picture_of(client, f"{location}/comparison.jpg").width > 2 * 512
    answer = client.get(f"{location}/comparison.jpg")
    assert "family-compared.jpg" in answer.headers["Content-Disposition"]
    document = client.get(f"{location}/comparison.json").get_json()
    assert document["faces"] == [[0, 0], [1, None]]
    assert [one["detector"] for one in document["analyses"]] == ["mtcnn", "haar"]


def test_only_what_was_chosen_is_compared(client: FlaskClient, portrait: bytes) -> None:
    location = post(client, portrait, ("detector", "haar"))
    document = client.get(f"{location}/comparison.json").get_json()
    assert [one["detector"] for one in document["analyses"]] == ["haar"]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([("detector", "nobody")], "There is no detector"),
        ([("model", "nobody")], "There is no network"),
        ([("model", str(number)) for number in range(7)], "at most 12"),
    ],
)
def test_a_wrong_choice_is_told_on_the_form(
    client: FlaskClient, portrait: bytes, choices: list[tuple[str, str]], words: str
) -> None:
    answer = answer_to(client, portrait, *choices)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'action="/compare"' in answer.text


def test_a_comparison_is_no_analysis_and_can_be_deleted(
    client: FlaskClient, portrait: bytes
) -> None:
    location = post(client, portrait)
    result_id = location.rsplit("/", 1)[1]
    assert client.get(f"/analyses/{result_id}").status_code == 404
    submit(client, f"/analyses/{result_id}/delete")
    assert client.get(location).status_code == 404


@pytest.mark.parametrize("grid", [(1, 1), (1, 2), (4, 1)])
def test_the_page_knows_the_size_of_every_picture(
    client: FlaskClient, grid: tuple[int, int]
) -> None:
    address = post_photo(client, encoded(group(*grid)), to="/compare").location
    images = Elements(client.get(address).text).of("img")
    assert len(images) >= 2
    for image in images:
        with picture_of(client, str(image["src"])) as picture:
            assert (str(picture.width), str(picture.height)) == (image["width"], image["height"])
