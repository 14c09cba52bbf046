"""The API: one photo in, the JSON of the house out, nothing kept."""

import pytest
from flask.testing import FlaskClient

from tests.samples import grace_hopper
from tests.web.fakes import FakeDetector
from tests.web.posts import API, post_photo
from webapp.settings import Settings


def test_the_answer_has_every_field_of_the_document(client: FlaskClient, portrait: bytes) -> None:
    answer = post_photo(client, portrait, to=API)
    assert answer.status_code == 200
    document = answer.get_json()
    height, width = grace_hopper().shape[:2]
    assert list(document) == [
        *("photo", "width", "height", "detector", "model", "faces", "model_version"),
        *(
            "quarter_turns",
            "timings_ms",
            "faces_left_out",
            "corrected",
            "possible_faces",
            "faces_found",
            "models",
        ),
    ]
    assert document["faces_found"] == 2
    assert (document["width"], document["height"]) == (width, height)
    assert (document["detector"], document["model"]) == ("mtcnn", "cydral")
    face = document["faces"][0]
    assert list(face) == ["box", "detection_confidence", "landmarks", "age", "gender"]
    assert face["age"]["bucket"] == "25-32"
    assert next(iter(face["age"]["distribution"])) == "0-2"
    assert sum(face["age"]["distribution"].values()) == pytest.approx(1)
    assert face["gender"] == {"female": 0.02, "label": "male", "confidence": 0.98}
    assert face["age"]["interval"] == [18, 37]
    assert document["faces"][1]["age"]["years"] is None
    assert document["faces"][1]["age"]["interval"] is None


def test_buckets_stay_in_the_order_of_age(client: FlaskClient, portrait: bytes) -> None:
    text = post_photo(client, portrait, to=API).text
    assert text.index('"4-6"') < text.index('"15-20"') < text.index('"60-100"')


def test_nothing_is_kept(client: FlaskClient, portrait: bytes, settings: Settings) -> None:
    post_photo(client, portrait, to=API)
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]


def test_options_reach_the_detector(
    client: FlaskClient, portrait: bytes, detector: FakeDetector
) -> None:
    post_photo(client, portrait, to=API, detector="mtcnn", model="cydral", threshold="0.25")
    assert detector.asked[-1][1].threshold == 0.25


@pytest.mark.parametrize("text", ["0", "1", ".5", "0.30000000000000004", "1e-05", "5E-1", "-0.0"])
def test_a_threshold_is_read_as_programs_write_numbers(
    client: FlaskClient, portrait: bytes, detector: FakeDetector, text: str
) -> None:
    assert post_photo(client, portrait, to=API, threshold=text).status_code == 200
    assert detector.asked[-1][1].threshold == min(float(text), detector.settings.lower_threshold)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("detector", "mtcnn2", "unknown_detector"),
        ("detector", "../mtcnn", "unknown_detector"),
        ("model", "nonsense", "unknown_model"),
        ("threshold", "high", "invalid_option"),
        ("threshold", "nan", "invalid_option"),
        ("threshold", "1.5", "invalid_option"),
        ("threshold", "-0.1", "invalid_option"),
        ("threshold", "0.٣", "invalid_option"),
        ("threshold", "0_1", "invalid_option"),
        ("threshold", "inf", "invalid_option"),
        ("threshold", "1e999", "invalid_option"),
        ("turn", "5", "invalid_option"),
        ("turn", "٣", "invalid_option"),
    ],
)
def test_a_bad_option_is_422_with_a_code(
    client: FlaskClient, portrait: bytes, field: str, value: str, code: str
) -> None:
    answer = post_photo(client, portrait, to=API, **{field: value})
    assert answer.status_code == 422
    assert answer.get_json()["error"]["code"] == code
    assert answer.get_json()["error"]["message"].endswith(".")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/analyses/"])
def test_an_unknown_address_is_json_too(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.get_json()["error"]["code"] == "not_found"


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.get(API)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.get_json()["error"]["code"] == "method_not_allowed"
