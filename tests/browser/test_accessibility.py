"""axe finds nothing on any page, in either theme; nothing is wider than a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import check_page, choose_detector

pytestmark = pytest.mark.browser

PAGES = ("upload", "chosen", "result", "opened", "no faces", "bad file", "error")
FURTHER_PAGES = ("networks", "api", "compare", "comparison", "album upload")
ADDRESSES = {
    "error": "/analyses/nothing",
    "networks": "/models",
    "api": "/api",
    "compare": "/compare",
    "comparison": "/compare",
    "album upload": "/albums/new",
}


def open_page(page: Page, name: str, photo: Path) -> None:
    page.goto(ADDRESSES.get(name, "/"))
    if name == "upload" or (name in ADDRESSES and name != "comparison"):
        return
    if name == "bad file":
        photo.write_text("no photo")
    page.set_input_files("#photo", photo)
    if name == "chosen":
        return
    if name == "comparison":
        page.get_by_role("button", name="Compare").click()
        expect(page.locator(".panels")).to_be_visible()
        return
    if name == "no faces":
        choose_detector(page, "haar")
    page.get_by_role("button", name="Find faces").click()
    expect(page.locator("#summary" if name == "bad file" else ".result")).to_be_visible()
    if name == "opened":
        page.locator("#correction summary").first.click()
        page.locator(".people summary").first.click()
        page.locator(".people [open]").get_by_role("link", name="Why?").click()
        expect(page.locator(".people [data-explanation]")).to_be_visible()


@pytest.mark.parametrize("name", [*PAGES, *FURTHER_PAGES])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    themed_page: Page, name: str, photo: Path
) -> None:
    open_page(themed_page, name, photo)
    check_page(themed_page)
