"""What the pages and the guard ask for: sign in and out, and who a request comes from."""

from __future__ import annotations

import logging
from pathlib import Path

from webapp.access.sessions import Sessions
from webapp.access.throttle import Throttle
from webapp.access.tokens import PREFIX, TokenFile
from webapp.access.users import UserFile, nobodys_hash
from webapp.settings import Settings
from webapp.web.errors import NoToken, SignInRefused

log = logging.getLogger(__name__)

_BEARER = "bearer"


class AccessDesk:
    """The use cases of access, over one file of users and one of tokens."""

    def __init__(self, users: Path, key: bytes, settings: Settings) -> None:
        self.users = UserFile(users)
        self.tokens = TokenFile.beside(users)
        self.sessions = Sessions(self.users, key, settings.login_keep)
        self._throttle = Throttle()
        nobodys_hash()  # now, so that the first unknown name takes no longer than the next

    def sign_in(self, name: str, password: str, address: str) -> None:
        """Begin a user's session. Raises SignInRefused or TooManyAttempts.

        The log names no name: people type passwords into the wrong field.
        """
        self._throttle.count(name, address)
        hashed = self.users.hash_of(name)
        if not self.users.verify(name, password) or hashed is None:
            log.warning("A sign-in was refused.")
            raise SignInRefused("This name and password do not go together.")
        self._throttle.forget(name)
        self.sessions.begin(name, hashed)
        log.info("%s signed in.", name)

    def user_of_token(self, authorization: str) -> str:
        """The user of an ``Authorization`` header. Raises NoToken."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != _BEARER or not token.startswith(PREFIX):
            raise NoToken("The API needs a token: Authorization: Bearer agelens_….")
        user = self.tokens.user_of(token.strip())
        if user is None or user not in self.users.names():
            raise NoToken("This token is not valid; it may have been revoked.")
        return user
