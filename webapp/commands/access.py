"""``agelens user`` and ``agelens token``: who may come in, and with what."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec

import click

from webapp.commands.pass_decorator import make_pass_decorator
from webapp.settings import InvalidSetting, Settings
from webapp.web.accounts.errors import AccessError, UnknownName
from webapp.web.accounts.tokens import TokenFile
from webapp.web.accounts.users import UserFile

Arguments = ParamSpec("Arguments")


@click.group()
def user() -> None:
    """Users who may sign in, in the file that AGELENS_USERS names."""


@click.group()
def token() -> None:
    """Tokens for the API, each with the rights of a user."""


def _users() -> Path:
    users = Settings.from_environment().users
    if users is None:
        raise click.ClickException("Set AGELENS_USERS to the path of a file of users.")
    return users


def with_users(
    command: Callable[Concatenate[Path, Arguments], None],
) -> Callable[Arguments, None]:
    """Hand a command the path of the file of users, and put its errors into one line."""
    return make_pass_decorator(_users, InvalidSetting, AccessError, OSError)(command)


@user.command("add")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_users
def add_user(users: Path, name: str, password_stdin: bool) -> None:
    """Add the user NAME, or give NAME another password, which ends all sessions of NAME."""
    known = UserFile(users).account(name) is not None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    UserFile(users).set_password(name, password)
    click.echo(f"{name} has another password now." if known else f"{name} may sign in now.")


@user.command("remove")
@click.argument("name")
@with_users
def remove_user(users: Path, name: str) -> None:
    """Remove the user NAME with all tokens of NAME; sessions end at once."""
    UserFile(users).remove(name)
    TokenFile.beside(users).revoke_all_of(name)
    click.echo(f"{name} is removed.")


@user.command("list")
@with_users
def list_users(users: Path) -> None:
    """Name every user."""
    for name in UserFile(users).names():
        click.echo(name)


@token.command("create")
@click.argument("name")
@click.option("--user", "owner", help="Whose results it makes and sees; not needed for one user.")
@with_users
def create_token(users: Path, name: str, owner: str | None) -> None:
    """Print a new token, once: only its hash is kept. NAME says later which one it was."""
    names = UserFile(users).names()
    if owner is None and len(names) == 1:
        owner = names[0]
    if owner is None:
        raise click.ClickException("Say whose token this is: --user NAME.")
    if owner not in names:
        raise UnknownName(f"There is no user “{owner}”.")
    click.echo(TokenFile.beside(users).create(name, owner))


@token.command("list")
@with_users
def list_tokens(users: Path) -> None:
    """Name every token and its user."""
    for one in TokenFile.beside(users).tokens():
        click.echo(f"{one.name}  {one.user}")


@token.command("revoke")
@click.argument("name")
@with_users
def revoke_token(users: Path, name: str) -> None:
    """Make the token NAME worthless at once."""
    TokenFile.beside(users).revoke(name)
    click.echo(f"{name} is revoked.")
