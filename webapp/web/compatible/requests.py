"""Common parts of the requests of other services: a file or base64, and options as text."""

from collections.abc import Collection

from flask import Request

from webapp.results.upload import NAMELESS, Upload, clean_name, quotable
from webapp.web.errors import InvalidOption, NoPhoto
from webapp.web.json_body import INVALID_JSON, JSON, decoded, from_base64


def photo_of(request: Request, field: str) -> Upload:
    """The photo in a field of a form or of a JSON object. Raises NoPhoto or UnreadablePhoto."""
    file = request.files.get(field)
    if file is not None:
        return Upload(clean_name(file.filename or ""), file.read())
    text = fields_of(request).get(field)
    if not isinstance(text, str) or not text:
        raise NoPhoto(f"Send the photo in the field “{field}”, as a file or in base64 in JSON.")
    return Upload(NAMELESS, from_base64(text))


def fields_of(request: Request) -> dict[str, object]:
    """The fields of a form or of a JSON object. Raises NoPhoto where the body is no such object."""
    if request.mimetype != JSON:
        return dict(request.form)
    try:
        fields = decoded(request.get_data())
    except INVALID_JSON as error:
        raise NoPhoto("The body is not a JSON object.") from error
    if not isinstance(fields, dict):
        raise NoPhoto("The body is not a JSON object.")
    return fields


def words_of(value: object) -> list[str]:
    """The words of a list, or of a text with commas: ``age,gender`` or ``["age", "gender"]``."""
    if isinstance(value, str):
        value = value.strip("[]() ").replace('"', "").replace("'", "").split(",")
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise InvalidOption("A list of words was expected, such as age,gender.")
    return [word.strip() for word in value if word.strip()]


def refuse_others(words: Collection[str], known: Collection[str]) -> None:
    """Raise InvalidOption for a word that is not known."""
    for word in words:
        if word not in known:
            raise InvalidOption(
                f"agelens has no “{quotable(word)}”; it answers to {', '.join(known)}."
            )


def truth_of(text: object, default: bool) -> bool:
    """A boolean, in JSON or as text. Raises InvalidOption."""
    if text in (None, ""):
        return default
    known = {"true": True, "false": False, "1": True, "0": False}
    found = known.get(str(text).lower())
    if found is None:
        raise InvalidOption(f"“{quotable(str(text))}” is neither true nor false.")
    return found
