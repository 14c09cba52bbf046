"""Reads the upload and the choices from a request."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict

from webapp.results.schema import Choices
from webapp.results.upload import NAMELESS, Upload, clean_name, quotable
from webapp.web.errors import InvalidOption, NoPhoto, SeveralPhotos
from webapp.web.json_body import JSON, fields_of_json, from_base64

PHOTO = "photo"
CHOICES = ("detector", "model", "threshold", "turn")
LONGEST_CHOICE = 200
"""Letters; no detector or network has a longer name, and the error that tells so repeats it."""
AUTO = "auto"
"""The value of ``turn`` that finds the upright position."""
TOKEN = "csrf_token"  # noqa: S105 # the name of a field
"""The field that every form on a page has in addition to its own."""
_HOW_TO_SEND = (
    "send the photo as a file in the field “photo” of a form (multipart/form-data), "
    "or alone with a Content-Type such as image/jpeg."
)
# As programs write numbers, 1e-05 and 0.30000000000000004 too; but no nan, no infinity, no 1_0.
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,4})?")


def upload_of(request: Request) -> Upload:
    """The one photo of a request: the field ``photo``, or the body where that is sent as an image.

    Raises NoPhoto or SeveralPhotos.
    """
    if is_image(request):
        return Upload(NAMELESS, request.get_data())
    files = files_of(request)
    if len(files) > 1:
        raise SeveralPhotos("Choose one photo at a time.")
    return Upload(clean_name(files[0].filename or ""), files[0].read())


def files_of(request: Request) -> list[FileStorage]:
    """The files of the field ``photo``, at least one; large ones lie on the disk. Raises NoPhoto,
    whose message says what is wrong with the request.
    """
    files = [file for file in request.files.getlist(PHOTO) if file.filename]
    if not files:
        raise _what_is_wrong(request)
    return files


def is_image(request: Request) -> bool:
    """Whether the body is said to be an image itself and not a form with one."""
    return request.mimetype.startswith("image/")


def _what_is_wrong(request: Request) -> NoPhoto:
    """Why a request has no file in the field ``photo``, and how to send one."""
    others = [name for name, file in request.files.items() if name != PHOTO and file.filename]
    if others:
        return NoPhoto(
            "Send the photo in the field “photo”, not in “%(name)s”.", name=quotable(others[0])
        )
    if PHOTO in request.form:
        return NoPhoto("Send the field “photo” as a file, with a file name; it came as text.")
    if request.mimetype == "multipart/form-data" and not request.mimetype_params.get("boundary"):
        return NoPhoto(f"The Content-Type multipart/form-data has no boundary; {_HOW_TO_SEND}")
    if request.content_length and request.mimetype != "multipart/form-data":
        kind = quotable(request.mimetype)
        return NoPhoto(f"“{kind}” is not a supported Content-Type; {_HOW_TO_SEND}")
    if request.path.startswith("/api/"):
        return NoPhoto(_HOW_TO_SEND[0].upper() + _HOW_TO_SEND[1:])
    return NoPhoto("Choose a photo first.")


def refuse_options_in_address(request: Request) -> None:
    """Raise InvalidOption for query parameters, which the API does not use."""
    for name in request.args:
        raise InvalidOption(
            "The address has the option “%(name)s”, which is not used there; "
            "send options as form fields.",
            name=quotable(name),
        )


def refuse_unknown_fields(
    request: Request, known: Collection[str], repeatable: Collection[str] = ()
) -> None:
    """Raise InvalidOption for anything unused: an unknown or misspelt field, a second value of a
    field that is not ``repeatable``, a query parameter.
    """
    refuse_options_in_address(request)
    _refuse_unknown((*request.form, *request.files), known)
    for name, values in request.form.lists():
        if len(values) > 1 and name not in repeatable:
            raise InvalidOption(
                "The field “%(name)s” was sent more than once.", name=quotable(name)
            )


def photo_and_options(request: Request, known: Collection[str]) -> tuple[Upload, dict[str, str]]:
    """The one photo of a request to the API, which may be JSON, and its options.

    Raises NoPhoto, SeveralPhotos, UnreadablePhoto or InvalidOption.
    """
    if request.mimetype != JSON:
        return upload_of(request), options_of(request, request.form, known)
    fields = fields_of_json(request, PHOTO)
    photo = Upload(NAMELESS, from_base64(fields.pop(PHOTO)))
    return photo, options_of(request, MultiDict(fields), known)


def options_of(
    request: Request, beside: MultiDict[str, str], known: Collection[str]
) -> dict[str, str]:
    """The options of a request to the API: those that stand beside the photo, or in the address.

    Raises InvalidOption for one that nobody reads, and for one that has two values.
    """
    _refuse_unknown((*beside, *request.files), (PHOTO, *known))
    _refuse_unknown(request.args, known)
    found: dict[str, str] = {}
    for name, values in (*request.args.lists(), *beside.lists()):
        if len(values) > 1 or found.get(name, values[0]) != values[0]:
            raise InvalidOption(
                "The field “%(name)s” was sent with more than one value.", name=quotable(name)
            )
        found[name] = values[0]
    return found


def choices_of(request: Request, before: Choices | None = None) -> Choices:
    """The choices of a page's form. Raises InvalidOption, for fields of other names, too.

    With the choices ``before``, a field that is missing keeps its value, and ``turn`` adds to the
    turns already made.
    """
    refuse_unknown_fields(request, CHOICES if before else (PHOTO, *CHOICES))
    return choices_from(request.form, before)


def choices_from(options: Mapping[str, str], before: Choices | None = None) -> Choices:
    """The same from options that are known. Raises InvalidOption."""
    before = before or Choices()
    changed = replace(before, quarter_turns=_turns(options.get("turn"), before.quarter_turns))
    if "detector" in options:
        changed = replace(changed, detector=options["detector"][:LONGEST_CHOICE] or None)
    if "model" in options:
        changed = replace(changed, model=options["model"][:LONGEST_CHOICE] or None)
    if "threshold" in options:
        changed = replace(changed, threshold=_threshold(options["threshold"]))
    return changed


def _refuse_unknown(names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known and name != TOKEN:
            raise InvalidOption(
                "There is no field “%(name)s”; choose from %(known)s.",
                name=quotable(name),
                known=", ".join(known),
            )


def _turns(text: str | None, before: int | None) -> int | None:
    """The turns asked for, on top of those made before; None where they are to be found out."""
    if not text:
        return before
    if text == AUTO:
        return None
    if text not in ("0", "1", "2", "3"):
        raise InvalidOption(
            "The turn must be auto, 0, 1, 2 or 3, not “%(text)s”.", text=quotable(text)
        )
    return ((before or 0) + int(text)) % 4


def _threshold(text: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not 0 <= float(text) <= 1:
        raise InvalidOption(
            "The threshold must be a number from 0 to 1, not “%(text)s”.", text=quotable(text)
        )
    return abs(float(text))  # not -0.0
