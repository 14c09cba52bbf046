"""Photos to try agelens with: two public-domain portraits, and both in one picture."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp import assets
from webapp.errors import translatable
from webapp.results.upload import Upload


@dataclass(frozen=True)
class Example:
    """A photo that everybody may use: who is on it, and who took it."""

    title: str
    source: str


EXAMPLES: Mapping[str, Example] = {
    "hopper": Example("Grace Hopper", "U.S. Navy"),
    "collins": Example("Eileen Collins", "NASA"),
    "both": Example(translatable("Both of them"), "U.S. Navy, NASA"),
}
"""By the names of their files in ``static/examples``."""


def example_upload(name: str) -> Upload:
    """One of ``EXAMPLES`` as an upload."""
    path = assets.directory("static") / "examples" / f"{name}.jpg"
    return Upload(f"{EXAMPLES[name].title}.jpg", path.read_bytes())
