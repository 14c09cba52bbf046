"""Checks every request: who sends it, and whether a form is one of our own."""

import logging

from flask import Flask, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.services import services
from webapp.settings import Settings
from webapp.web.accounts.errors import BrokenFile
from webapp.web.accounts.service import AccountService
from webapp.web.accounts.sessions import CookieSessions
from webapp.web.accounts.users import Account
from webapp.web.current_user import note_current_user
from webapp.web.errors import AccountsUnavailable, StaleForm
from webapp.web.handlers import answer_for, is_for_api, page_before
from webapp.web.marks import marks
from webapp.web.security import SAFE_METHODS

log = logging.getLogger(__name__)


def sign_cookies(app: Flask, settings: Settings, key: bytes) -> None:
    """Sign sessions, and the tokens of forms, with this key."""
    app.secret_key = key
    app.session_interface = CookieSessions()
    app.config.update(
        PERMANENT_SESSION_LIFETIME=settings.login_keep,
        SESSION_REFRESH_EACH_REQUEST=False,  # the time counts from the sign-in
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # we ask when we know who it is
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, however long a page was open
        WTF_CSRF_SSL_STRICT=False,  # webapp.web.security compares the origin, more clearly
    )
    CSRFProtect(app)


def accounts() -> AccountService:
    """The accounts of this app. Raises LookupError if it has none."""
    found = services().accounts
    if found is None:
        raise LookupError("This app has no users.")
    return found


def csrf_field() -> Markup:
    """The hidden field that every form with method POST needs."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def admit() -> Response | None:
    """Require a login: note the current user, or send visitors to the sign-in page."""
    if is_for_api():
        if request.routing_exception is None:
            _note(accounts().user_of_token(_authorization()))
        return None
    account = accounts().sessions.user()
    if account is not None:
        _note(account)
        return None
    if request.routing_exception is not None or marks().public:
        return None
    return _to_sign_in()


def _authorization() -> str:
    """The header with a token; clients of other services send theirs as ``x-api-key``."""
    key = request.headers.get("x-api-key")
    if key is not None and marks().error_body is not None:
        return f"Bearer {key}"
    return request.headers.get("Authorization", "")


def _note(account: Account) -> None:
    note_current_user(account.id, account.name)


def cannot_be_read(error: BrokenFile) -> ResponseReturnValue:
    """The response while a file of users or tokens is damaged; the log names the line."""
    log.error("%s", error)
    return answer_for(
        AccountsUnavailable(
            "Nobody can sign in at the moment. Please tell the operator of this server."
        )
    )


def _to_sign_in() -> Response:
    """Redirect to the sign-in page, and from there back to where the visitor wanted to go."""
    if request.method in SAFE_METHODS:
        wanted = request.script_root + request.full_path.rstrip("?")
    else:
        flash(
            gettext(
                "You are no longer signed in, so nothing was sent. "
                "Please sign in and send it again."
            )
        )
        wanted = page_before() or url_for("pages.upload")
    return redirect(url_for("access.sign_in", next=wanted), 303)


def refuse_forged_forms() -> None:
    """Raise StaleForm for a post without the session's token.

    The API needs none: its requests carry an API token, which no other site knows; without users,
    ``webapp.web.security`` refuses such pages.
    """
    if is_for_api() or request.routing_exception is not None:
        return
    csrf: CSRFProtect = current_app.extensions["csrf"]
    try:
        csrf.protect()
    except CSRFError as error:
        raise StaleForm(
            "This page was open too long or in another session, so nothing was changed. "
            "Please send it again."
        ) from error
