"""Who is asking: whoever belongs to a request is noted once, and asked for where it matters."""

from __future__ import annotations

from flask import g

from webapp.store.results import NOBODY


def visitor() -> str:
    """The name of who is signed in, or the empty name: also the owner of what they make and see."""
    name: str = g.get("visitor", NOBODY)
    return name


def note_visitor(name: str) -> None:
    """Remember for this request who is asking."""
    g.visitor = name
