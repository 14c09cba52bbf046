"""The current user: noted once per request, looked up where it matters."""

from flask import g

from webapp.results.store.result_store import NOBODY


def current_owner() -> str:
    """The id of the signed-in user, or ``NOBODY``: the owner of the results they make and see."""
    owner: str = g.get("current_owner", NOBODY)
    return owner


def current_user_name() -> str:
    """The name of the signed-in user, or the empty string."""
    name: str = g.get("current_user_name", "")
    return name


def note_current_user(owner: str, name: str = "") -> None:
    """Remember for this request the user's id, which owns results, and name."""
    g.current_owner, g.current_user_name = owner, name
