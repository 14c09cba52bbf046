"""Sessions: who is signed in according to the signed cookie, and whether that is still valid."""

import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

from webapp.web.accounts.users import Account, UserFile

_USER, _PASSWORD, _SINCE = "user", "password", "since"
COOKIE = "agelens"


class CookieSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, bound to this host and to https wherever the request is https, and to
    the path below which the app is.
    """

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002 # Flask's signature
        if not request.is_secure:
            return COOKIE
        # With these prefixes browsers refuse a cookie that was set without https; with the former
        # also one of a neighbouring host name, but it holds for the whole host.
        return f"__Secure-{COOKIE}" if request.script_root else f"__Host-{COOKIE}"

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002 # Flask's signature
        return request.script_root or "/"

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 # Flask's signature
        return request.is_secure


class Sessions:
    """Signs users in and out, and says who is signed in."""

    def __init__(
        self, users: UserFile, key: bytes, keep: timedelta, clock: Callable[[], float] = time.time
    ) -> None:
        self._users = users
        self._key = key
        self._keep = keep.total_seconds()
        self._clock = clock

    def begin(self, account: Account) -> None:
        """Sign a user in, discarding the previous session, which somebody else may know."""
        session.clear()
        session.permanent = True
        session.update(
            {_USER: account.name, _PASSWORD: self._fingerprint(account), _SINCE: int(self._clock())}
        )

    def end(self) -> None:
        """Sign out: delete the cookie in the browser."""
        session.clear()

    def user(self) -> Account | None:
        """Who is signed in; None once the session has expired, or user or password have changed."""
        name = session.get(_USER)
        if name is None or self._clock() >= session[_SINCE] + self._keep:
            return None
        account = self._users.account(name)
        if account is None:
            return None
        same = hmac.compare_digest(self._fingerprint(account), session[_PASSWORD])
        return account if same else None

    def _fingerprint(self, account: Account) -> str:
        """Differs for every password. The cookie is signed but not secret, hence the key."""
        hashed = account.password_hash.encode()
        return hmac.new(self._key, hashed, hashlib.sha256).hexdigest()
