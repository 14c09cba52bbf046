"""Every error becomes one answer here: JSON under /api, a page elsewhere."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import (
    BadHost,
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    SecurityError,
)

from webapp.store.errors import StoreError
from webapp.vision.errors import PhotoTooLarge, VisionError
from webapp.web.comparisons import compare_page
from webapp.web.errors import InvalidOption, Problem, WebError, problem_of, problem_of_status
from webapp.web.pages import upload_page

# The rest of a refused upload is read and dropped up to this size: a browser that is cut off
# while it still sends shows "connection reset" instead of our page.
MOST_DRAINED_BYTES = 200_000_000
_CHUNK_BYTES = 1 << 20

FORMS = {"pages.create": upload_page, "comparisons.create": compare_page}
"""Where an upload goes → the page that it came from, which says what was wrong with it."""


def handle_errors(app: Flask) -> None:
    """Answer our own exceptions and the framework's."""
    app.register_error_handler(WebError, _ours)
    app.register_error_handler(VisionError, _ours)
    app.register_error_handler(StoreError, _ours)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(SecurityError, _without_a_page)
    app.register_error_handler(HTTPException, _frameworks)
    app.register_error_handler(BadHost, _without_a_page)


def _ours(error: WebError | VisionError | StoreError) -> ResponseReturnValue:
    problem = problem_of(error)
    if problem.status >= 500 and problem.code == "internal_error":
        current_app.logger.error("%s: %s", type(error).__name__, error, exc_info=error)
    return _answer(problem)


def _too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    drain()
    if 0 < (request.content_length or 0) <= (request.max_content_length or 0):
        return _ours(InvalidOption("The form holds more than a photo and a few short fields."))
    limit = current_app.extensions["agelens"].settings.max_bytes / 1e6
    return _ours(PhotoTooLarge(f"The file is too large; the limit is {limit:g} MB."))


def _frameworks(error: HTTPException) -> ResponseReturnValue:
    kept = {name: text for name, text in error.get_headers() if name in ("Allow", "Retry-After")}
    return _answer(problem_of_status(error.code or 500, kept))


def _without_a_page(error: BadRequest) -> ResponseReturnValue:
    """For a Host header that is no name, or not to be trusted; our page would link to that host."""
    return error.description or "", HTTPStatus.BAD_REQUEST, {"Content-Type": "text/plain"}


def _answer(problem: Problem) -> ResponseReturnValue:
    current_app.extensions["agelens.metrics"].refused(problem.code)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        problem = replace(problem, request_id=g.request_id)
    if request.path.startswith("/api/"):
        body = jsonify(error=problem.to_json())
    elif request.endpoint in FORMS and problem.concerns_the_form:
        body = make_response(FORMS[request.endpoint](problem))
    else:
        body = make_response(render_template("error.html", problem=problem))
    body.status_code = problem.status
    body.headers.update(dict(problem.headers))
    return body


def drain() -> None:
    """Read and drop what is left of a refused upload, so that the browser sees our answer."""
    left = request.content_length or 0
    if not (request.max_content_length or 0) < left <= MOST_DRAINED_BYTES:
        return  # endless, or refused for its parts and not for its size: some of it is read already
    stream = request.environ["wsgi.input"]
    while left > 0 and (chunk := stream.read(min(left, _CHUNK_BYTES))):
        left -= len(chunk)
