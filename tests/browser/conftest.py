"""A real server in a thread, a real Chromium; skipped, with the reason, where there is none."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.web.fakes import TWO_FACES, FakeDetector, app_with
from webapp.settings import Settings

PATIENCE_MS = 20_000
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Launch = Callable[..., Browser]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Launch]:
    """Starts the system's Chromium, with further flags."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(f"no Chromium found (looked for {', '.join(CHROMIUMS)})")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
    with sync_playwright() as playwright:
        yield lambda *flags: playwright.chromium.launch(
            executable_path=path, args=[*FLAGS, *sandbox, *flags]
        )


@pytest.fixture(scope="session")
def browser(chromium: Launch) -> Iterator[Browser]:
    """A browser without a camera."""
    launched = chromium()
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps results and albums."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def server(data_dir: Path) -> Iterator[str]:
    """The address of an app whose ``mtcnn`` finds two faces and whose ``haar`` finds none."""
    detectors = FakeDetector("mtcnn", TWO_FACES), FakeDetector("haar")
    with listening_for(app_with(Settings(data_dir=data_dir), *detectors)) as address:
        yield address


@contextmanager
def listening_for(app: Flask) -> Iterator[str]:
    """The address at which an app answers as long as the block lasts."""
    listening = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


@dataclass(frozen=True)
class Visitor:
    """How somebody visits: with or without JavaScript, in a light or a dark theme."""

    javascript: bool = True
    theme: str = "light"
    width: int = 1280


PHONE_AND_WIDE = (Visitor(theme="light", width=360), Visitor(theme="dark", width=1400))
in_both_themes = pytest.fixture(params=PHONE_AND_WIDE, ids=["light phone", "dark wide screen"])


def visit(browser: Browser, server: str, visitor: Visitor) -> BrowserContext:
    context = browser.new_context(
        base_url=server,
        java_script_enabled=visitor.javascript,
        color_scheme=visitor.theme,  # type: ignore[arg-type] # "light" or "dark"
        viewport={"width": visitor.width, "height": 900},
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


@contextmanager
def visited(browser: Browser, server: str, visitor: Visitor | None = None) -> Iterator[Page]:
    """A new page as somebody visits it."""
    context = visit(browser, server, visitor or Visitor())
    yield context.new_page()
    context.close()


@in_both_themes
def themed_page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    with visited(browser, server, request.param) as page:
        yield page


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A page with JavaScript; any error in a script or of the policy fails the test."""
    context = visit(browser, server, Visitor())
    fresh = context.new_page()
    errors: list[str] = []
    fresh.on("pageerror", lambda error: errors.append(str(error)))
    fresh.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security" in message.text else None,
    )
    yield fresh
    context.close()
    assert errors == []


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def either_page(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    """A page with, and one without JavaScript."""
    with visited(browser, server, Visitor(javascript=request.param)) as page:
        yield page


def analyze(page: Page, photo: Path) -> None:
    """Send a photo and wait for its result."""
    page.goto("/")
    page.set_input_files("#photo", photo)
    page.get_by_role("button", name="Find faces").click()
    expect(page.locator(".result")).to_be_visible()


def choose_detector(page: Page, name: str) -> None:
    """Open the choices, which are one line at first, and choose a detector."""
    page.get_by_text("change", exact=True).click()
    page.check(f"input[value={name}]")


def check_page(page: Page) -> None:
    """Nothing is found by axe, and nothing is wider than the window."""
    options = {"rules": {"label-content-name-mismatch": {"enabled": True}}}
    violations = Axe().run(page, options=options).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
