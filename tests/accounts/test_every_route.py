"""Every address of the app, asked by a stranger, by another user and by the owner.

The table is made from the app itself: a new route is in it before anybody thinks of it.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.conftest import PASSWORDS, bearer, browser_of, users_in
from tests.samples import encoded, grace_hopper
from tests.web.fakes import TWO_FACES, FakeDetector, app_with, registry_of
from tests.web.posts import PAGE, post_photo, token_of
from webapp.albums.worker import AlbumWorker
from webapp.app import create_app
from webapp.results.runs import FIRST, name_in_run
from webapp.results.schema import Choices
from webapp.services import services
from webapp.settings import Settings
from webapp.web.accounts.users import UserFile
from webapp.web.marks import marks_of
from webapp.web.stored_analysis import crop_name, gender_name

EXAMPLE = Settings(data_dir=Path("/nonexistent"), users=Path("/nonexistent"), secret_key="k" * 32)


APP = app_with(EXAMPLE)


def routes() -> Iterator[tuple[str, str]]:
    """Every rule with each of its methods."""
    for rule in sorted(APP.url_map.iter_rules(), key=str):
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            yield str(rule), method


PHOTO = encoded(grace_hopper()[::6, ::6])
ROUTES = tuple(routes())
PUBLIC = {
    str(rule)
    for rule in APP.url_map.iter_rules()
    if marks_of(APP.view_functions[rule.endpoint]).public
}
PRIVATE = tuple(route for route in ROUTES if route[0] not in PUBLIC)
OWNED = tuple(route for route in ROUTES if re.search("result_id|album_id", route[0]))
FORMS = tuple(route for route in ROUTES if route[1] == "POST" and not route[0].startswith("/api/"))


@dataclass(frozen=True)
class House:
    """An app with two users, and what alice has in it."""

    app: Flask
    browsers: dict[str, FlaskClient]
    headers: dict[str, dict[str, str]]
    ids: dict[str, str]

    def ask_as(self, name: str, route: tuple[str, str], address: str) -> TestResponse:
        """As somebody who is signed in; at the API with a token and without a cookie."""
        rule, method = route
        if rule.startswith("/api/"):
            return ask(self.app.test_client(), method, address, **self.headers[name])
        browser = self.browsers[name]
        return ask(browser, method, address, token_of(browser.get("/").text))

    def has_everything(self) -> bool:
        """Whether alice still sees all that is hers."""
        pages = {"analysis": "analyses", "comparison": "compare", "album": "albums"}
        alice = self.browsers["alice"]
        addresses = (f"/{page}/{self.ids[kind]}" for kind, page in pages.items())
        return all(alice.get(address).status_code == 200 for address in addresses)


def built(folder: Path) -> House:
    """A house with an analysis, a comparison and a finished album."""
    settings = Settings(data_dir=folder, users=users_in(folder), secret_key="k" * 32)
    registry = registry_of(FakeDetector("mtcnn", TWO_FACES), FakeDetector("haar"))
    app = create_app(settings, registry=registry)
    browsers = {name: browser_of(app, name) for name in PASSWORDS}
    addresses = {
        kind: post_photo(browsers["alice"], PHOTO, to=to).location
        for kind, to in (("analysis", PAGE), ("comparison", "/compare"), ("album", "/albums"))
    }
    ids = {kind: address.rsplit("/", 1)[1] for kind, address in addresses.items()}
    account = UserFile(users_in(folder)).account("alice")
    assert account is not None
    photos = services(app).photos
    first = photos.open(ids["analysis"], FIRST, account.id)
    for run in (1, photos.reanalyze(first, Choices())):
        first.stored.add(name_in_run(run, gender_name(crop_name(1))), PHOTO)
    AlbumWorker(settings, registry, services(app).albums.repository.store).analyze(ids["album"], 1)
    headers = {name: bearer(users_in(folder), name) for name in PASSWORDS}
    return House(app, browsers, headers, ids)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """For requests that change nothing."""
    return built(tmp_path_factory.mktemp("house"))


@pytest.fixture
def new_house(tmp_path: Path) -> House:
    """For requests that may change something."""
    return built(tmp_path)


def address_of(rule: str, ids: dict[str, str]) -> str:
    """A rule's address among alice's things. Fails for a part that it does not know."""
    is_comparison = rule.startswith("/compare")
    values = {
        "result_id": ids["comparison" if is_comparison else "analysis"],
        "album_id": ids["album"],
        "run": "2",
        "number": "1",
        "name": "hopper",
        "style": "boxes",
        "version": "1",
        "extension": "jpg",
        "task": "age",
        "filename": "app.css",
        "code": "en",
    }
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda part: values[part[1]], rule)


def ask(
    client: FlaskClient, method: str, address: str, token: str = "", **headers: str
) -> TestResponse:
    """A request that would do something: with a photo, and with what signs in."""
    if method != "POST":
        return client.open(address, method=method, headers=headers)
    fields: dict[str, object] = {"csrf_token": token}
    if address in ("/login", "/account"):
        fields |= {"name": "alice", "password": PASSWORDS["alice"]}
        fields |= {"new_password": PASSWORDS["bob"]}
    if address.endswith(("/analyses", "/compare", "/albums", "/frames", "/api")):
        fields["photo"] = (io.BytesIO(PHOTO), "family.jpg")
    if address.endswith("/faces"):
        fields |= {"x": "10", "y": "10", "width": "30", "height": "30"}
    return client.post(address, data=fields, headers=headers)


def test_only_these_addresses_are_public() -> None:
    files = {"/static/<path:filename>", "/assets/<version>/<path:filename>"}
    assert {"/login", "/language/<code>", "/healthz", "/readyz", "/metrics", *files} == PUBLIC


def test_the_table_has_every_kind_of_route() -> None:
    assert len(OWNED) > 20
    assert {"/analyses", "/compare", "/albums", "/login", "/logout"} <= {rule for rule, _ in FORMS}


@pytest.mark.parametrize("route", PRIVATE, ids=" ".join)
def test_a_stranger_is_asked_to_sign_in(house: House, route: tuple[str, str]) -> None:
    rule, method = route
    answer = ask(house.app.test_client(), method, address_of(rule, house.ids))
    if rule.startswith("/api/"):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert method == "HEAD" or answer.get_json()["error"]["code"] == "no_token"
    else:
        assert answer.status_code == 303
        assert answer.location.startswith("/login?next=/")
    assert house.has_everything()


@pytest.mark.parametrize("rule", sorted(PUBLIC))
def test_a_public_address_asks_nobody_to_sign_in(house: House, rule: str) -> None:
    address = rule.replace("<path:filename>", "app.css").replace("<code>", "de")
    answer = house.app.test_client().get(address)
    answer.close()
    assert answer.status_code in (200, 503) or answer.location == "/"


@pytest.mark.parametrize("route", OWNED, ids=" ".join)
def test_what_is_alices_does_not_exist_for_bob(house: House, route: tuple[str, str]) -> None:
    refused = house.ask_as("bob", route, address_of(route[0], house.ids))
    nowhere = address_of(route[0], dict.fromkeys(house.ids, "x" * 32))
    never = house.ask_as("bob", route, nowhere)
    assert refused.status_code == never.status_code == 404
    assert without_token(refused.text) == without_token(never.text)
    assert house.has_everything()


def without_token(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_alice_gets_what_is_hers(request: pytest.FixtureRequest, route: tuple[str, str]) -> None:
    changes_nothing = route[1] in ("GET", "HEAD")
    house: House = request.getfixturevalue("house" if changes_nothing else "new_house")
    answer = house.ask_as("alice", route, address_of(route[0], house.ids))
    answer.close()
    assert answer.status_code < 400 or (answer.status_code == 503 and route[0] == "/readyz")


@pytest.mark.parametrize("token", ["", "made-up"])
@pytest.mark.parametrize("route", FORMS, ids=" ".join)
def test_no_form_is_taken_without_the_token_of_the_session(
    house: House, route: tuple[str, str], token: str
) -> None:
    answer = ask(house.browsers["alice"], "POST", address_of(route[0], house.ids), token)
    assert answer.status_code == 400
    assert "Please send it again." in answer.text
    assert house.has_everything()


def test_an_albums_photo_is_its_owners_alone(house: House) -> None:
    address = f"/analyses/{house.ids['album']}.1"
    assert house.browsers["alice"].get(address).status_code == 200
    assert house.browsers["bob"].get(address).status_code == 404
    assert house.app.test_client().get(address).status_code == 303
