"""The API keeps what its own description promises, and the description leaves nothing out."""

import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from flask import Flask
from hypothesis import settings as examples
from werkzeug.test import TestResponse

from tests.albums.zips import zip_of
from tests.web.described import DOCUMENT, described
from tests.web.fakes import ONE_FACE, FakeDetector, app_with, registry_of
from tests.web.posts import API, post_photo
from tests.web.test_bad_input import REFUSED
from webapp.albums.consumer import album_store
from webapp.albums.worker import LOST, AlbumWorker
from webapp.app import create_app
from webapp.services import services
from webapp.settings import OFF, Settings
from webapp.vision.types import Detection
from webapp.web.errors import (
    STATUS,
    WORDS,
    Busy,
    SignInRefused,
    StaleForm,
    TooManyAttempts,
    problem_of_status,
)
from webapp.web.openapi.albums import PHOTO_ERRORS
from webapp.web.openapi.problems import UNIVERSAL, UPLOADING

ALBUMS = "/api/v1/albums"
FOLDER = tempfile.TemporaryDirectory()
SETTINGS = Settings(data_dir=Path(FOLDER.name), album_photos=3, queue_photos=100_000, rate=OFF)
REGISTRY = registry_of(
    FakeDetector("mtcnn", ONE_FACE), FakeDetector("haar"), models=("cydral", "other")
)
APP = create_app(SETTINGS, registry=REGISTRY)
SCHEMA = described(APP)
ERRORS_OF_FORMS = (StaleForm, SignInRefused, TooManyAttempts)
COMPONENTS = APP.test_client().get(DOCUMENT).get_json()["components"]
VALIDATOR = jsonschema.Draft202012Validator(
    {"$ref": "#/components/schemas/Analysis", "components": COMPONENTS}
)
ANSWERS: Counter[tuple[str, str, int]] = Counter()


@pytest.fixture(scope="module", autouse=True)
def ready() -> Iterator[None]:
    services(APP).photos.warm_up()
    yield
    services(APP).photos.close()
    FOLDER.cleanup()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(APP.test_client().get(DOCUMENT).get_json())


@SCHEMA.parametrize()
@examples(max_examples=100, derandomize=True, deadline=None)
def test_every_answer_is_as_described(case: schemathesis.Case) -> None:
    # Where no server stands between, nobody would unpack a compressed answer.
    answer = case.call_and_validate(headers={"Accept-Encoding": "identity"})
    if answer.status_code >= 400 and case.path.startswith("/api/"):
        response = case.operation.definition.raw["responses"].get(str(answer.status_code), {})
        assert answer.json()["error"]["code"] in {
            "method_not_allowed",
            *examples_of_errors(response),
        }
    elif is_whole_analysis(case, answer):
        VALIDATOR.validate(answer.json())
    ANSWERS[case.method, case.path, answer.status_code] += 1


def is_whole_analysis(case: schemathesis.Case, answer: schemathesis.Response) -> bool:
    body = case.body if isinstance(case.body, dict) else {}
    fields = {**(case.query or {}), **body}.get("fields")
    return case.path == API and not fields and "json" in answer.headers["content-type"][0]


def test_the_good_answers_were_among_them() -> None:
    if not ANSWERS:
        pytest.skip("Only meaningful after the test above.")
    for wanted in (("POST", API, 200), ("POST", ALBUMS, 202), ("GET", "/readyz", 200)):
        assert ANSWERS[wanted] > 0


# An album goes with its last photo, which the tool would take for a lost album.
ALBUM_SCHEMA = described(APP).exclude(operation_id="delete_album_photo")


class TestAlbumsFromFirstToLast(ALBUM_SCHEMA.as_state_machine().TestCase):  # type: ignore[misc]
    """Albums that were made are shown and deleted, and gone after that."""

    settings = examples(max_examples=20, stateful_step_count=5, derandomize=True, deadline=None)


def test_a_server_without_users_asks_for_no_token(document: dict[str, Any]) -> None:
    assert document["security"] == []


def test_the_document_is_valid() -> None:
    SCHEMA.validate()


def test_every_route_is_described_with_its_methods(document: dict[str, Any]) -> None:
    routes: dict[str, set[str]] = {}
    for rule in APP.url_map.iter_rules():
        if rule.rule.startswith("/api/") or rule.rule in ("/healthz", "/readyz"):
            path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
            methods = {method.lower() for method in rule.methods or ()} - {"head", "options"}
            routes.setdefault(path, set()).update(methods)
    shown = {path: set(item) - {"parameters"} for path, item in document["paths"].items()}
    assert shown == routes


def error_codes(document: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Status and code of every error that the document knows."""
    for item in document["paths"].values():
        for operation in (item[name] for name in item if name != "parameters"):
            for status, response in operation["responses"].items():
                for code in examples_of_errors(response):
                    yield int(status), code


def examples_of_errors(response: dict[str, Any]) -> dict[str, Any]:
    media = response.get("content", {}).get("application/json", {})
    is_error = media.get("schema") == {"$ref": "#/components/schemas/ErrorResponse"}
    return dict(media["examples"]) if is_error else {}


def test_every_error_of_the_table_is_described_and_no_other(document: dict[str, Any]) -> None:
    ours = {
        (int(status), kind.code)  # type: ignore[attr-defined]
        for kind, status in STATUS.items()
        if kind not in ERRORS_OF_FORMS
    }
    frameworks = {(status, problem_of_status(status).code) for status in (*UNIVERSAL, *UPLOADING)}
    assert set(error_codes(document)) == ours | frameworks
    codes = {code for _, code in ours | frameworks}
    assert set(document["components"]["schemas"]["ErrorCode"]["enum"]) == codes


def test_the_document_names_what_the_framework_says_of_addresses(document: dict[str, Any]) -> None:
    for status in (404, 405):
        assert WORDS[status][0] in document["info"]["description"]


def test_choices_are_those_of_this_server(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["DetectorName"]["enum"] == ["", "mtcnn", "haar"]
    pairs = ("age=cydral,gender=other", "age=other,gender=cydral")
    assert schemas["ModelName"]["enum"] == ["", "cydral", "other", *pairs]
    photo = schemas["PhotoForm"]["properties"]["photo"]
    assert str(SETTINGS.max_bytes) in photo["description"]


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_of_a_photo_has_a_code_and_a_sentence_as_described(kind: str) -> None:
    make, status, code = REFUSED[kind]
    answer = post_photo(APP.test_client(), make(), to=API)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["message"].endswith(".")
    assert "Traceback" not in answer.text
    SCHEMA[API]["POST"].validate_response(answer)


FORMS: dict[str, tuple[str, dict[str, Any], dict[str, str], int]] = {
    "no photo": (API, {}, {}, 400),
    "two photos": (API, {"photo": [(io.BytesIO(b"x"), "a"), (io.BytesIO(b"x"), "b")]}, {}, 400),
    "another site": (API, {}, {"Sec-Fetch-Site": "cross-site"}, 403),
    "a host that is no name": (API, {}, {"Host": "x" * 300}, 400),
    "four photos": (ALBUMS, {"photo": [(io.BytesIO(b"x"), str(n)) for n in range(4)]}, {}, 413),
    "a bad archive": (
        ALBUMS,
        {"photo": (io.BytesIO(zip_of({"../a.jpg": b"x"})), "a.zip")},
        {},
        422,
    ),
    "another site's album": (ALBUMS, {}, {"Sec-Fetch-Site": "cross-site"}, 403),
}


@pytest.mark.parametrize("kind", FORMS)
def test_refusals_of_forms_are_as_described(kind: str) -> None:
    to, form, headers, status = FORMS[kind]
    answer = APP.test_client().post(
        to, data=form, headers=headers, content_type="multipart/form-data"
    )
    assert answer.status_code == status
    SCHEMA[to]["POST"].validate_response(answer)


CONFORMANCE = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def conforms(path: str, method: str, answer: TestResponse) -> None:
    """An answer of 5xx is as described, too, though no client likes it."""
    checks = [schemathesis.checks.CHECKS.get_one(name) for name in CONFORMANCE]
    SCHEMA[path][method].Case().validate_response(answer, checks=checks)


class AlwaysBusy(FakeDetector):
    """Fails as the gate does when its queue is full."""

    def detect(self, *_: object) -> list[Detection]:
        raise Busy("The server is busy.")


def test_a_busy_server_says_when_to_come_back_as_described(
    settings: Settings, portrait: bytes
) -> None:
    app = app_with(settings, AlwaysBusy())
    answer = post_photo(app.test_client(), portrait, to=API)
    assert answer.status_code == 503
    conforms(API, "POST", answer)


def test_an_album_is_as_described_while_it_waits_and_when_it_is_done(portrait: bytes) -> None:
    client = APP.test_client()
    photos = [(io.BytesIO(portrait), "family.jpg"), (io.BytesIO(b"no photo"), "notes.txt")]
    made = client.post(ALBUMS, data={"photo": photos})
    SCHEMA[ALBUMS]["POST"].validate_response(made)
    worker = AlbumWorker(SETTINGS, REGISTRY, album_store(SETTINGS))
    for number in (1, 2):
        worker.analyze(made.get_json()["id"], number)
        answer = client.get(made.headers["Location"])
        assert answer.get_json()["done"] == number
        SCHEMA[ALBUMS + "/{album_id}"]["GET"].validate_response(answer)


def test_whatever_can_become_of_an_albums_photo_is_described(document: dict[str, Any]) -> None:
    error = document["components"]["schemas"]["PhotoError"]
    codes = set(error["properties"]["code"]["enum"])
    assert codes == {LOST.code, *(error.code for error in PHOTO_ERRORS)}
    assert {"unreadable_photo", "not_a_photo", "photo_too_large"} <= codes


def test_alive_at_once_and_ready_when_the_networks_are_built_as_described(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    conforms("/readyz", "GET", answer)
    services(app).photos.warm_up()
    assert client.get("/readyz").get_json() == {"status": "ready"}
    services(app).photos.close()
