"""How each operation is called: ``templates/snippets.toml``, shown on the page of the API."""

import tomllib
from collections.abc import Mapping
from functools import cache

from webapp import assets

LANGUAGES = ("curl", "Python, requests", "Python, generated client", "JavaScript")


def snippets(operation: str, server: str, album_id: str) -> dict[str, str]:
    """The examples for an operation by language, to be sent to a server; see ``LANGUAGES``."""
    return {
        language: code.rstrip().replace("SERVER", server).replace("ALBUM", album_id)
        for language, code in _by_operation()[operation].items()
    }


@cache
def _by_operation() -> Mapping[str, Mapping[str, str]]:
    path = assets.directory("templates") / "snippets.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
