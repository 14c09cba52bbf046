"""Fingers, writing from right to left, a page at 200 %, little motion, and paper."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, analyze

pytestmark = pytest.mark.browser

ADDRESSES = ("/", "/albums/new", "/camera", "/compare", "/models", "/api", "/nowhere")
FULL_SIZE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
Open = Callable[..., Page]


@pytest.fixture
def open_result(browser: Browser, server: str, photo: Path) -> Iterator[Open]:
    """Opens a result of two faces in a window of a kind."""
    with ExitStack() as held:

        def opened(**kind: object) -> Page:
            context = browser.new_context(base_url=server, **kind)  # type: ignore[arg-type]
            held.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            analyze(page, photo)
            return page

        yield opened


def touch(page: Page, *moves: list[tuple[float, float]]) -> None:
    """Fingers that touch the screen at the first places and move through the others."""
    session = page.context.new_cdp_session(page)
    for number, places in enumerate(moves):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def middle_of(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_two_fingers_zoom_and_one_moves(open_result: Open) -> None:
    page = open_result(viewport=PHONE, has_touch=True, is_mobile=True)
    x, y = middle_of(page, ".frame")
    width = page.locator("#box-1 .box").bounding_box()
    apart = [[(x - d, y), (x + d, y)] for d in (20, 30, 40, 50, 60)]
    touch(page, *apart)
    expect(page.locator(".frame")).to_have_class(re.compile("zoomed"))
    wider = page.locator("#box-1 .box").bounding_box()
    assert width is not None
    assert wider is not None
    assert wider["width"] == pytest.approx(3 * width["width"], rel=0.15)
    scrolled = page.evaluate("scrollY")
    touch(page, *[[(x + step, y + step)] for step in (0, 10, 20, 30, 40)])
    moved = page.locator("#box-1 .box").bounding_box()
    assert moved is not None
    assert moved["x"] == pytest.approx(wider["x"] + 40, abs=12)
    assert page.evaluate("scrollY") == scrolled
    assert "#" not in page.url
    touch(page, *reversed(apart), *reversed(apart))
    expect(page.locator(".frame")).not_to_have_class(re.compile("zoomed"))


def test_one_finger_moves_the_page_over_the_whole_photo(open_result: Open) -> None:
    page = open_result(viewport=PHONE, has_touch=True, is_mobile=True)
    x, y = middle_of(page, ".frame")
    touch(page, *[[(x, y - step)] for step in range(0, 200, 20)])
    page.wait_for_timeout(500)
    assert page.evaluate("scrollY") > 50


def overflow(page: Page) -> int:
    found: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


@pytest.mark.parametrize("size", [FULL_SIZE, PHONE], ids=["wide", "phone"])
def test_from_right_to_left_pages_are_mirrored(open_result: Open, size: dict[str, int]) -> None:
    page = open_result(viewport=size)
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.locator(".people summary").first.click()
    assert overflow(page) == 0
    brand, name = middle_of(page, ".brand"), middle_of(page, ".who >> nth=0")
    assert brand[0] > size["width"] / 2
    assert name[0] > middle_of(page, ".says >> nth=0")[0]
    if size is FULL_SIZE:
        assert middle_of(page, ".photo")[0] > middle_of(page, ".people")[0]
    box, photo = middle_of(page, "#box-1 .box"), page.locator(".stage img").bounding_box()
    assert photo is not None
    assert box[0] == pytest.approx(photo["x"] + photo["width"] / 2, abs=3)  # where the face is
    for address in ADDRESSES:
        page.goto(address)
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert overflow(page) == 0


def test_at_200_percent_nothing_is_cut_off(open_result: Open) -> None:
    page = open_result(viewport={"width": 640, "height": 450}, device_scale_factor=2)
    page.locator(".people summary").first.click()
    page.get_by_text("Correct the faces").click()
    for address in ("", *ADDRESSES):
        if address:
            page.goto(address)
        assert overflow(page) == 0
        assert page.evaluate(CUT_OFF) == []


CUT_OFF = """() => [...document.querySelectorAll("main *, header *")]
    .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, svg, [tabindex]"))
    .filter((one) => getComputedStyle(one).overflowX !== "visible")
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 80))"""
"""What hides a part of what is in it, apart from what can be scrolled with the keyboard."""


def test_who_wants_little_motion_gets_little(open_result: Open) -> None:
    moves = """() => [...document.querySelectorAll("*")].filter((one) => {
        const { transitionDuration, animationName } = getComputedStyle(one);
        return transitionDuration !== "0s" || animationName !== "none"; }).length"""
    assert open_result(reduced_motion="reduce").evaluate(moves) == 0
    assert open_result(reduced_motion="no-preference").evaluate(moves) > 0


def test_on_paper_there_are_the_photo_and_all_faces_and_nothing_to_press(open_result: Open) -> None:
    page = open_result(viewport=FULL_SIZE, color_scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator(".stage img")).to_be_visible()
    expect(page.locator(".people summary")).to_have_count(2)
    for hidden in ("header.site", ".tools", ".cards", ".correction"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 32, 43)"
    people = page.locator(".people")
    assert people.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
