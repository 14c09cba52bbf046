"""The base class of all errors that users or operators can fix."""


class AgelensError(Exception):
    """Its message is one sentence for users."""
