"""Decorators that tell the request hooks and error pages what they must know about a view.

Marks are stored on the view function itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import current_app, request

from webapp.web.errors import Problem

FormPage = Callable[[Problem], str]
"""Renders the page of a form again, with the problem."""

ErrorBody = Callable[[Problem], tuple[int, dict[str, Any]]]
"""Gives the status and the JSON body that report a problem to a program."""

AnyView = Callable[..., Any]
View = TypeVar("View", bound=AnyView)
_ATTRIBUTE = "agelens_marks"


@dataclass(frozen=True)
class Marks:
    """The marks of a view; see the decorators below."""

    costly: bool = False
    live: bool = False
    public: bool = False
    takes_album: bool = False
    takes_base64: bool = False
    error_body: ErrorBody | None = None
    form_page: FormPage | None = None


def costly(view: View) -> View:
    """Count requests to this view, whatever their method, against the client's rate."""
    return _mark(view, costly=True)


def live(view: View) -> View:
    """Count requests to this view against a separate rate for frames of a live picture."""
    return _mark(view, costly=True, live=True)


def public(view: View) -> View:
    """Allow access to this view without signing in."""
    return _mark(view, public=True)


def takes_album(view: View) -> View:
    """Allow uploads as large as an album."""
    return _mark(view, takes_album=True)


def takes_base64(view: View) -> View:
    """Let a view take bodies that hold a photo in base64, which is a third longer."""
    return _mark(view, takes_base64=True)


def for_programs(body: ErrorBody) -> Callable[[View], View]:
    """Take a view for a part of an API, whatever its address, with errors in a form of its own."""
    return lambda view: _mark(view, error_body=body)


def form(page: FormPage) -> Callable[[View], View]:
    """Show problems with this view's form on the page of the form."""
    return lambda view: _mark(view, form_page=page)


def marks_of(view: AnyView | None) -> Marks:
    """The marks of a view."""
    found: Marks = getattr(view, _ATTRIBUTE, Marks())
    return found


def marks() -> Marks:
    """The marks of the current request's view; empty if it has none."""
    return marks_of(current_app.view_functions.get(request.endpoint or ""))


def _mark(view: View, **facts: Any) -> View:
    setattr(view, _ATTRIBUTE, replace(marks_of(view), **facts))
    return view
