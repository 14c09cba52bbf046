"""Every page has the same header: every part of the app, and in which of them one is."""

import pytest
from flask.testing import FlaskClient

from tests.web.posts import post_photo
from tests.web.test_pages import Elements

PARTS = {"/": "Photo", "/albums/new": "Album", "/compare": "Compare", "/models": "Networks"}


def parts_of(page: str) -> dict[str, str | None]:
    """The links of the header to parts of the app, each with its ``aria-current``."""
    header = page.partition('<nav aria-label="Pages">')[2].partition("</nav>")[0]
    return {
        str(link["href"]): str(link.get("aria-current", "")) for link in Elements(header).of("a")
    }


@pytest.mark.parametrize("address", PARTS)
def test_the_first_page_of_each_part_says_that_one_is_there(
    client: FlaskClient, address: str
) -> None:
    parts = parts_of(client.get(address).text)
    assert parts.keys() >= PARTS.keys()
    assert [one for one in parts.items() if one[1]] == [(address, "page")]


def test_a_page_below_and_a_refused_form_say_in_which_part_one_is(
    client: FlaskClient, address: str, portrait: bytes
) -> None:
    assert parts_of(client.get(address).text)["/"] == "true"
    comparison = post_photo(client, portrait, to="/compare").location
    assert parts_of(client.get(comparison).text)["/compare"] == "true"
    assert parts_of(client.post("/albums").text)["/albums/new"] == "true"


def test_a_page_of_errors_leads_everywhere_and_is_nowhere(client: FlaskClient) -> None:
    parts = parts_of(client.get("/nothing").text)
    assert parts.keys() >= PARTS.keys()
    assert not any(parts.values())


def test_only_parts_that_the_app_has_are_named(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(client.get(address).status_code == 200 for address in parts_of(client.get("/").text))
    monkeypatch.setattr(
        "webapp.web.navigation.SECTIONS", {"/nothing": "Nothing", "/models": "Networks"}
    )
    assert parts_of(client.get("/").text) == {"/models": ""}
