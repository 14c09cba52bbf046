"""Photos of an album: dropped, pasted, from folders; shown, named, and sent with progress."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import check_page
from tests.browser.test_journey import DROP, PASTE

pytestmark = pytest.mark.browser


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("no photo")
    return path


def names(page: Page) -> list[str]:
    found: list[str] = page.locator("#photo").evaluate("one => [...one.files].map(f => f.name)")
    return found


def test_chosen_photos_are_shown_with_their_sizes_and_what_is_none_is_named(
    page: Page, photo: Path, notes: Path
) -> None:
    page.goto("/albums/new")
    page.set_input_files("#photo", [photo, notes])
    expect(page.locator(".chosen-photos li")).to_have_count(1)
    expect(page.locator(".chosen-photos li")).to_contain_text(re.compile(r"family.jpg, \d+ kB"))
    expect(page.locator(".chosen-photos img")).to_be_visible()
    expect(page.locator(".chosen-count")).to_contain_text("Left out, as no photos: notes.txt")
    assert names(page) == ["family.jpg"]
    check_page(page)
    page.get_by_role("button", name="Remove family.jpg").click()
    assert names(page) == []


def test_dropped_and_pasted_photos_come_to_those_chosen(page: Page, photo: Path) -> None:
    page.goto("/albums/new")
    page.set_input_files("#photo", photo)
    page.evaluate(PASTE)
    expect(page.locator(".chosen-photos li")).to_have_count(2)
    page.evaluate(DROP)
    expect(page.locator(".chosen-photos li")).to_have_count(3)
    assert names(page) == ["family.jpg", "pasted.png", "pasted.png"]


def test_a_folder_is_taken_with_the_folders_in_it(page: Page, photo: Path, notes: Path) -> None:
    (photo.parent / "trip").mkdir()
    photo.rename(photo.parent / "trip" / "there.jpg")
    page.goto("/albums/new")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(notes.parent)
    expect(page.locator(".chosen-photos li")).to_have_count(1)
    assert names(page) == ["there.jpg"]


def test_the_bytes_are_told_while_they_go_and_the_album_follows(page: Page, photo: Path) -> None:
    page.goto("/albums/new")
    page.set_input_files("#photo", [photo, photo])
    page.evaluate(WATCHING)
    page.get_by_role("button", name="Find faces").click()
    expect(page).to_have_url(re.compile(r"/albums/[\w-]{32}$"))
    assert re.search(r"\d+ kB of \d+ kB sent", page.evaluate("sessionStorage.told"))
    expect(page.get_by_text("0 of 2 photos are done")).to_be_visible()


WATCHING = """() => {
    const status = document.getElementById("status");
    new MutationObserver(() => { sessionStorage.told = status.textContent; })
        .observe(status, { childList: true, characterData: true, subtree: true });
}"""


def test_what_the_server_refuses_is_told_and_the_photos_stay(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")
    page.goto("/albums/new")
    page.set_input_files("#photo", broken)
    page.get_by_role("button", name="Find faces").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert names(page) == ["broken.zip"]
    expect(page.locator(".sending")).to_be_hidden()


def test_a_server_that_is_away_loses_nothing(page: Page, photo: Path) -> None:
    page.goto("/albums/new")
    page.set_input_files("#photo", photo)
    page.route("**/albums", lambda route: route.abort())
    page.get_by_role("button", name="Find faces").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    assert names(page) == ["family.jpg"]
