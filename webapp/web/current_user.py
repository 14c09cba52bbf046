"""Who is asking: whoever belongs to a request is noted once, and asked for where it matters."""

from __future__ import annotations

from flask import g

from webapp.results.store.result_store import NOBODY


def current_owner() -> str:
    """The id of who is signed in, or ``NOBODY``: the owner of what they make and see."""
    owner: str = g.get("visitor", NOBODY)
    return owner


def current_user_name() -> str:
    """The name of who is signed in, or the empty name."""
    name: str = g.get("current_user_name", "")
    return name


def note_current_user(owner: str, name: str = "") -> None:
    """Remember for this request who is asking: the id that owns what they make, and the name."""
    g.visitor, g.current_user_name = owner, name
