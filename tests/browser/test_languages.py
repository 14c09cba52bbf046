"""Another language, chosen with the keyboard, on a phone, with and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visitor, visited

pytestmark = pytest.mark.browser


def test_a_photo_is_sent_in_german_by_keyboard(either_page: Page, photo: Path) -> None:
    page = either_page
    page.goto("/compare")
    page.get_by_role("link", name="Deutsch").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcher Detektor sieht was?")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.goto("/")
    page.locator("#photo").set_input_files(photo)
    page.get_by_role("button", name="Gesichter finden").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 Gesichter in family.jpg")
    expect(page.locator(".people").get_by_text("männlich").first).to_be_visible()
    page.get_by_role("link", name="English").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 faces in family.jpg")


def test_scripts_speak_the_language_of_the_page(page: Page, tmp_path: Path) -> None:
    page.goto("/language/de")
    page.goto("/albums/new")
    (tmp_path / "a.jpg").write_bytes(bytes(1_234_567))
    (tmp_path / "notes.txt").write_bytes(b"notes")
    page.locator("#photo").set_input_files([tmp_path / "a.jpg", tmp_path / "notes.txt"])
    told = page.locator(".chosen-count")
    expect(told).to_have_text("1 Datei, 1,2 MB. Ausgelassen, da keine Fotos: notes.txt.")


@pytest.mark.parametrize("code", ["en", "de", "es", "fr", "pt"])
def test_long_words_fit_on_a_phone(browser: Browser, server: str, photo: Path, code: str) -> None:
    with visited(browser, server, Visitor(width=360)) as page:
        page.goto(f"/language/{code}")
        for address in ("/", "/albums/new", "/camera", "/compare", "/models", "/api", "/nothing"):
            page.goto(address)
            assert overflow(page) <= 0, address
            assert_header_is_tidy(page)
        page.goto("/")
        page.locator("#photo").set_input_files(photo)
        page.locator("button.primary").click()
        expect(page.locator(".people")).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert overflow(page) <= 0


def assert_header_is_tidy(page: Page) -> None:
    """The links to the parts of the app are in one line, none of them cut."""
    links = page.locator("header.site nav a").all()
    boxes = [box for link in links if (box := link.bounding_box())]
    assert len(boxes) == len(links)
    assert len({box["y"] for box in boxes}) == 1
    assert max(box["x"] + box["width"] for box in boxes) <= 360


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    found: int = page.evaluate(wide)
    return found
