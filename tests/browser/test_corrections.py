"""Faces added, moved and removed in the photo, with the mouse, with keys, and by numbers."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Visitor, check_page, visited
from tests.browser.test_journey import analyze

pytestmark = pytest.mark.browser


def open_editor(page: Page, photo: Path, detector: str = "mtcnn") -> Locator:
    analyze(page, photo, detector)
    page.evaluate("window.stayed = true")
    page.get_by_text("Correct the faces").click()
    layer = page.locator("svg.corrections")
    expect(layer).to_be_visible()
    layer.scroll_into_view_if_needed()
    return layer


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, move and let go, in shares of the photo."""

    def at(place: tuple[float, float]) -> tuple[float, float]:
        x, y = page.locator("svg.corrections").evaluate(ON_SCREEN, place)
        return x, y

    page.mouse.move(*at(start))
    page.mouse.down()
    page.mouse.move(*at(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)))
    page.mouse.move(*at(end))
    page.mouse.up()


ON_SCREEN = """(layer, [x, y]) => {
    const { width, height } = layer.viewBox.baseVal;
    const place = new DOMPoint(x * width, y * height).matrixTransform(layer.getScreenCTM());
    return [place.x, place.y];
}"""


def boxes(page: Page) -> list[dict[str, Any]]:
    faces = page.request.get(f"{page.url.partition('#')[0]}/analysis.json").json()["faces"]
    return [face["box"] for face in faces]


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def test_a_missed_face_is_drawn_without_a_reload(page: Page, photo: Path) -> None:
    open_editor(page, photo, "haar")
    drag(page, (0.3, 0.15), (0.7, 0.55))
    heading(page, "1 face")
    expect(page).to_have_url(re.compile("/runs/2$"))
    [box] = boxes(page)
    assert box["x"] == pytest.approx(0.3 * 512, abs=4)
    assert box["width"] == pytest.approx(0.4 * 512, abs=4)
    assert box["height"] == pytest.approx(0.4 * 600, abs=4)
    assert page.evaluate("window.stayed") is True
    expect(page.locator("svg.corrections")).to_be_visible()  # for the next one
    check_page(page)


def test_a_box_is_moved_resized_and_removed_with_the_mouse(page: Page, photo: Path) -> None:
    open_editor(page, photo)
    drag(page, (0.5, 0.3), (0.6, 0.4))
    expect(page).to_have_url(re.compile("/runs/2$"))
    moved = boxes(page)[0]
    assert moved["x"] == pytest.approx(0.45 * 512, abs=4)
    assert moved["width"] == pytest.approx(0.3 * 512, abs=4)
    corner = ((moved["x"] + moved["width"]) / 512, (moved["y"] + moved["height"]) / 600)
    with page.expect_response(re.compile("/faces$")):
        drag(page, corner, (corner[0] + 0.1, corner[1] + 0.1))
    expect(page.locator("svg.corrections g").first).to_have_attribute(
        "aria-label", re.compile(f"{moved['width'] + 51} by")
    )
    page.locator("svg.corrections g").nth(1).focus()
    page.get_by_role("button", name="Remove the box").click()
    heading(page, "1 face")
    assert page.evaluate("window.stayed") is True


def test_the_chosen_face_is_told_beside_the_buttons(page: Page, photo: Path) -> None:
    open_editor(page, photo)
    box = page.locator("svg.corrections g").first
    box.focus()
    expect(page.locator(".chosen-face")).to_have_text(re.compile("^Face 1: .* male$"))
    expect(box).to_have_attribute("aria-label", re.compile("^Face 1: .* male; 153 by "))


def test_a_click_on_a_box_changes_nothing(page: Page, photo: Path) -> None:
    open_editor(page, photo)
    address = page.url
    drag(page, (0.5, 0.3), (0.5, 0.3))
    drag(page, (0.9, 0.9), (0.9, 0.9))
    expect(page.locator("svg.corrections g")).to_have_count(2)
    assert page.url == address


def test_all_of_it_can_be_done_with_the_keyboard(page: Page, photo: Path) -> None:
    open_editor(page, photo, "haar")
    page.get_by_role("button", name="Add a box").press("Enter")
    box = page.locator("svg.corrections g")
    expect(box).to_be_focused()
    before = str(box.get_attribute("aria-label"))
    for key in ("ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert box.get_attribute("aria-label") != before
    page.keyboard.press("Enter")
    heading(page, "1 face")
    expect(page.locator("svg.corrections g")).to_be_focused()
    page.keyboard.press("Delete")
    heading(page, "No faces")


def test_a_form_does_the_same_by_numbers(either_page: Page, photo: Path) -> None:
    page = either_page
    analyze(page, photo)
    page.get_by_text("Correct the faces").click()
    page.get_by_text("By numbers").click()
    form = page.locator(".correction form").first
    for name, value in {"x": 10, "y": 20, "width": 120, "height": 130}.items():
        form.locator(f"[name={name}]").fill(str(value))
    page.get_by_role("button", name="Estimate").click()
    heading(page, "3 faces")
    assert boxes(page)[2] == {"x": 10, "y": 20, "width": 120, "height": 130}
    if not page.locator("svg.corrections").is_visible():
        page.get_by_text("Correct the faces").click()
    page.get_by_text("By numbers").click()
    page.locator(".correction select").select_option("3")
    page.get_by_role("button", name="Remove", exact=True).click()
    heading(page, "2 faces")


def test_two_fingers_zoom_and_draw_no_box(browser: Browser, server: str, photo: Path) -> None:
    with visited(browser, server, Visitor(width=360)) as page:
        layer = open_editor(page, photo)
        first, second = ([x, 0.5] for x in (0.4, 0.6))
        layer.evaluate(PINCH, [first, second])
        expect(page.locator(".stage")).to_have_attribute("style", re.compile("scale"))
        expect(page.locator("svg.corrections g")).to_have_count(2)
        heading(page, "2 faces")


PINCH = """(layer, [first, second]) => {
    const { x, y, width, height } = layer.getBoundingClientRect();
    const touch = (kind, pointerId, [right, down]) =>
        layer.dispatchEvent(new PointerEvent(kind, {
            pointerId, pointerType: "touch", isPrimary: pointerId === 1, bubbles: true,
            cancelable: true, clientX: x + right * width, clientY: y + down * height,
        }));
    layer.setPointerCapture = () => {};  // it knows real pointers only
    touch("pointerdown", 1, first);
    touch("pointerdown", 2, second);
    touch("pointermove", 2, [0.9, 0.5]);
    touch("pointerup", 2, [0.9, 0.5]);
    touch("pointerup", 1, first);
}"""
