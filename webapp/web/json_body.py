"""A photo in JSON: an object with the file in base64, and options beside it."""

from contextlib import suppress
from typing import Any

import msgspec
from flask import Request

from webapp.results.upload import quotable
from webapp.vision.errors import UnreadablePhoto
from webapp.web.errors import InvalidOption, NoPhoto

JSON = "application/json"
# RFC 4648, section 5; and the line breaks that the program base64 writes.
_PLAIN = str.maketrans("-_", "+/", " \t\r\n=")
INVALID_JSON = (ValueError, RecursionError)
"""What msgspec raises: its own errors, a UnicodeDecodeError, and that of too many brackets."""


# Base64 has none of them, and a few options need only a few.
_MOST_COMMAS = 100


def longest_base64(data_bytes: int) -> int:
    """How long so many bytes are in base64, with some line breaks."""
    return data_bytes * 4 // 3 + data_bytes // 32


def decoded(body: bytes) -> Any:
    """What JSON holds. Raises one of INVALID_JSON, or InvalidOption for more than a photo and a few
    options: 20 MB of lists would take fifty times that as objects.
    """
    if body.lstrip().startswith((b"{", b"[")) and body.count(b",") > _MOST_COMMAS:
        raise InvalidOption("The body holds more than a photo and a few options.")
    return msgspec.json.decode(body)


def fields_of_json(request: Request, photo: str) -> dict[str, str]:
    """The fields of a JSON object as text; the one named ``photo`` is there.

    Null values are left out. Raises NoPhoto or InvalidOption.
    """
    how = f"send an object with the file in base64: {{“{photo}”: “…”}}."
    try:
        sent = decoded(request.get_data(cache=False))
    except INVALID_JSON as error:
        raise NoPhoto(f"The body is not valid JSON; {how}") from error
    if not isinstance(sent, dict):
        raise NoPhoto(f"The body is JSON but no object; {how}")
    if not isinstance(sent.get(photo), str):
        others = [f", not in “{quotable(name)}”" for name in sent if name != photo][:1]
        raise NoPhoto(f"Send the file as text in base64 in the field “{photo}”{''.join(others)}.")
    return {name: _text(name, value) for name, value in sent.items() if value is not None}


def from_base64(text: str) -> bytes:
    """The file that a text holds in base64, which may be a data URI. Raises UnreadablePhoto."""
    if text.startswith(("http://", "https://")):
        raise UnreadablePhoto("Photos are not fetched from addresses; send the file in base64.")
    if text.startswith("data:"):
        head, comma, text = text.partition(",")
        if not comma or not head.endswith(";base64"):
            raise UnreadablePhoto("Begin the data URI with “data:image/jpeg;base64,”.")
    with suppress(msgspec.ValidationError):  # nearly always right as it is
        return msgspec.convert(text, bytes)
    plain = text.translate(_PLAIN)
    try:
        return msgspec.convert(plain + "=" * (-len(plain) % 4), bytes)
    except msgspec.ValidationError as error:
        raise UnreadablePhoto(
            "This is no base64; send the file's bytes in base64, alone or as a data URI."
        ) from error


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    raise InvalidOption(f"The field “{quotable(name)}” must be text or a number.")
