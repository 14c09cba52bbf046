"""Everything that can go wrong between a photo's bytes and its analysis."""

from webapp.errors import AgelensError, translatable

FILE_TOO_LARGE = translatable("The file is too large; the limit is %(limit)s MB.")


class VisionError(AgelensError):
    """Something in the vision pipeline failed; the message is one sentence for users.

    ``code`` is the stable name that the JSON of the API and of the command line carries.
    """

    code = "vision_error"


class UnreadablePhoto(VisionError):
    """The bytes are not a photo that can be decoded: empty, truncated or damaged."""

    code = "unreadable_photo"


class NotAPhoto(UnreadablePhoto):
    """The bytes are not of any supported image format."""

    code = "not_a_photo"


class UnsupportedPhoto(NotAPhoto):
    """The file is an intact picture of an unsupported kind: camera raw, some TIFF."""

    code = "unsupported_photo"


class PhotoTooLarge(VisionError):
    """The photo exceeds the limits in bytes or pixels."""

    code = "photo_too_large"


class PhotoTooCostly(VisionError):
    """Decoding the photo would take more memory or time than the limits allow."""

    code = "photo_too_costly"

    def __init__(
        self, template: str = translatable("This photo needs too much memory or time.")
    ) -> None:
        super().__init__(template)


class DecoderUnavailable(VisionError):
    """No decoder process can be started; not the photo's fault."""

    code = "decoder_unavailable"

    def __init__(
        self,
        template: str = translatable(
            "The server cannot read photos at the moment. Please try again later."
        ),
    ) -> None:
        super().__init__(template)


class UnknownDetector(VisionError):
    """No detector of that name exists."""

    code = "unknown_detector"


class UnknownModel(VisionError):
    """No network of that name exists."""

    code = "unknown_model"


class InvalidCard(VisionError):
    """A model folder's ``card.toml`` is missing something or contradicts itself."""

    code = "invalid_card"


class ModelFileMissing(VisionError):
    """A file that a network needs is not where its card says."""

    code = "model_file_missing"


class ModelFileCorrupt(VisionError):
    """A network's file exists but its SHA-256 is not the one on the card."""

    code = "model_file_corrupt"
