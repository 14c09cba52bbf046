"""The file of users: one line a user, ``name:hash``, as ``agelens user`` writes it.

Werkzeug hashes, and is loaded when it does: every command of ``agelens`` imports this module.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from webapp.access.errors import InvalidName, PasswordTooShort, UnknownName
from webapp.access.files import Row, TableFile

SHORTEST_PASSWORD = 12
"""Characters. NIST SP 800-63B asks for length and advises against rules of composition."""
NAME = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
"""Pattern of a name. It never begins with a dash: that stands for nobody in the store."""
_ROW = rf"({NAME}):((?:scrypt|pbkdf2):\S+)"
# scrypt with werkzeug's parameters takes 32 MB and some 50 ms: many at once would be an attack.
_AT_ONCE = 2


class UserFile:
    """Names and hashes of passwords. A change of the file counts at once, without a restart."""

    def __init__(self, path: Path) -> None:
        self._table = TableFile(path, _ROW)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def names(self) -> list[str]:
        """Everybody, in the file's order. Raises BrokenFile."""
        return [name for name, _ in self._table.rows()]

    def hash_of(self, name: str) -> str | None:
        """The hash of a user's password, or None where there is no such user."""
        return _hashes(self._table.rows()).get(name)

    def verify(self, name: str, password: str) -> bool:
        """Whether a user has this password; takes as long for a user who does not exist."""
        from werkzeug.security import check_password_hash

        known = self.hash_of(name)
        with self._slots:
            right = check_password_hash(known or nobodys_hash(), password)
        return right and known is not None

    def set_password(self, name: str, password: str) -> None:
        """Add a user, or give one another password. Raises InvalidName or PasswordTooShort."""
        check_name(name)
        if len(password) < SHORTEST_PASSWORD:
            raise PasswordTooShort(
                f"A password needs at least {SHORTEST_PASSWORD} characters; "
                "a few words in a row are easy to remember."
            )
        from werkzeug.security import generate_password_hash

        hashed = generate_password_hash(password)
        with self._table.changed() as rows:
            rows[:] = {**_hashes(rows), name: hashed}.items()

    def remove(self, name: str) -> None:
        """Remove a user. Raises UnknownName."""
        with self._table.changed() as rows:
            if name not in _hashes(rows):
                raise UnknownName(f"There is no user “{name}”.")
            rows[:] = [row for row in rows if row[0] != name]


def _hashes(rows: Iterable[Row]) -> dict[str, str]:
    """The hash of each name."""
    return {name: hashed for name, hashed in rows}  # noqa: C416 # mypy cannot see that rows are pairs


def check_name(name: str) -> None:
    """Raises InvalidName for what cannot name a user or a token."""
    if not re.fullmatch(NAME, name):
        raise InvalidName(
            "A name has up to 64 letters, digits, dots, dashes, underscores or @, "
            "and begins with a letter or digit."
        )


@cache
def nobodys_hash() -> str:
    """The hash of a password that nobody knows, to be compared where there is no user."""
    from werkzeug.security import generate_password_hash

    return generate_password_hash(secrets.token_urlsafe(32))
