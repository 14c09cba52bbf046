"""What can be wrong with an upload of many photos; messages are for the sender."""

from webapp.errors import AgelensError


class AlbumError(AgelensError):
    """An album cannot be accepted; the message is one sentence for users."""

    code = "album_error"


class EmptyAlbum(AlbumError):
    """None of the files is a photo."""

    code = "no_photo"


class AlbumTooLarge(AlbumError):
    """The upload has more photos or more bytes than an album may have."""

    code = "album_too_large"


class RefusedArchive(AlbumError):
    """The ZIP file is damaged or malicious."""

    code = "archive_refused"


class QueueFull(AlbumError):
    """Too many photos are already waiting."""

    code = "busy"


class AlbumInReceipt(AlbumError):
    """An album with the same Idempotency-Key is just being received."""

    code = "album_in_receipt"


class KeyReused(AlbumError):
    """The Idempotency-Key belongs to an album of other photos or options."""

    code = "idempotency_key_reused"
