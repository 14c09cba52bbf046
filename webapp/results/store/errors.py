"""What can go wrong in the store."""

from webapp.errors import AgelensError


class StoreError(AgelensError):
    """The store cannot do what was asked; the message is one sentence for users."""

    code = "store_error"


class UnknownResult(StoreError):
    """No result has this id: it never existed or was deleted."""

    code = "not_found"


class StoreFull(StoreError):
    """The disk or the quota is full."""

    code = "store_full"


class StoreUnavailable(StoreError):
    """The disk or bucket does not respond or refuses, or a package to reach it is missing."""

    code = "store_unavailable"


class UnreadableRecord(StoreError):
    """Stored data is damaged, or was written by another version of agelens."""

    code = "unreadable_record"
