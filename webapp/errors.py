"""The base class of all errors that users or operators can fix."""

from __future__ import annotations


class AgelensError(Exception):
    """Its message is one sentence for users."""
