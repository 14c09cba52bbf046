"""Errors of users and tokens, with messages for the operator."""

from webapp.errors import AgelensError


class AccessError(AgelensError):
    """Users or tokens cannot be read or changed as asked."""


class InvalidName(AccessError):
    """A name contains characters that are not allowed."""


class PasswordTooShort(AccessError):
    """A password is too short."""


class PasswordTooCommon(AccessError):
    """A password is easy to guess."""


class UnknownName(AccessError):
    """No user or no token has this name."""


class NameTaken(AccessError):
    """There is a token of this name already."""


class BrokenFile(AccessError):
    """A file of users or tokens has an invalid line."""
