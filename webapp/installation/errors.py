"""What can go wrong while a network's files are installed."""

from __future__ import annotations

from webapp.errors import AgelensError


class InstallationError(AgelensError):
    """A file could not be installed; the message is one sentence a person understands."""


class SourceUnavailable(InstallationError):
    """The file is not there, or the connection broke more often than we try."""


class WrongContent(InstallationError):
    """What came is not the file of the card: its SHA-256 differs."""
