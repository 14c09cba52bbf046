"""What a visitor does: choose a photo, read the table, take the picture along, delete it."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import choose_detector
from tests.samples import grace_hopper

pytestmark = pytest.mark.browser

RESULT = re.compile(r"/analyses/[\w-]{32}(/runs/\d+)?$")


def analyze(page: Page, photo: Path, detector: str = "mtcnn") -> None:
    page.goto("/")
    page.set_input_files("#photo", photo)
    choose_detector(page, detector)
    page.get_by_role("button", name="Find faces").click()
    expect(page).to_have_url(RESULT)


def test_upload_read_the_table_and_download_the_picture(
    either_page: Page, photo: Path, tmp_path: Path
) -> None:
    page = either_page
    analyze(page, photo)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 faces in family.jpg")
    first, second = page.locator(".people li summary").all()
    expect(first).to_contain_text("25-32")
    expect(first).to_contain_text("male")
    expect(second).to_contain_text("between 15-20 and 25-32")
    expect(page.locator("svg.boxes rect.box")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Boxes and labels, JPEG").click()
    saved = tmp_path / "saved.jpg"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "family-agelens.jpg"
    with Image.open(saved) as picture:
        assert picture.size == grace_hopper().shape[1::-1]


def test_boxes_lie_over_the_photo(page: Page, photo: Path) -> None:
    analyze(page, photo)
    frame = page.locator(".frame img").bounding_box()
    box = page.locator("rect.box").first.bounding_box()
    assert frame is not None
    assert box is not None
    height, width = grace_hopper().shape[:2]
    scale = min(frame["width"] / width, frame["height"] / height)  # the photo, whole in its frame
    left = frame["x"] + (frame["width"] - scale * width) / 2
    top = frame["y"] + (frame["height"] - scale * height) / 2
    assert (box["x"] - left) / (scale * width) == pytest.approx(0.35, abs=0.01)
    assert (box["y"] - top) / (scale * height) == pytest.approx(0.15, abs=0.01)


def test_no_faces_and_one_click_to_another_detector(either_page: Page, photo: Path) -> None:
    page = either_page
    analyze(page, photo, "haar")
    expect(page.get_by_role("heading", level=1)).to_contain_text("No faces found")
    page.get_by_role("button", name="Look with MTCNN").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 faces")


def test_a_bad_file_is_explained_beside_the_field(either_page: Page, tmp_path: Path) -> None:
    page = either_page
    notes = tmp_path / "notes.jpg"
    notes.write_text("no photo")
    page.goto("/")
    page.set_input_files("#photo", notes)
    page.get_by_role("button", name="Find faces").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("#summary")).to_contain_text("not a photo")
    expect(page.locator("#photo-error")).to_contain_text("not a photo")


def test_delete_now(either_page: Page, photo: Path) -> None:
    page = either_page
    analyze(page, photo)
    address = page.url
    page.get_by_role("button", name="Delete now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deleted")
    page.goto(address)
    expect(page).to_have_title(re.compile("^Error: "))


def test_a_result_can_be_reached_again_by_its_address_and_by_going_back(
    page: Page, photo: Path
) -> None:
    analyze(page, photo)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 faces in family.jpg")
    page.go_back()
    expect(page.get_by_role("button", name="Find faces")).to_be_visible()


def test_a_chosen_photo_is_previewed_and_a_pasted_one_too(page: Page, photo: Path) -> None:
    page.goto("/")
    expect(page.locator(".preview img")).to_be_hidden()
    page.set_input_files("#photo", photo)
    expect(page.locator(".preview img")).to_be_visible()
    page.reload()
    page.evaluate(PASTE)
    expect(page.locator(".preview img")).to_be_visible()
    assert page.locator("#photo").evaluate("input => input.files[0].name") == "pasted.png"


def test_a_dropped_photo_is_taken_wherever_it_falls(page: Page) -> None:
    page.goto("/")
    page.evaluate(DROP)
    assert page.locator("#photo").evaluate("input => input.files[0].name") == "pasted.png"
    assert page.url.endswith("/")


def test_the_photo_survives_an_error(page: Page, tmp_path: Path) -> None:
    notes = tmp_path / "notes.jpg"
    notes.write_text("no photo")
    page.goto("/")
    page.set_input_files("#photo", notes)
    choose_detector(page, "haar")
    page.get_by_role("button", name="Find faces").click()
    expect(page.locator("#summary")).to_be_focused()
    assert page.locator("#photo").evaluate("input => input.files[0].name") == "notes.jpg"
    expect(page.locator("input[value=haar]")).to_be_checked()


def test_pointing_at_a_row_marks_its_box_and_the_other_way_round(page: Page, photo: Path) -> None:
    analyze(page, photo)
    row, box = page.locator("li[data-face='2']"), page.locator("#box-2")
    row.hover()
    expect(box).to_have_class("marked")
    page.locator("h1").hover()
    expect(box).not_to_have_class("marked")
    page.locator("#box-1 .halo").hover()
    expect(page.locator("li[data-face='1']")).to_have_class("marked")


def test_a_box_leads_to_its_inspector_and_back(either_page: Page, photo: Path) -> None:
    page = either_page
    analyze(page, photo)
    expect(page.locator("#face-2")).to_be_hidden()
    page.locator("#box-2").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#face-2$"))
    expect(page.locator("#face-2")).to_be_visible()
    page.locator("#face-2").get_by_role("link", name="Show in the photo").click()
    expect(page).to_have_url(re.compile("#box-2$"))


def test_everything_can_be_done_with_the_keyboard(page: Page, photo: Path) -> None:
    page.goto("/")
    page.set_input_files("#photo", photo)  # the system's file dialog cannot be tested
    page.locator("#photo").focus()
    for _ in range(2):  # the choices, folded, are one stop, the button the next
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Find faces")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(RESULT)
    reached = [stop(page) for _ in range(30)]
    for wanted in ("#face-1", "#face-2", "Face 1", "Face 2", "Delete now", "JSON"):
        assert any(wanted in one for one in reached), wanted


def stop(page: Page) -> str:
    """Press Tab and say what has the focus now."""
    page.keyboard.press("Tab")
    return str(page.evaluate(FOCUSED))


FOCUSED = """() => {
    const element = document.activeElement;
    return `${element.getAttribute("href") ?? ""} ${element.textContent.trim()}`;
}"""
_PICTURE = """
    const canvas = document.createElement("canvas");
    canvas.toBlob((blob) => {
      const data = new DataTransfer();
      data.items.add(new File([blob], "pasted.png", { type: "image/png" }));
      document.body.dispatchEvent(%s);
      done();
    });
"""
PASTE = (
    "() => new Promise((done) => {"
    + _PICTURE % 'new ClipboardEvent("paste", { clipboardData: data, bubbles: true })'
    + "})"
)
DROP = (
    "() => new Promise((done) => {"
    + _PICTURE % 'new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })'
    + "})"
)


def test_a_proxys_error_page_keeps_the_form(page: Page, photo: Path) -> None:
    page.route("**/analyses", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    page.goto("/")
    page.set_input_files("#photo", photo)
    choose_detector(page, "haar")
    page.get_by_role("button", name="Find faces").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    expect(page.get_by_role("button", name="Find faces")).to_be_visible()
    expect(page.locator("input[value=haar]")).to_be_checked()
