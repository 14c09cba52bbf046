"""The result: the photo takes the window, a line per face opens, keys walk and zoom."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visitor, analyze, check_page, listening_for, visit
from tests.samples import encoded, grace_hopper, group
from tests.web.fakes import FakeDetector, registry_of
from webapp.app import create_app
from webapp.settings import Settings
from webapp.vision.drawings import STYLES, Style

pytestmark = pytest.mark.browser

GRIDS = {1: (1, 1), 4: (2, 2), 32: (8, 4), 100: (10, 10)}
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, str]]:
    """An app for each number of faces that it finds."""
    with ExitStack() as held:
        addresses = {}
        for count, (columns, rows) in GRIDS.items():
            shares = tuple(
                ((column + 0.3) / columns, (row + 0.2) / rows, 0.4 / columns, 0.45 / rows)
                for row in range(rows)
                for column in range(columns)
            )
            settings = Settings(data_dir=tmp_path_factory.mktemp(f"faces-{count}"))
            app = create_app(settings, registry=registry_of(FakeDetector("mtcnn", shares)))
            addresses[count] = held.enter_context(listening_for(app))
        yield addresses


@pytest.fixture
def open_result(browser: Browser, servers: dict[int, str], tmp_path: Path) -> Iterator[Open]:
    """Opens the result of a photo with so many faces."""
    with ExitStack() as held:

        def opened(count: int, visitor: Visitor | None = None) -> Page:
            columns, rows = GRIDS[count]
            photo = tmp_path / f"{count}.jpg"
            photo.write_bytes(encoded(group(min(columns, 4), min(rows, 4))))
            context = visit(browser, servers[count], visitor or Visitor())
            held.callback(context.close)
            page = context.new_page()
            analyze(page, photo)
            return page

        yield opened


@pytest.mark.parametrize("width", [1280, 1920])
def test_the_photo_takes_what_the_window_has_and_stays_beside_the_faces(
    open_result: Open, width: int
) -> None:
    page = open_result(32, Visitor(width=width))
    photo, people = page.locator(".stage img").bounding_box(), page.locator(".people")
    assert photo is not None
    assert photo["width"] > 0.55 * width
    assert photo["y"] + photo["height"] <= 900
    people.locator("li").last.scroll_into_view_if_needed()
    after = page.locator(".stage img").bounding_box()
    assert after is not None
    assert 0 <= after["y"] <= 900 - after["height"]


@pytest.mark.parametrize("count", GRIDS)
@pytest.mark.parametrize(
    "visitor",
    [Visitor(theme="light", width=360), Visitor(theme="dark", width=1920)],
    ids=["light phone", "dark wide screen"],
)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    open_result: Open, count: int, visitor: Visitor
) -> None:
    page = open_result(count, visitor)
    check_page(page)
    page.locator(".people summary").first.click()
    check_page(page)


def test_labels_are_there_where_they_fit_and_the_others_on_demand(open_result: Open) -> None:
    page = open_result(4)
    expect(page.locator(".label:visible")).to_have_count(4)
    crowd = open_result(100)
    shown = crowd.locator(".label:visible").count()
    assert shown < 100
    hidden = crowd.locator("a:has(.label.extra)").last
    expect(hidden.locator(".label")).to_be_hidden()
    hidden.focus()
    expect(hidden.locator(".label")).to_be_visible()


def test_a_line_opens_the_inspector_and_only_one(open_result: Open) -> None:
    page = open_result(4)
    page.locator(".people summary").nth(0).click()
    expect(page.locator("#face-1")).to_contain_text("18 to 37, right 9 times in 10")
    expect(page.locator("#face-1").get_by_role("img", name="25-32 years 73%")).to_be_visible()
    expect(page.locator("#face-1 img").first).to_have_js_property("complete", value=True)
    page.locator(".people summary").nth(2).click()
    expect(page.locator("#face-3")).to_be_visible()
    expect(page.locator("#face-1")).to_be_hidden()


def test_arrow_keys_walk_through_the_faces(open_result: Open) -> None:
    page = open_result(4)
    for key, face in [("Right", 1), ("Right", 2), ("Down", 3), ("Left", 2), ("Up", 1), ("Left", 1)]:
        page.keyboard.press(f"Arrow{key}")
        expect(page.locator(f"#face-{face}")).to_be_visible()
        expect(page.locator(f"li[data-face='{face}'] summary")).to_be_focused()
        expect(page.locator(f"#box-{face}")).to_have_class("marked")
    expect(page.locator(".inspector:visible")).to_have_count(1)


def test_escape_closes_what_is_open(open_result: Open) -> None:
    page = open_result(4)
    page.keyboard.press("ArrowRight")
    page.get_by_text("Correct the faces").click()
    page.keyboard.press("Escape")
    expect(page.locator(".correction")).not_to_have_attribute("open", "")
    expect(page.locator("#face-1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#face-1")).to_be_hidden()
    expect(page.locator("li[data-face='1'] summary")).to_be_focused()


def test_a_button_turns_the_photo(open_result: Open) -> None:
    for javascript in (True, False):
        page = open_result(1, Visitor(javascript=javascript))
        page.get_by_role("button", name="Turn right").click()
        expect(page.locator(".stage img")).to_have_attribute("width", "512")
        expect(page).to_have_url(re.compile("/runs/2$"))
        if javascript:
            expect(page.get_by_role("button", name="Turn right")).to_be_focused()


SOURCE = "document.querySelector('.stage img').currentSrc"


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own way is refused by the pages' policy."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never: {condition}")


def scale_of(page: Page) -> float:
    transform = page.locator(".stage").evaluate("stage => stage.style.transform")
    found = re.search(r"scale\(([\d.]+)\)", transform)
    return float(found[1]) if found else 1.0


def test_the_wheel_zooms_where_it_turns_and_at_the_whole_photo_the_page_moves(
    open_result: Open,
) -> None:
    page = open_result(4)
    page.locator("#box-4 .halo").hover()
    page.wait_for_timeout(500)  # hovering may have scrolled, and who scrolls does not zoom
    page.mouse.wheel(0, -400)
    expect(page.locator(".frame")).to_have_class(re.compile("zoomed"))
    assert scale_of(page) > 2
    marked = page.locator("#box-4")
    expect(marked).to_have_class("marked")  # still under the pointer
    for _ in range(4):
        page.mouse.wheel(0, 400)
    expect(page.locator(".frame")).not_to_have_class(re.compile("zoomed"))
    page.mouse.wheel(0, 300)
    until(page, "scrollY > 0")


def test_keys_and_buttons_zoom_and_move(open_result: Open) -> None:
    page = open_result(4)
    page.locator("#box-1").focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert scale_of(page) == pytest.approx(1.96)
    before = page.locator("#box-1 .box").bounding_box()
    page.keyboard.press("Shift+ArrowLeft")
    after = page.locator("#box-1 .box").bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == pytest.approx(before["x"] + 60, abs=1)
    page.keyboard.press("0")
    assert scale_of(page) == 1
    page.get_by_role("button", name="Zoom in").click()
    assert scale_of(page) > 1
    page.get_by_role("button", name="Whole photo").click()
    assert scale_of(page) == 1


def test_a_zoomed_photo_is_dragged_and_no_link_is_followed(open_result: Open) -> None:
    page = open_result(4)
    page.get_by_role("button", name="Zoom in").click()
    box = page.locator("#box-1 .halo")
    before = box.bounding_box()
    assert before is not None
    x, y = before["x"] + 40, before["y"] + 120
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 50, y - 30, steps=5)
    page.mouse.up()
    after = box.bounding_box()
    assert after is not None
    assert after["x"] == pytest.approx(before["x"] - 50, abs=6)
    assert "#" not in page.url


def test_a_face_that_is_walked_to_comes_into_view_of_the_zoomed_photo(open_result: Open) -> None:
    page = open_result(4)
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
    page.keyboard.press("ArrowLeft")  # the last
    frame, box = page.locator(".frame").bounding_box(), page.locator("#box-4 .box").bounding_box()
    assert frame is not None
    assert box is not None
    assert frame["x"] <= box["x"] + box["width"] / 2 <= frame["x"] + frame["width"]
    assert frame["y"] <= box["y"] + box["height"] / 2 <= frame["y"] + frame["height"]


def test_a_page_of_32_faces_is_small_without_the_photo(open_result: Open) -> None:
    page = open_result(32, Visitor(width=1280))
    page.reload(wait_until="networkidle")
    sizes = page.evaluate(
        """() => [...performance.getEntriesByType("resource"),
                  ...performance.getEntriesByType("navigation")]
            .filter(one => !one.name.endsWith("/photo.jpg"))
            .map(one => one.decodedBodySize)"""
    )
    assert len(sizes) > 5
    assert sum(sizes) < 250_000


def test_without_javascript_a_line_opens_its_inspector(open_result: Open) -> None:
    page = open_result(4, Visitor(javascript=False))
    page.locator(".people summary").nth(1).click()
    expect(page.locator("#face-2")).to_be_visible()
    expect(page.get_by_role("button", name="Zoom in")).to_be_hidden()


def test_a_phone_gets_a_small_photo_and_the_large_one_to_look_closer(open_result: Open) -> None:
    page = open_result(4, Visitor(width=360))
    until(page, f"{SOURCE}.endsWith('/photo-small.webp')")
    page.get_by_role("button", name="Zoom in").click()
    until(page, f"{SOURCE}.endsWith('/photo.jpg')")
    wide = open_result(4, Visitor(width=1920))
    until(wide, f"{SOURCE}.endsWith('/photo.jpg')")


def test_nothing_moves_while_the_page_loads(open_result: Open) -> None:
    for visitor in (Visitor(width=360), Visitor(width=1280)):
        page = open_result(4, visitor)
        page.add_init_script(
            """window.moved = 0;
            new PerformanceObserver((list) => {
              for (const shift of list.getEntries()) window.moved += shift.value;
            }).observe({ type: "layout-shift", buffered: true });"""
        )
        page.reload(wait_until="networkidle")
        assert page.evaluate("window.moved") < 0.01


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("style", STYLES)
def test_a_picture_is_downloaded_as_chosen(
    open_result: Open, style: Style, javascript: bool
) -> None:
    page = open_result(1, Visitor(javascript=javascript))
    with page.expect_download() as download:
        page.get_by_role("link", name=f"{STYLES[style]}, PNG").click()
    addition = "" if style == "annotated" else f"-{style}"
    assert download.value.suggested_filename == f"1-agelens{addition}.png"
    with Image.open(download.value.path()) as picture:
        drawn = np.asarray(picture)
    original = grace_hopper()[:512]
    assert drawn.shape == original.shape
    middle = np.s_[250:260, 220:230]
    hides = style in ("blurred", "pixelated", "covered")
    assert (np.abs(drawn[middle].astype(int) - original[middle]).max() > 30) == hides


def test_the_numbers_are_copied_as_a_table(open_result: Open) -> None:
    page = open_result(4)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as table").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0].split("\t")[:2] == ["Face", "Age"]
    assert lines[1].split("\t") == ["1", "25-32", "73%", "28", "male", "98%"]
    assert len(lines) == 5
    without = open_result(4, Visitor(javascript=False))
    expect(without.get_by_role("button", name="Copy as table")).to_be_hidden()
