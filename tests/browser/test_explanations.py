"""Why, in the inspector or on a page of its own."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import check_page
from tests.browser.test_journey import analyze

pytestmark = pytest.mark.browser


def test_why_is_answered_where_it_is_asked(either_page: Page, photo: Path) -> None:
    page = either_page
    analyze(page, photo)
    page.locator("details[name=face] summary").first.click()
    page.locator("details[name=face][open]").get_by_role("link", name="Why?").click()
    maps = page.locator(".maps img")
    expect(maps).to_have_count(2)
    for one in maps.all():
        expect(one).to_be_in_viewport()
        assert one.evaluate("async (image) => { await image.decode(); return image.naturalWidth }")
    expect(page.get_by_text("Age: 25-32", exact=True)).to_be_visible()


def test_nothing_is_wrong_with_the_page(page: Page, photo: Path) -> None:
    analyze(page, photo)
    page.goto(f"{page.url}/faces/1/why")
    check_page(page)
    page.get_by_role("link", name="Back to the photo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 faces")
