"""The page of the API, made from its document: operations, limits, errors, and a photo to try."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import format_decimal, gettext

from webapp.results.schema import analysis_document
from webapp.services import services
from webapp.settings import OFF, Settings
from webapp.web.errors import Problem
from webapp.web.marks import costly, form
from webapp.web.openapi.document import document
from webapp.web.openapi.examples import ALBUM
from webapp.web.openapi.parts import JsonObject
from webapp.web.openapi.snippets import snippets
from webapp.web.rate_limits import DEFAULT_RATE
from webapp.web.uploads import choices_of, upload_of
from webapp.web.wording import duration_in_words

api_page = Blueprint("api_page", __name__)


@dataclass(frozen=True)
class Operation:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    snippets: Mapping[str, str]


@dataclass(frozen=True)
class ErrorRow:
    """An error, and the operations that can answer with it."""

    status: int
    code: str
    meaning: str


def page(problem: Problem | None = None, answer: str | None = None) -> str:
    """The page, with an answer to show, or what was wrong with the photo to try."""
    described = document()
    return render_template(
        "api.html",
        problem=problem,
        answer=answer,
        operations=operations_of(described, request.url_root.rstrip("/")),
        limits=limits_of(services().settings),
        errors=errors_of(described),
    )


@api_page.get("/api")
def show() -> str:
    return page()


@api_page.post("/api")
@costly
@form(page)
def try_it() -> str:
    photo = upload_of(request)
    analysis = services().photos.analyze(photo, choices_of(request))
    found = analysis_document(photo.name, analysis)
    return page(answer=json.dumps(found, ensure_ascii=False, indent=2))


def operations_of(document: JsonObject, server: str) -> list[Operation]:
    """All operations, those that people look for first."""
    found = [
        Operation(
            operation["operationId"],
            method.upper(),
            path,
            operation["summary"],
            operation["description"],
            snippets(operation["operationId"], server, str(ALBUM["id"])),
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]
    return sorted(found, key=lambda one: not one.path.startswith("/api/v1"))


def errors_of(document: JsonObject) -> list[ErrorRow]:
    """Every error of the document once, by status and code."""
    rows = {
        ErrorRow(int(status), code, example["value"]["error"]["message"])
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        for status, response in operation["responses"].items()
        for code, example in response.get("content", {})
        .get("application/json", {})
        .get("examples", {})
        .items()
    }
    by_code = {(row.status, row.code): row for row in sorted(rows, key=lambda row: row.meaning)}
    return [by_code[key] for key in sorted(by_code)]


def limits_of(settings: Settings) -> dict[str, str]:
    """The limits of this server, in words."""
    rate = settings.rate or gettext(
        "%(rate)s, and none for programs on the server itself", rate=DEFAULT_RATE
    )
    return {
        gettext("Photo"): gettext(
            "%(size)s MB, %(pixels)s megapixels",
            size=format_decimal(settings.max_bytes / 1e6),
            pixels=format_decimal(settings.max_pixels / 1e6),
        ),
        gettext("Faces per photo"): format_decimal(settings.max_faces),
        gettext("Album"): gettext(
            "%(count)s photos, %(size)s MB",
            count=format_decimal(settings.album_photos),
            size=format_decimal(round(settings.album_bytes / 1e6)),
        ),
        gettext("Albums are kept for"): duration_in_words(settings.keep_albums),
        gettext("Requests per client"): gettext("no limit") if settings.rate == OFF else rate,
    }
