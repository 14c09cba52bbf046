"""The camera in a real browser, which takes a public-domain portrait for what it films."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Launch, Visitor, check_page, in_both_themes, visited
from tests.browser.test_journey import RESULT
from tests.samples import encoded, enlarged, grace_hopper

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def filming(chromium: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser with a camera before which a portrait hangs, and which pages may use."""
    film = tmp_path_factory.mktemp("film") / "portrait.mjpeg"
    film.write_bytes(5 * encoded(enlarged(grace_hopper()[:480], 640, 480), quality=90))
    launched = chromium(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    yield launched
    launched.close()


@in_both_themes
def page(request: pytest.FixtureRequest, filming: Browser, server: str) -> Iterator[Page]:
    with visited(filming, server, request.param) as page:
        yield page


def test_boxes_over_the_live_picture_and_one_frame_kept(page: Page, tmp_path: Path) -> None:
    page.goto("/camera")
    check_page(page)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".live rect.box")).to_have_count(2)
    expect(page.locator(".live text").first).to_have_text("28 male")
    expect(page.locator(".live .plate").first).to_have_css("fill", "rgb(0, 155, 255)")
    assert page.evaluate(PLACE) == pytest.approx([0.35, 0.15], abs=0.02)
    expect(page.get_by_text(re.compile(r"\d+ pictures a second"))).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Keep this picture").click()
    expect(page).to_have_url(RESULT)
    expect(page.get_by_role("heading", level=1)).to_contain_text("camera.jpg")
    saved = tmp_path / "kept.jpg"
    saved.write_bytes(page.request.get(f"{page.url}/photo.jpg").body())
    with Image.open(saved) as kept:
        assert kept.size == (640, 480)
        assert abs(kept.resize((1, 1)).getpixel((0, 0))[0] - grace_hopper()[:480, :, 0].mean()) < 9


# Where the first box is, in shares of the picture; each frame has boxes of its own.
PLACE = """() => {
    const shown = document.querySelector("video").getBoundingClientRect();
    const box = document.querySelector(".live rect.box").getBoundingClientRect();
    return [(box.x - shown.x) / shown.width, (box.y - shown.y) / shown.height];
}"""


def test_the_camera_is_let_go_when_it_is_stopped(page: Page) -> None:
    page.goto("/camera")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".live rect.box")).to_have_count(2)
    page.evaluate("window.track = document.querySelector('video').srcObject.getTracks()[0]")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_focused()
    assert page.evaluate("window.track.readyState") == "ended"


def test_no_more_frames_are_under_way_than_one(page: Page) -> None:
    page.add_init_script(COUNTING)
    page.goto("/camera")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_text("pictures a second")).to_be_visible()
    assert page.evaluate("window.frames_sent") > 1
    assert page.evaluate("window.most_at_once") == 1


COUNTING = """
    window.frames_sent = window.most_at_once = 0;
    let under_way = 0;
    const real = window.fetch;
    window.fetch = async (...all) => {
        window.frames_sent += 1;
        window.most_at_once = Math.max(window.most_at_once, ++under_way);
        try { return await real(...all); } finally { under_way -= 1; }
    };
"""


def test_where_the_browser_gives_no_camera_the_page_says_so(browser: Browser, server: str) -> None:
    with visited(browser, server) as page:
        page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
        page.goto("/camera")
        expect(page.get_by_role("alert")).to_contain_text("https")
        expect(page.get_by_role("button", name="Start the camera")).to_be_hidden()


def test_where_there_is_no_camera_the_page_says_so(browser: Browser, server: str) -> None:
    with visited(browser, server) as page:
        page.goto("/camera")
        page.get_by_role("button", name="Start the camera").click()
        expect(page.get_by_role("alert")).to_contain_text(re.compile("camera", re.I))
        expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


def test_without_javascript_the_page_says_what_to_do(browser: Browser, server: str) -> None:
    with visited(browser, server, Visitor(javascript=False)) as page:
        page.goto("/camera")
        expect(page.get_by_text("The camera needs JavaScript")).to_be_visible()
        page.get_by_role("link", name="send a photo").click()
        expect(page.get_by_role("button", name="Find faces")).to_be_visible()
