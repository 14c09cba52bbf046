"""The root of all errors that are somebody's to mend rather than ours."""

from __future__ import annotations


class AgelensError(Exception):
    """Its message is one sentence that a person understands."""
