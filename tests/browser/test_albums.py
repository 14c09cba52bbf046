"""Albums in a real browser: the page fills in by itself, and axe finds nothing serious on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import TWO_FACES, Visitor, check_page, visit
from tests.web.fakes import FakeDetector, registry_of
from webapp.albums.consumer import album_store
from webapp.albums.worker import AlbumWorker
from webapp.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture(
    params=[
        Visitor(theme="light", width=360),
        Visitor(theme="dark", width=1400),
    ],
    ids=["light phone", "dark wide screen"],
)
def page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    context = visit(browser, server, request.param)
    yield context.new_page()
    context.close()


def test_an_album_fills_in_without_a_reload(
    page: Page, photo: Path, data_dir: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "a-file-with-quite-a-long-name-that-is-no-photo.jpg"
    broken.write_bytes(b"not a photo")
    page.goto("/albums/new")
    check_page(page)
    page.set_input_files("#photo", [photo, broken])
    page.get_by_role("button", name="Find faces").click()
    expect(page.get_by_text("0 of 2 photos are done")).to_be_visible()
    check_page(page)
    page.evaluate("window.stayed = true")
    settings = Settings(data_dir=data_dir)
    worker = AlbumWorker(
        settings, registry_of(FakeDetector("mtcnn", TWO_FACES)), album_store(settings)
    )
    for number in (1, 2):
        worker.analyze(page.url.rsplit("/", 1)[1], number)
    expect(page.get_by_text("All photos are done")).to_be_visible()
    expect(page.locator("h1")).to_contain_text("2 faces")
    expect(page.locator(".thumbnails img")).to_have_count(1)
    expect(page.locator("#album-failures")).to_contain_text("is not a photo")
    assert page.evaluate("window.stayed") is True
    check_page(page)
