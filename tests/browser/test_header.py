"""The header leads to every part of the app, on a phone and without JavaScript, too."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visitor, visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_part_is_one_click_away(
    browser: Browser, server: str, width: int, javascript: bool
) -> None:
    context = visit(browser, server, Visitor(javascript=javascript, width=width))
    page = context.new_page()
    page.goto("/")
    navigation = page.get_by_role("navigation", name="Pages")
    for title in navigation.get_by_role("link").all_inner_texts():
        link = navigation.get_by_role("link", name=title)
        box = link.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        link.click()
        expect(navigation.locator("[aria-current=page]")).to_have_text(title)
    context.close()


def test_the_current_part_is_marked_by_more_than_colour(page: Page) -> None:
    page.goto("/models")
    border = "element => getComputedStyle(element).borderBlockEndColor"
    marked = page.locator("header nav [aria-current]").evaluate(border)
    others = {
        link.evaluate(border) for link in page.locator("header nav a:not([aria-current])").all()
    }
    assert others == {"rgba(0, 0, 0, 0)"}
    assert marked not in others
