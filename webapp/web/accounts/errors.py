"""Errors of users and tokens, with messages for the operator."""

from webapp.errors import AgelensError


class AccessError(AgelensError):
    """Users or tokens cannot be read or changed as asked: a name is invalid, unknown or taken."""


class WeakPassword(AccessError):
    """A password is too short or easy to guess."""


class BrokenFile(AccessError):
    """A file of users or tokens cannot be read, or has an invalid line."""
