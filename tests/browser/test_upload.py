"""The first visit: an example is one click away; what was chosen once is remembered."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import choose_detector
from webapp.web.examples import EXAMPLES

pytestmark = pytest.mark.browser

RESULT = re.compile(r"/analyses/[\w-]{32}$")
ALBUM = re.compile(r"/albums/[\w-]{32}$")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_one_click_from_the_first_visit(either_page: Page, name: str) -> None:
    page = either_page
    page.goto("/")
    title = EXAMPLES[name].title
    page.get_by_role("button", name=title).click()
    expect(page).to_have_url(RESULT)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"2 faces in {title}.jpg")


def test_an_example_is_looked_at_as_chosen_and_sends_no_photo(page: Page, photo: Path) -> None:
    page.goto("/")
    page.set_input_files("#photo", photo)
    choose_detector(page, "haar")
    page.get_by_role("button", name="Grace Hopper").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No faces found in Grace Hopper.jpg")


def test_the_choices_are_one_line_that_the_browser_remembers(page: Page) -> None:
    page.goto("/")
    line = page.locator("[data-choices] summary")
    expect(line).to_contain_text("MTCNN: change")
    expect(page.locator("input[value=haar]")).to_be_hidden()
    choose_detector(page, "haar")
    expect(line).to_contain_text("Haar cascade")
    page.goto("/albums/new")
    expect(line).to_contain_text("Haar cascade")
    expect(page.locator("input[value=haar]")).to_be_checked()


def test_a_remembered_detector_that_is_gone_is_no_choice(page: Page) -> None:
    page.goto("/")
    page.evaluate("""localStorage.setItem("agelens.choices", '{"detector": "gone\\"]"}')""")
    page.reload()
    expect(page.locator("[data-choices] summary")).to_contain_text("MTCNN")
    page.evaluate("""localStorage.setItem("agelens.choices", "no JSON")""")
    page.reload()
    expect(page.locator("[data-choices] summary")).to_contain_text("MTCNN")


def test_the_choices_can_be_made_without_javascript(either_page: Page, photo: Path) -> None:
    page = either_page
    page.goto("/")
    page.set_input_files("#photo", photo)
    choose_detector(page, "haar")
    page.get_by_role("button", name="Find faces").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("No faces found")


def drop(page: Page, *names: str) -> None:
    """Drop files of these names onto the page."""
    page.evaluate(
        """names => {
          const data = new DataTransfer();
          for (const name of names) data.items.add(new File(["no photo"], name));
          const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true });
          document.body.dispatchEvent(drop);
        }""",
        names,
    )


def test_several_photos_become_an_album(page: Page, photo: Path) -> None:
    page.goto("/")
    drop(page, "one.jpg", "two.jpg", "three.jpg")
    expect(page.locator(".preview")).to_contain_text("one.jpg and 2 more")
    button = page.get_by_role("button", name="Make an album of 3 photos")
    expect(button).to_be_visible()
    page.set_input_files("#photo", photo)
    expect(page.get_by_role("button", name="Find faces")).to_be_visible()
    page.set_input_files("#photo", [photo, photo])
    page.get_by_role("button", name="Make an album of 2 photos").click()
    expect(page).to_have_url(ALBUM)
    expect(page.get_by_text("0 of 2 photos are done")).to_be_visible()


def test_a_zip_file_becomes_an_album_and_a_comparison_takes_one_photo(page: Page) -> None:
    page.goto("/")
    drop(page, "holiday.ZIP")
    expect(page.get_by_role("button", name="Make an album")).to_be_visible()
    page.goto("/compare")
    drop(page, "one.jpg", "two.jpg")
    assert page.locator("#photo").evaluate("input => input.files.length") == 1
    expect(page.get_by_role("button", name="Compare")).to_be_visible()
