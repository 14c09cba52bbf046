"""The API for single photos: a photo in; JSON, CSV or an annotated picture out; nothing stored."""

from collections.abc import Collection

from flask import Blueprint, Request, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MIMEAccept

from webapp.results.columns import faces_as_csv
from webapp.results.schema import SELECTABLE, analysis_document, selected
from webapp.results.upload import quotable
from webapp.services import services
from webapp.web.errors import InvalidOption, NotAcceptable
from webapp.web.marks import costly, takes_base64
from webapp.web.uploads import CHOICES, choices_from, photo_and_options

api = Blueprint("api", __name__, url_prefix="/api/v1")

FIELDS = "fields"
JSON, CSV, JPEG = "application/json", "text/csv", "image/jpeg"
KINDS = (JSON, CSV, JPEG)
"""What an analysis is given as; the first where the client does not say what it accepts."""


@api.post("/analyses")
@costly
@takes_base64
def analyze() -> ResponseReturnValue:
    kind = accepted(request)
    photo, options = photo_and_options(request, (*CHOICES, FIELDS))
    wanted = fields_wanted(options.get(FIELDS, ""), kind)
    choices = choices_from(options)
    if kind == JPEG:
        return Response(services().photos.analyze_and_draw(photo, choices), mimetype=JPEG)
    analysis = services().photos.analyze(photo, choices)
    if kind == CSV:
        return Response(faces_as_csv([(photo.name, analysis)]), mimetype=CSV)
    document = analysis_document(photo.name, analysis)
    return jsonify(selected(document, wanted) if wanted else document)


def accepted(request: Request) -> str:
    """The first of KINDS that a request accepts best. Raises NotAcceptable."""
    if not request.accept_mimetypes:
        return KINDS[0]
    # Our kinds have no parameters that one of theirs, such as a charset, could contradict.
    wanted = [(kind.partition(";")[0].strip(), weight) for kind, weight in request.accept_mimetypes]
    best = MIMEAccept(wanted).best_match(KINDS)
    if best is None:
        raise NotAcceptable(f"This is given as {', '.join(KINDS)}; accept one of them.")
    return best


def fields_wanted(text: str, kind: str) -> Collection[str]:
    """The parts of the answer that are asked for; none means all. Raises InvalidOption."""
    wanted = {name.strip() for name in text.split(",")} - {""}
    for name in sorted(wanted.difference(SELECTABLE)):
        raise InvalidOption(
            f"An answer has no “{quotable(name)}”; choose from {', '.join(SELECTABLE)}."
        )
    if wanted and kind != JSON:
        raise InvalidOption(f"The option “{FIELDS}” is for JSON; {kind} always has all of it.")
    return wanted
