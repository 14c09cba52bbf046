"""Signing in and out in a real browser, and forms whose session is gone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accounts.conftest import PASSWORDS, users_in
from tests.browser.conftest import (
    PHONE_AND_WIDE,
    Visitor,
    check_page,
    choose_detector,
    listening_for,
    visited,
)
from tests.web.fakes import TWO_FACES, FakeDetector, app_with
from webapp.settings import Settings

pytestmark = pytest.mark.browser

RESULT = re.compile(r"/analyses/[\w-]{32}$")
SIGN_IN = re.compile(r"/login(\?|$)")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app with the users alice and bob."""
    folder = tmp_path_factory.mktemp("guarded")
    settings = Settings(data_dir=folder, users=users_in(folder))
    detectors = FakeDetector("mtcnn", TWO_FACES), FakeDetector("haar")
    with listening_for(app_with(settings, *detectors)) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def stranger(request: pytest.FixtureRequest, browser: Browser, guarded: str) -> Iterator[Page]:
    """A page in which nobody is signed in yet."""
    with visited(browser, guarded, Visitor(javascript=request.param)) as page:
        yield page


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORDS[name])
    page.get_by_role("button", name="Sign in").click()


def test_sign_in_upload_see_the_result_sign_out_and_it_is_gone_for_another(
    stranger: Page, photo: Path
) -> None:
    page = stranger
    page.goto("/")
    expect(page).to_have_url(SIGN_IN)
    sign_in(page, "alice")
    page.set_input_files("#photo", photo)
    page.get_by_role("button", name="Find faces").click()
    expect(page).to_have_url(RESULT)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 faces in family.jpg")
    expect(page.locator("header.site")).to_contain_text("alice")
    expect(page.locator("rect.box")).to_have_count(2)
    result = page.url
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(SIGN_IN)
    page.goto(result)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(page, "bob")
    expect(page).to_have_url(result)
    expect(page).to_have_title(re.compile("^Error: Nothing here"))
    page.get_by_role("button", name="Sign out").click()
    page.goto(result)
    sign_in(page, "alice")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 faces in family.jpg")


def test_a_wrong_password_is_told_and_the_name_stays(stranger: Page) -> None:
    page = stranger
    page.goto("/login")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is wrong")
    expect(page.get_by_label("Name")).to_have_value("alice")
    expect(page.get_by_label("Password")).to_have_value("")


def test_who_was_signed_out_meanwhile_is_told_that_nothing_was_sent(
    stranger: Page, photo: Path
) -> None:
    page = stranger
    page.goto("/")
    sign_in(page, "alice")
    page.set_input_files("#photo", photo)
    page.context.clear_cookies()
    page.get_by_role("button", name="Find faces").click()
    expect(page).to_have_url(SIGN_IN)
    expect(page.get_by_text("no longer signed in, so nothing was sent")).to_be_visible()
    sign_in(page, "alice")
    expect(page.get_by_role("button", name="Find faces")).to_be_visible()


def test_a_form_whose_session_is_gone_keeps_the_photo_and_can_be_sent_again(
    page: Page, photo: Path
) -> None:
    page.goto("/")
    page.set_input_files("#photo", photo)
    choose_detector(page, "haar")
    page.context.clear_cookies()
    page.get_by_role("button", name="Find faces").click()
    expect(page.locator("#summary")).to_contain_text("Please send it again.")
    assert page.locator("#photo").evaluate("input => input.files[0].name") == "family.jpg"
    expect(page.locator("input[value=haar]")).to_be_checked()
    page.get_by_role("button", name="Find faces").click()
    expect(page).to_have_url(RESULT)


@pytest.mark.parametrize("visitor", PHONE_AND_WIDE, ids=["light phone", "dark wide screen"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    browser: Browser, guarded: str, visitor: Visitor, photo: Path
) -> None:
    with visited(browser, guarded, visitor) as page:
        page.goto("/login")
        check_page(page)
        page.get_by_label("Name").fill("somebody")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        check_page(page)
        sign_in(page, "alice")
        page.set_input_files("#photo", photo)
        page.get_by_role("button", name="Find faces").click()
        expect(page).to_have_url(RESULT)
        check_page(page)


def test_signing_in_can_be_done_with_the_keyboard(browser: Browser, guarded: str) -> None:
    with visited(browser, guarded) as page:
        page.goto("/login")
        page.get_by_role("link", name="Networks").focus()
        while not page.evaluate("document.activeElement.matches('#name')"):
            page.keyboard.press("Tab")
        page.keyboard.type("alice")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORDS["alice"])
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
