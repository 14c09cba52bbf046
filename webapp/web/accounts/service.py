"""The operations behind the pages and the guard: signing in and out, and identifying users."""

import logging
from pathlib import Path

from webapp.settings import Settings
from webapp.web.accounts.sessions import Sessions
from webapp.web.accounts.throttle import Throttle
from webapp.web.accounts.tokens import PREFIX, TokenFile
from webapp.web.accounts.users import Account, UserFile, nobodys_hash
from webapp.web.errors import NoToken, SignInRefused

log = logging.getLogger(__name__)

_BEARER = "bearer"


class AccountService:
    """Accounts, over one file of users and one of tokens."""

    def __init__(self, users: Path, key: bytes, settings: Settings) -> None:
        self.users = UserFile(users)
        self.tokens = TokenFile.beside(users)
        self.sessions = Sessions(self.users, key, settings.login_keep)
        self._throttle = Throttle()
        nobodys_hash()  # now, so that the first unknown name takes no longer than the next

    def sign_in(self, name: str, password: str, address: str) -> None:
        """Begin a user's session. Raises SignInRefused or TooManyAttempts.

        The log contains no name: people type passwords into the wrong field.
        """
        self.sessions.begin(self._verified(name, password, address))
        log.info("Somebody signed in.")

    def change_password(self, name: str, password: str, wanted: str, address: str) -> None:
        """Set a user's password, which ends all other sessions of that user.

        Raises SignInRefused, TooManyAttempts, WeakPassword, or OSError where
        the file of users cannot be written.
        """
        self._verified(name, password, address)
        self.users.set_password(name, wanted)
        account = self.users.account(name)
        if account is not None:
            self.sessions.begin(account)
        log.info("Somebody changed their password.")

    def _verified(self, name: str, password: str, address: str) -> Account:
        self._throttle.count(name, address)
        account = self.users.verify(name, password)
        if account is None:
            log.warning("A sign-in was refused.")
            raise SignInRefused("The name or the password is wrong.")
        self._throttle.forget(name)
        return account

    def user_of_token(self, authorization: str) -> Account:
        """The account of an ``Authorization`` header. Raises NoToken."""
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != _BEARER or not token.startswith(PREFIX):
            raise NoToken("The API needs a token: Authorization: Bearer agelens_….")
        user = self.tokens.user_of(token)
        account = None if user is None else self.users.account(user)
        if account is None:
            raise NoToken("This token is not valid; it may have been revoked.")
        return account
