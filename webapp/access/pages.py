"""The page to sign in, and the way out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.access.guard import accounts
from webapp.web.errors import Problem, SignInRefused, TooManyAttempts, problem_of
from webapp.web.marks import form, public
from webapp.web.security import is_own_address
from webapp.web.visitor import visitor

access_pages = Blueprint("access", __name__)


def sign_in_page(problem: Problem | None = None) -> str:
    """The page to sign in, with what was wrong last time; the password is never sent back."""
    return render_template(
        "sign_in.html", problem=problem, next=_next(), name=request.form.get("name", "")
    )


@access_pages.get("/login")
@public
def sign_in() -> ResponseReturnValue:
    return redirect(_next(), 303) if visitor() else sign_in_page()


@access_pages.post("/login")
@public
@form(sign_in_page)
def enter() -> ResponseReturnValue:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        accounts().sign_in(name, password, request.remote_addr or "")
    except (SignInRefused, TooManyAttempts) as error:
        problem = problem_of(error)
        return sign_in_page(problem), problem.status, dict(problem.headers)
    return redirect(_next(), 303)


@access_pages.post("/logout")
def sign_out() -> ResponseReturnValue:
    accounts().sessions.end()
    return redirect(url_for("access.sign_in"), 303)


def _next() -> str:
    """Where to go after signing in: a page of ours and nothing else."""
    wanted = request.values.get("next", "")
    return wanted if is_own_address(wanted) else url_for("pages.upload")
