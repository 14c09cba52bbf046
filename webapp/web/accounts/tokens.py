"""The file of tokens for the API: one line per token, ``name:user:hash``.

A token is 256 random bits. Nobody can guess one or try them all, however fast the hash, so a plain
SHA-256 keeps it as safe as a slow hash of a password keeps that: slowness is for secrets that
people choose.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from webapp.web.accounts.errors import AccessError
from webapp.web.accounts.files import TableFile
from webapp.web.accounts.users import NAME, check_name

PREFIX = "agelens_"
"""Lets people and scanners for leaked secrets recognise a token."""
_TOKEN_BYTES = 32
_ROW = rf"({NAME}):({NAME}):([0-9a-f]{{64}})"


@dataclass(frozen=True)
class Token:
    """A token's name and its user."""

    name: str
    user: str


class TokenFile:
    """Names, users and hashes of tokens. Changes of the file take effect at once."""

    def __init__(self, path: Path) -> None:
        self._table = TableFile(path, _ROW)

    @classmethod
    def beside(cls, users: Path) -> "TokenFile":
        """The tokens that belong to a file of users: in the same folder, ``NAME.tokens``."""
        return cls(users.with_name(f"{users.name}.tokens"))

    def tokens(self) -> list[Token]:
        """All tokens, in the file's order. Raises BrokenFile."""
        return [Token(name, user) for name, user, _ in self._table.rows()]

    def create(self, name: str, user: str) -> str:
        """A new token of a user; it cannot be shown again. Raises AccessError if the name is
        invalid or taken.
        """
        check_name(name)
        token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        with self._table.changed() as rows:
            if any(row[0] == name for row in rows):
                raise AccessError(f"There is already a token “{name}”; revoke it first.")
            rows.append((name, user, _hashed(token)))
        return token

    def revoke(self, name: str) -> None:
        """Remove a token. Raises AccessError if there is none."""
        with self._table.changed() as rows:
            if all(row[0] != name for row in rows):
                raise AccessError(f"There is no token “{name}”.")
            rows[:] = [row for row in rows if row[0] != name]

    def revoke_all_of(self, user: str) -> None:
        """Remove every token of a user."""
        if any(token.user == user for token in self.tokens()):
            with self._table.changed() as rows:
                rows[:] = [row for row in rows if row[1] != user]

    def user_of(self, token: str) -> str | None:
        """The user of a token, or None. The time it takes reveals nothing about existing tokens."""
        hashed, user = _hashed(token), None
        for _, owner, stored in self._table.rows():
            if hmac.compare_digest(stored.encode(), hashed.encode()):
                user = owner
        return user


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
