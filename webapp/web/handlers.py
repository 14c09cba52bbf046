"""Turns every error into a response: JSON under /api, a page elsewhere."""

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import (
    BadHost,
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    SecurityError,
)

from webapp.albums.errors import AlbumError
from webapp.errors import translatable
from webapp.results.store.errors import StoreError
from webapp.results.store.files import FULL
from webapp.services import services
from webapp.vision.errors import FILE_TOO_LARGE, PhotoTooLarge, VisionError
from webapp.web.errors import InvalidOption, Problem, WebError, problem_of, problem_of_status
from webapp.web.marks import marks
from webapp.web.security import is_own_address

KEPT_HEADERS = ("Allow", "Content-Range", "Retry-After")
TOO_MUCH = translatable(
    "The form holds more than a photo and a few short fields; "
    "a photo is sent as a file, with a file name, in the field “photo”."
)


def handle_errors(app: Flask) -> None:
    """Register handlers for our own exceptions and the framework's."""
    for ours in (WebError, VisionError, StoreError, AlbumError):
        app.register_error_handler(ours, answer_for)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(SecurityError, _without_a_page)
    app.register_error_handler(HTTPException, _frameworks)
    app.register_error_handler(OSError, _full_disk)
    app.register_error_handler(BadHost, _without_a_page)


def answer_for(error: WebError | VisionError | StoreError | AlbumError) -> ResponseReturnValue:
    """The response to one of our own exceptions."""
    problem = problem_of(error)
    if problem.status >= 500 and problem.code == "internal_error":
        current_app.logger.error("%s: %s", type(error).__name__, error, exc_info=error)
    return _answer(problem)


def _too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    request.form = ImmutableMultiDict()  # where pages look that show a form again
    if 0 < (request.content_length or 0) <= current_app.config["MAX_CONTENT_LENGTH"]:
        return answer_for(InvalidOption(TOO_MUCH))
    return answer_for(PhotoTooLarge(FILE_TOO_LARGE, limit=services().settings.max_bytes / 1e6))


def _full_disk(error: OSError) -> ResponseReturnValue:
    """Where there is no room for a file that a form holds; any other error is a bug."""
    if error.errno not in FULL:
        raise error
    current_app.logger.warning("A form could not be stored: %s", error)
    return _answer(problem_of_status(HTTPStatus.INSUFFICIENT_STORAGE))


def _frameworks(error: HTTPException) -> ResponseReturnValue:
    kept = {name: text for name, text in error.get_headers() if name in KEPT_HEADERS}
    return _answer(problem_of_status(error.code or 500, kept))


def _without_a_page(error: BadRequest) -> ResponseReturnValue:
    """For an invalid or untrusted Host header: a page would link to that host."""
    if is_for_api():
        return _answer(problem_of_status(HTTPStatus.BAD_REQUEST))
    return error.description or "", HTTPStatus.BAD_REQUEST, {"Content-Type": "text/plain"}


def _answer(problem: Problem) -> ResponseReturnValue:
    services().metrics.refused(problem.code)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        problem = replace(problem, request_id=g.request_id)
    status = problem.status
    if error_body := marks().error_body:
        status, document = error_body(problem)
        body = jsonify(document)
    elif is_for_api():
        body = jsonify(error=problem.to_json())
    elif problem.concerns_the_form and (form_page := marks().form_page):
        body = make_response(form_page(problem))
    else:
        back = page_before() if problem.concerns_the_form else None
        body = make_response(render_template("error.html", problem=problem, back=back))
    body.status_code = status
    body.headers.update(dict(problem.headers))
    return body


def is_for_api() -> bool:
    """Whether this request comes from a program that wants JSON."""
    return request.path.startswith("/api/") or marks().error_body is not None


def page_before() -> str | None:
    """The address of the page of this site that sent this request, if the browser says so."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:  # no address, such as http://[
        return None
    address = urlunsplit(("", "", page.path, page.query, ""))
    return address if page.netloc == request.host and is_own_address(address) else None
