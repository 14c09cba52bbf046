"""What codecs raise on damaged files, and the error that users get."""

import struct

from webapp.errors import translatable

DAMAGED = translatable("The photo is damaged or cut off and cannot be read.")

CODEC_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
)
"""Of Pillow and its codecs; found by feeding them such files."""
