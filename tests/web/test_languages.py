"""Pages in the visitor's language: how it is chosen, and that all of a page is in it."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.catalogues import TRANSLATED, catalogue
from tests.unit.test_templates import READ
from tests.web.conftest import Analyzed
from tests.web.posts import API, post_photo, post_photos
from webapp.vision.buckets import BUCKETS
from webapp.vision.errors import PhotoTooLarge
from webapp.vision.types import AgeEstimate
from webapp.web import wording
from webapp.web.examples import EXAMPLES
from webapp.web.languages import translated


def language_of(page: str) -> str:
    found = re.search(r'<html lang="(\w+)" dir="ltr">', page)
    assert found is not None, page[:200]
    return found[1]


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("pt-BR", "pt"),
        ("FR-ca", "fr"),
        ("nl, es;q=0.8, de;q=0.2", "es"),
        ("de;q=0, es;q=0.1", "es"),
        ("nl", "en"),
        ("*", "en"),
        ("", "en"),
        ("no such thing;;q=x", "en"),
    ],
)
def test_the_browser_chooses(client: FlaskClient, wanted: str, language: str) -> None:
    assert language_of(client.get("/", headers={"Accept-Language": wanted}).text) == language


def test_a_choice_by_hand_is_remembered_and_wins(client: FlaskClient) -> None:
    answer = client.get(
        "/language/fr", headers={"Referer": "http://localhost/compare?a=1", "Accept-Language": "de"}
    )
    assert answer.status_code == 303
    assert answer.location == "/compare?a=1"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("agelens-language=fr; ")
    assert {"SameSite=Lax", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert language_of(client.get("/", headers={"Accept-Language": "de"}).text) == "fr"


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("http://localhost/albums/new", "/albums/new"),
        ("http://localhost/analyses", "/"),  # the answer to a form
        ("http://elsewhere.example/albums/new", "/"),
        ("http://localhost//elsewhere.example", "/"),
        ("http://[", "/"),  # no address
        ("", "/"),
    ],
)
def test_choosing_goes_back_to_a_page_of_this_site(
    client: FlaskClient, came_from: str, goes_to: str
) -> None:
    assert client.get("/language/es", headers={"Referer": came_from}).location == goes_to


def test_there_are_no_other_languages(client: FlaskClient) -> None:
    assert client.get("/language/xx").status_code == 404
    client.set_cookie("agelens-language", "../de")
    assert language_of(client.get("/").text) == "en"


def test_every_page_offers_every_language_by_its_own_name(client: FlaskClient) -> None:
    for address in ("/", "/nothing"):
        page = client.get(address, headers={"Accept-Language": "de"}).text
        links = re.findall(r'href="/language/(\w+)" lang="(\w+)" hreflang="\w+"[^>]*>(\w+)<', page)
        assert links[:2] == [("en", "en", "English"), ("de", "de", "Deutsch")]
        assert len(links) == len(TRANSLATED) + 1
        assert re.findall(r'lang="(\w+)"[^>]* aria-current=true', page) == ["de"]


def test_caches_are_told_what_a_page_depends_on(client: FlaskClient) -> None:
    vary = client.get("/").vary
    assert "Accept-Language" in vary
    assert "Cookie" in vary
    assert "Accept-Language" not in client.get("/healthz").vary


IN_GERMAN = {"Accept-Language": "de"}


def test_an_error_is_told_on_a_page_in_its_language_and_by_the_api_in_english(
    client: FlaskClient,
) -> None:
    client.set_cookie("agelens-language", "de")
    assert "Die Datei ist kein Foto; nehmen Sie JPEG" in post_photo(client, b"text").text
    assert "Das ist eine Datei anderer Art (PDF);" in post_photo(client, b"%PDF-1.7").text
    answer = post_photo(client, b"%PDF-1.7", to=API).get_json()["error"]
    assert answer["message"] == "This is a file of another kind (PDF); send a JPEG or PNG."


def test_the_numbers_in_an_error_are_written_as_people_write_them(app: Flask) -> None:
    error = PhotoTooLarge(
        "The photo has %(pixels)s megapixels; the limit is %(limit)s.", pixels=1234.5, limit=101.0
    )
    assert str(error) == "The photo has 1,234.5 megapixels; the limit is 101."
    with app.test_request_context(headers=IN_GERMAN):
        assert translated(error) == "Das Foto hat 1.234,5 Megapixel; die Grenze ist 101."


AGE = AgeEstimate({bucket: 0.4 if bucket in BUCKETS[3:5] else 0.2 / 6 for bucket in BUCKETS})


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["No faces", "1 face", "2 faces", "1,000 of 1,200 faces"]),
        ("de", ["Keine Gesichter", "1 Gesicht", "2 Gesichter", "1.000 von 1.200 Gesichtern"]),
        ("es", ["Ningún rostro", "1 rostro", "2 rostros", "1.000 de 1.200 rostros"]),
        ("fr", ["Aucun visage", "1 visage", "2 visages", "1\u202f000 visages sur 1\u202f200"]),
        ("pt", ["Nenhum rosto", "1 rosto", "2 rostos", "1.000 de 1.200 rostos"]),
    ],
)
def test_faces_are_counted_as_the_language_counts(
    app: Flask, language: str, told: list[str]
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        counted = [wording.faces_in_words(count) for count in range(3)]
        assert [*counted, wording.faces_in_words(1000, 1200)] == told


@pytest.mark.parametrize(
    ("language", "whole", "exact", "certain"),
    [
        ("en", "73%", "12.5%", ">99%"),
        ("de", "73\xa0%", "12,5\xa0%", ">99\xa0%"),
        ("fr", "73\xa0%", "12,5\xa0%", ">99\xa0%"),
        ("es", "73\xa0%", "12,5\xa0%", ">99\xa0%"),
        ("pt", "73%", "12,5%", ">99%"),
    ],
)
def test_percentages_are_written_as_people_write_them(
    app: Flask, language: str, whole: str, exact: str, certain: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert wording.percentage(0.73) == whole
        assert wording.exact_percentage(0.125) == exact
        assert wording.percentage(0.9999) == certain
        assert wording.percentage(1e-9).startswith("<1")


def test_ages_are_told_in_the_language(app: Flask) -> None:
    with app.test_request_context(headers=IN_GERMAN):
        assert wording.age_in_words(AGE) == "zwischen 15-20 und 25-32"


class Words(HTMLParser):
    """The texts of a page outside of what is marked as English: code and cards."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.english: list[str] = []
        self.tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tag = tag
        if (named.get("lang") in ("en", "de") and tag != "html") or tag in ("pre", "code"):
            self.english.append(tag)
        if not self.english:
            self.found |= {value or "" for name, value in attrs if name in READ}
            if named.get("name") == "description":
                self.found.add(named.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.english and self.english[-1] == tag:
            self.english.pop()

    def handle_data(self, data: str) -> None:
        if not self.english and self.tag != "script":
            self.found.add(" ".join(data.split()))


def words_of(page: str) -> set[str]:
    words = Words()
    words.feed(page)
    return words.found


# Names, which are the same in every language.
NAMES = {"agelens", "API – agelens", "family.jpg", *(one.source for one in EXAMPLES.values())}
NAMES |= {EXAMPLES["hopper"].title, EXAMPLES["collins"].title}


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_page_has_english_left_in_it(
    client: FlaskClient, analyzed: Analyzed, portrait: bytes, language: str
) -> None:
    sentences = {str(message.id): message.string for message in catalogue(language) if message.id}
    same = "|".join(
        re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(sentence))
        for sentence, translation in sentences.items()
        if sentence == translation
    )
    result, compared = analyzed(), post_photo(client, portrait, to="/compare").location
    album = post_photos(client, [("family.jpg", portrait)], "/albums").location
    pages = ["/", "/albums/new", "/camera", "/compare", "/models", "/api", "/deleted", "/nothing"]
    pages += ["/albums/deleted", result, analyzed(detector="haar"), compared, album]
    for address in [*pages, f"{result}/faces/1/why"]:
        english = words_of(client.get(address, headers={"Accept-Language": "en"}).text)
        left = english & words_of(client.get(address, headers={"Accept-Language": language}).text)
        left = {text for text in left - NAMES if not re.fullmatch(same, text)}
        assert [text for text in left if re.search("[A-Za-z]{3} ", text) or text in sentences] == []
