"""How right a network is stands on a page of its own and beside each of its answers."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.samples import encoded, grace_hopper
from tests.web.fakes import SURE, FakeDetector, card, registry_with
from tests.web.posts import post_photo
from webapp.app import create_app
from webapp.assets import directory
from webapp.settings import Settings
from webapp.vision.card import Accuracy, read_card
from webapp.vision.types import Analysis, Box, Detection, Estimate, Face, GenderEstimate
from webapp.web.accuracy import accuracy_line

CARD = replace(
    read_card(directory("models") / "cydral"),
    version="7",
    accuracy=Accuracy(
        data="a few faces",
        overall={"faces": 1000, "age_error": 4.2, "gender": 0.9},
        by_bucket={
            "0-2": {"faces": 20, "gender": 0.6, "bucket_exact": 0.9},
            "25-32": {"faces": 200, "gender": 0.98, "bucket_exact": 0.72},
        },
    ),
)


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    detector = FakeDetector("mtcnn", [(0.3, 0.2, 0.3, 0.3)])
    registry = registry_with([detector], [card("mtcnn", "detector"), replace(CARD, files=())])
    return create_app(Settings(data_dir=tmp_path), registry=registry).test_client()


def test_the_page_tells_what_was_measured_and_what_is_weak(client: FlaskClient) -> None:
    page = client.get("/models").text
    assert "CC0-1.0" in page
    assert "a few faces" in page
    assert "Of people aged 0-2 it got 60% of the genders right." in page
    assert "98.0%" in page
    assert "1,000" in page


def test_a_result_says_how_often_the_network_is_right_about_such_faces(client: FlaskClient) -> None:
    answer = post_photo(client, encoded(grace_hopper()))
    page = client.get(answer.location).text
    line = "For people aged 25-32, this network got the age group right 7 times in 10"
    assert f"{line} and the gender right 9 times in 10 when tested." in page


def test_a_network_whose_file_is_missing_cannot_be_chosen_for_a_photo_or_an_album(
    tmp_path: Path,
) -> None:
    cards = [card("mtcnn", "detector"), card("cydral"), card("article", missing="far.onnx")]
    registry = registry_with([FakeDetector()], cards)
    client = create_app(Settings(data_dir=tmp_path), registry=registry).test_client()
    for page in ("/", "/albums/new"):
        html = client.get(page).text
        assert 'value="article" disabled' in html
        assert 'value="cydral" checked' in html
        assert "article needs the file far.onnx" in html


def test_json_carries_the_version_of_the_network(client: FlaskClient) -> None:
    photo = {"photo": (io.BytesIO(encoded(grace_hopper())), "g.jpg")}
    document = client.post("/api/v1/analyses", data=photo).get_json()
    assert (document["model"], document["model_version"]) == ("cydral", "7")


@pytest.mark.parametrize(
    ("model", "words"), [("a", "this network"), ("age=a,gender=b", "these networks")]
)
def test_two_networks_are_not_called_one(model: str, words: str) -> None:
    face = Face.of(Detection(Box(0, 0, 9, 9), 0.9), Estimate(SURE, GenderEstimate(0.1)))
    analysis = Analysis(9, 9, "mtcnn", model, (face,))
    line = accuracy_line(face, analysis, {"a": CARD, "b": CARD})
    assert line is not None
    assert f", {words} got the age group" in line
