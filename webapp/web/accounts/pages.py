"""The pages for signing in and out, and for changing one's password."""

import logging
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.errors import translatable
from webapp.web.accounts.errors import WeakPassword
from webapp.web.accounts.guard import accounts
from webapp.web.current_user import current_owner, current_user_name
from webapp.web.errors import Problem, SignInRefused, TooManyAttempts, problem_of
from webapp.web.marks import form, public
from webapp.web.security import is_own_address

log = logging.getLogger(__name__)

access_pages = Blueprint("access", __name__)


def sign_in_page(problem: Problem | None = None) -> str:
    """The sign-in page, with the last error, if any; the password is never sent back."""
    return render_template(
        "sign_in.html", problem=problem, next=_next(), name=request.form.get("name", "")
    )


@access_pages.get("/login")
@public
def sign_in() -> ResponseReturnValue:
    return redirect(_next(), 303) if current_owner() else sign_in_page()


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


def account_page(problem: Problem | None = None) -> str:
    """The page for changing one's password, with the last error, if any."""
    return render_template("account.html", problem=problem)


@access_pages.get("/account")
def account() -> str:
    return account_page()


@access_pages.post("/account")
@form(account_page)
def change_password() -> ResponseReturnValue:
    password, wanted = request.form.get("password", ""), request.form.get("new_password", "")
    try:
        accounts().change_password(current_user_name(), password, wanted, request.remote_addr or "")
    except WeakPassword as error:
        problem = Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_password", error.template, values=error.values
        )
    except SignInRefused:
        sentence = translatable("The current password is wrong.")
        problem = Problem(HTTPStatus.FORBIDDEN, "sign_in_refused", sentence)
    except TooManyAttempts as error:
        problem = problem_of(error)
    except OSError:
        log.exception("The file of users cannot be written.")
        sentence = translatable("Only the operator of this server can change passwords.")
        problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "users_read_only", sentence)
    else:
        flash(gettext("Your password was changed. Other browsers have to sign in again."))
        return redirect(url_for("access.account"), 303)
    return account_page(problem), problem.status, dict(problem.headers)


@access_pages.post("/logout")
def sign_out() -> ResponseReturnValue:
    accounts().sessions.end()
    return redirect(url_for("access.sign_in"), 303)


def _next() -> str:
    """Where to go after signing in: only to a page of this site."""
    wanted = request.values.get("next", "")
    return wanted if is_own_address(wanted) else url_for("pages.upload")
