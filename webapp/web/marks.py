"""Marks at views: what the hooks of every request and the error pages must know of a view.

A mark stands right at its view, and is kept on the function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import current_app, request

from webapp.web.errors import Problem

FormPage = Callable[[Problem], str]
"""Shows the page that a form stands on, with what was wrong with the form."""

AnyView = Callable[..., Any]
View = TypeVar("View", bound=AnyView)
_ATTRIBUTE = "agelens_marks"


@dataclass(frozen=True)
class Marks:
    """What is known of a view; see the decorators below."""

    costly: bool = False
    live: bool = False
    public: bool = False
    takes_album: bool = False
    form_page: FormPage | None = None


def costly(view: View) -> View:
    """Count the requests of a view that costs work against their client's rate, of any method."""
    return _mark(view, costly=True)


def live(view: View) -> View:
    """Count the frames of a live picture, each little work, against an allowance of their own."""
    return _mark(view, costly=True, live=True)


def public(view: View) -> View:
    """Let everybody see a view without signing in."""
    return _mark(view, public=True)


def takes_album(view: View) -> View:
    """Let a view take uploads as large as an album may be."""
    return _mark(view, takes_album=True)


def form(page: FormPage) -> Callable[[View], View]:
    """Show problems with the form that a view takes on the page where the form stands."""
    return lambda view: _mark(view, form_page=page)


def marks_of(view: AnyView | None) -> Marks:
    """The marks of a view."""
    found: Marks = getattr(view, _ATTRIBUTE, Marks())
    return found


def marks() -> Marks:
    """The marks of the view that the current request is for; none where there is no view."""
    return marks_of(current_app.view_functions.get(request.endpoint or ""))


def _mark(view: View, **facts: Any) -> View:
    setattr(view, _ATTRIBUTE, replace(marks_of(view), **facts))
    return view
