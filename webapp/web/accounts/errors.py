"""What can go wrong with users and tokens, as sentences for whoever runs the server."""

from __future__ import annotations

from webapp.errors import AgelensError


class AccessError(AgelensError):
    """Users or tokens cannot be read or changed as asked."""


class InvalidName(AccessError):
    """A name has characters that it cannot have."""


class PasswordTooShort(AccessError):
    """A password has fewer characters than it needs."""


class PasswordTooCommon(AccessError):
    """A password is among the first that anybody would try."""


class UnknownName(AccessError):
    """No user or no token has this name."""


class NameTaken(AccessError):
    """There is a token of this name already."""


class BrokenFile(AccessError):
    """A file of users or tokens has a line that is none."""
