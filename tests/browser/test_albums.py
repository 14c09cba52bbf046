"""Albums in a real browser: the page fills in by itself, and axe finds nothing on it."""

import io
import re
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import check_page
from tests.web.fakes import TWO_FACES, FakeDetector, registry_of
from webapp.albums.consumer import album_store
from webapp.albums.worker import AlbumWorker
from webapp.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def page(themed_page: Page) -> Page:
    return themed_page


def send(page: Page, *photos: Path) -> None:
    """Make an album of photos."""
    page.goto("/albums/new")
    page.set_input_files("#photo", photos)
    page.get_by_role("button", name="Find faces").click()
    expect(page.get_by_text(f"0 of {len(photos)} photos are done")).to_be_visible()


def analyze(data_dir: Path, page: Page, *numbers: int) -> None:
    """Do a worker's part for photos of the album that a page shows."""
    settings = Settings(data_dir=data_dir)
    registry = registry_of(FakeDetector("mtcnn", TWO_FACES))
    album_id = urlsplit(page.url).path.rsplit("/", 1)[1]
    for number in numbers:
        AlbumWorker(settings, registry, album_store(settings)).analyze(album_id, number)


def test_whoever_is_in_the_table_as_the_last_photo_finishes_sees_and_hears_it(
    page: Page, photo: Path, data_dir: Path
) -> None:
    send(page, photo, photo)
    told = page.get_by_role("status")
    analyze(data_dir, page, 1)
    expect(told).to_have_text("1 of 2 photos are done.")
    expect(page.locator("#album-faces caption")).to_have_text("2 of 2 faces")
    by_age = page.locator("#album-faces").get_by_role("link", name="Age", exact=True)
    by_age.focus()
    analyze(data_dir, page, 2)
    expect(told).to_have_text("All photos are done.")
    expect(page.locator("#album-faces caption")).to_have_text("4 of 4 faces")
    expect(page.locator("#album-faces tbody tr")).to_have_count(4)
    expect(by_age).to_be_focused()


def test_an_album_fills_in_without_a_reload(
    page: Page, photo: Path, data_dir: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "a-file-with-quite-a-long-name-that-is-no-photo.jpg"
    broken.write_bytes(b"not a photo")
    page.goto("/albums/new")
    check_page(page)
    send(page, photo, broken)
    check_page(page)
    page.evaluate("window.stayed = true")
    analyze(data_dir, page, 1, 2)
    expect(page.locator("label[for=done]")).to_have_text("All photos are done.")
    expect(page.locator("h1")).to_contain_text("2 faces")
    expect(page.locator(".thumbnails img")).to_have_count(1)
    expect(page.locator("#album-failures")).to_contain_text("is not a photo")
    assert page.evaluate("window.stayed") is True
    check_page(page)


def test_filters_act_at_once_and_a_photo_is_deleted(
    page: Page, photo: Path, data_dir: Path
) -> None:
    send(page, photo, photo)
    analyze(data_dir, page, 1, 2)
    expect(page.locator("label[for=done]")).to_have_text("All photos are done.")
    expect(page.locator(".thumbnails rect.box")).to_have_count(4)
    page.evaluate("window.stayed = true")
    page.locator("select[name=gender]").select_option("male")
    expect(page.locator("#album-faces caption")).to_have_text("2 of 4 faces")
    expect(page.get_by_role("status")).to_have_text("2 of 4 faces")
    expect(page).to_have_url(re.compile("gender=male"))
    page.get_by_text("As a table").click()
    expect(page.locator("#album-population tbody tr").nth(3).locator("td")).to_have_text(["0", "2"])
    check_page(page)
    page.get_by_role("button", name="Delete family.jpg").first.press("Enter")
    expect(page.locator(".thumbnails li")).to_have_count(1)
    expect(page.locator(".thumbnails button")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 faces")
    assert page.evaluate("window.stayed") is True


def test_a_photo_and_a_face_of_the_album_open_as_a_single_photo_does(
    page: Page, photo: Path, data_dir: Path
) -> None:
    send(page, photo, photo)
    analyze(data_dir, page, 1, 2)
    page.get_by_role("link", name="face 2").last.click()
    expect(page.locator("#face-2")).to_be_visible()
    expect(page.locator("#face-2 img").first).to_have_js_property("naturalWidth", 102)
    check_page(page)
    page.get_by_role("link", name="Back to the album").click()
    page.get_by_role("link", name="2 faces").first.click()
    expect(page.locator(".people li")).to_have_count(2)
    page.get_by_role("button", name="Delete now").click()
    expect(page.locator(".thumbnails li")).to_have_count(1)


def test_a_face_removed_from_a_photo_is_gone_from_the_whole_album(
    page: Page, photo: Path, data_dir: Path
) -> None:
    send(page, photo, photo)
    album = page.url
    analyze(data_dir, page, 1, 2)
    page.get_by_role("link", name="2 faces").last.click()
    page.get_by_text("Correct the faces").click()
    page.locator("svg.corrections g").first.focus()
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 face")
    page.get_by_role("link", name="Back to the album").click()
    expect(page.locator("#album-faces caption")).to_have_text("3 of 3 faces")
    expect(page.locator(".thumbnails rect.box")).to_have_count(3)
    page.get_by_text("As a table").click()
    of_group = page.locator("#album-population tbody tr").nth(3).locator("td")
    assert sum(map(int, of_group.all_inner_texts())) == 3
    check_page(page)
    table = page.request.get(f"{album}/faces.csv").text()
    assert len(table.splitlines()) == 1 + 3
    pictures = zipfile.ZipFile(io.BytesIO(page.request.get(f"{album}/annotated.zip").body()))
    first, second = (pictures.read(name) for name in pictures.namelist())
    assert first != second  # of the same photo
    page.get_by_role("link", name="face 1").last.click()
    expect(page).to_have_url(re.compile(r"\.2/runs/2#face-1$"))
