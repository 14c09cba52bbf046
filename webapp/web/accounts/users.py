"""The file of users: one line per user, ``name:id:hash``, as ``agelens user`` writes it.

The random id owns the user's results, so a later user of the same name does not see them.
Heavy libraries are loaded when they are needed: every command of ``agelens`` imports this module.
"""

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.web.accounts.errors import AccessError, WeakPassword
from webapp.web.accounts.files import Row, TableFile

SHORTEST_PASSWORD = 12
"""Characters. NIST SP 800-63B asks for length and advises against rules of composition."""
NAME = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
"""Pattern of a name. It never begins with a dash, which means "no owner" in the store."""
_ID_BYTES = 16
_ROW = rf"({NAME}):(?:([0-9a-f]{{{2 * _ID_BYTES}}}):)?((?:scrypt|pbkdf2):\S+)"
# Of zxcvbn's scores 0 to 4: "too guessable" and "very guessable", up to a million guesses
# (Wheeler 2016, USENIX Security). NIST SP 800-63B asks to refuse commonly used passwords.
_LEAST_SCORE = 2
_LONGEST_SCORED = 72
# scrypt with werkzeug's parameters takes 32 MB and some 50 ms: many at once would be an attack.
_AT_ONCE = 2


@dataclass(frozen=True)
class Account:
    """A user: the name to sign in with, the id that owns results, the hash of the password."""

    name: str
    id: str
    password_hash: str


class UserFile:
    """Names and hashes of passwords. Changes of the file take effect at once, without a restart."""

    def __init__(self, path: Path) -> None:
        self._table = TableFile(path, _ROW)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)

    def names(self) -> list[str]:
        """All names, in the file's order. Raises BrokenFile."""
        return [row[0] for row in self._table.rows()]

    def account(self, name: str) -> Account | None:
        """The account of a name, or None if there is no such user. Raises BrokenFile."""
        accounts = (_account(row) for row in self._table.rows())
        return next((account for account in accounts if account.name == name), None)

    def verify(self, name: str, password: str) -> Account | None:
        """The account with this name and password, or None; an unknown name takes as long."""
        from werkzeug.security import check_password_hash

        account = self.account(name)
        known = account.password_hash if account else nobodys_hash()
        with self._slots:
            right = check_password_hash(known, password)
        return account if right else None

    def set_password(self, name: str, password: str) -> None:
        """Add a user, or change the password of one.

        Raises AccessError or WeakPassword.
        """
        check_name(name)
        check_password(name, password)
        from werkzeug.security import generate_password_hash

        hashed = generate_password_hash(password)
        with self._table.changed() as rows:
            known = {row[0]: _account(row).id for row in rows}
            row = (name, known.get(name) or secrets.token_hex(_ID_BYTES), hashed)
            rows[:] = {**{row[0]: row for row in rows}, name: row}.values()

    def remove(self, name: str) -> None:
        """Remove a user. Raises AccessError if there is none."""
        with self._table.changed() as rows:
            if all(row[0] != name for row in rows):
                raise AccessError(f"There is no user “{name}”.")
            rows[:] = [row for row in rows if row[0] != name]


def _account(row: Row) -> Account:
    """A line written by hand need not have an id; its hash, which has a random salt, gives one."""
    name, account_id, hashed = row
    derived = hashlib.sha256(hashed.encode()).hexdigest()[: 2 * _ID_BYTES]
    return Account(name, account_id or derived, hashed)


def check_password(name: str, password: str) -> None:
    """Raises WeakPassword."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(
            "A password needs at least %(count)s characters. "
            "Several words in a row are easy to remember.",
            count=SHORTEST_PASSWORD,
        )
    from zxcvbn import zxcvbn

    if zxcvbn(password[:_LONGEST_SCORED], user_inputs=[name, "agelens"])["score"] < _LEAST_SCORE:
        raise WeakPassword(
            "This password is easy to guess. Several words in a row are safer and easy to remember."
        )


def check_name(name: str) -> None:
    """Raises AccessError if ``name`` cannot be the name of a user or token."""
    if not re.fullmatch(NAME, name):
        raise AccessError(
            "A name has up to 64 letters, digits, dots, dashes, underscores or @, "
            "and begins with a letter or digit."
        )


@cache
def nobodys_hash() -> str:
    """The hash of a random password, compared with where there is no user."""
    from werkzeug.security import generate_password_hash

    return generate_password_hash(secrets.token_urlsafe(32))
