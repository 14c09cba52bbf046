"""``agelens user`` and ``agelens token``: manages who may sign in and use the API."""

import sys
from pathlib import Path

import click

from webapp.settings import Settings
from webapp.web.accounts.errors import AccessError
from webapp.web.accounts.tokens import TokenFile
from webapp.web.accounts.users import UserFile


@click.group()
def user() -> None:
    """Users who may sign in, in the file that AGELENS_USERS names."""


@click.group()
def token() -> None:
    """Tokens for the API, each with the rights of a user."""


def _user_path() -> Path:
    users = Settings.from_environment().users
    if users is None:
        raise click.ClickException("Set AGELENS_USERS to the path of the file of users.")
    return users


def _users() -> UserFile:
    return UserFile(_user_path())


def _tokens() -> TokenFile:
    return TokenFile.beside(_user_path())


@user.command("add")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_user(name: str, password_stdin: bool) -> None:
    """Add the user NAME, or set a new password, which ends all sessions of NAME."""
    known = _users().account(name) is not None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    _users().set_password(name, password)
    click.echo(f"{name} has a new password." if known else f"{name} can sign in now.")


@user.command("remove")
@click.argument("name")
def remove_user(name: str) -> None:
    """Remove the user NAME and their tokens; sessions end at once."""
    _users().remove(name)
    _tokens().revoke_all_of(name)
    click.echo(f"{name} was removed.")


@user.command("list")
def list_users() -> None:
    """List all users."""
    for name in _users().names():
        click.echo(name)


@token.command("create")
@click.argument("name")
@click.option(
    "--user", "owner", help="The user whose rights it has; optional if there is only one."
)
def create_token(name: str, owner: str | None) -> None:
    """Print a new token once; only its hash is stored. NAME identifies it later."""
    names = _users().names()
    if owner is None and len(names) == 1:
        owner = names[0]
    if owner is None:
        raise click.ClickException("Say whose token this is: --user NAME.")
    if owner not in names:
        raise AccessError(f"There is no user “{owner}”.")
    click.echo(_tokens().create(name, owner))


@token.command("list")
def list_tokens() -> None:
    """List all tokens with their users."""
    for one in _tokens().tokens():
        click.echo(f"{one.name}  {one.user}")


@token.command("revoke")
@click.argument("name")
def revoke_token(name: str) -> None:
    """Revoke the token NAME at once."""
    _tokens().revoke(name)
    click.echo(f"{name} was revoked.")
