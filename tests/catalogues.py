"""The sentences of all pages, and the catalogues with their translations.

``python -m tests.catalogues``, or ``make translations``, puts new sentences into the catalogues,
without a translation, and removes those that are gone.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po
from babel.util import pathmatch

from webapp.albums.errors import AlbumError
from webapp.errors import AgelensError
from webapp.results.store.errors import StoreError
from webapp.vision.errors import VisionError
from webapp.web.accounts.errors import WeakPassword
from webapp.web.errors import NoToken, WebError
from webapp.web.languages import LANGUAGES, SOURCE

CHECKOUT = Path(__file__).parents[1]
TRANSLATED = [code for code in LANGUAGES if code != SOURCE]
SHOWN = (AlbumError, StoreError, VisionError, WebError, WeakPassword)
"""Errors that a page may show."""

# The first that fits counts.
_METHODS = [
    ("templates/evaluation.html", "ignore"),  # a report that the command line writes
    ("templates/_plots.html", "ignore"),
    ("templates/**.html", "jinja2"),
    # What only programs and operators read stays English.
    ("webapp/api.py", "ignore"),
    ("webapp/commands/**", "ignore"),
    ("webapp/web/api.py", "ignore"),
    ("webapp/web/json_body.py", "ignore"),
    ("webapp/web/compatible/**", "ignore"),
    ("webapp/web/albums/api.py", "ignore"),
    ("webapp/albums/idempotency.py", "ignore"),
    ("webapp/**.py", "python"),
]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}


def classes_of(kinds: tuple[type[AgelensError], ...]) -> Iterator[type[AgelensError]]:
    """The classes, and all that derive from them."""
    for kind in kinds:
        yield kind
        yield from classes_of(tuple(kind.__subclasses__()))


def keywords() -> dict[str, tuple[int, ...] | None]:
    """The functions, and the classes of errors, whose first argument is a sentence."""
    errors = {kind.__name__: None for kind in classes_of(SHOWN) if kind is not NoToken}
    own = {"lazy_gettext": None, "translatable": None}
    return {**DEFAULT_KEYWORDS, **own, **errors}


def sentences() -> Catalog:
    """Every sentence of the pages and of the code."""
    catalog = Catalog(project="agelens")
    folders = {"templates": CHECKOUT / "templates", "webapp": CHECKOUT / "webapp"}
    for folder, path in folders.items():
        methods = [(pattern, method) for pattern, method in _METHODS if pattern.startswith(folder)]
        found = extract_from_dir(
            path,
            [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods],
            {
                pattern.removeprefix(f"{folder}/"): options
                for pattern, options in _OPTIONS.items()
                if pattern.startswith(folder)
            },
            keywords=keywords(),
        )
        for _, _, message, _, _ in found:
            catalog.add(message)
    return catalog


def path_of(language: str) -> Path:
    return CHECKOUT / "translations" / language / "LC_MESSAGES" / "messages.po"


def catalogue(language: str) -> Catalog:
    """The translations into a language, as they are in the repository."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, template: Catalog) -> Catalog:
    """A catalogue with exactly the sentences of the template."""
    found = path_of(language).exists()
    catalog = catalogue(language) if found else Catalog(language, project="agelens")
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.header_comment = f"# agelens: {LANGUAGES[language]}"
    catalog.fuzzy = False
    catalog.revision_date = catalog.creation_date
    catalog.last_translator = catalog.language_team = catalog.project
    return catalog


def written(catalog: Catalog) -> bytes:
    """The file of a catalogue, in alphabetical order and without places, so that changes stay
    small.
    """
    file = BytesIO()
    write_po(file, catalog, no_location=True, sort_output=True, ignore_obsolete=True, width=100)
    return file.getvalue()


def is_covered(path: Path) -> bool:
    """Whether the sentences of a file of the package are in the catalogues."""
    name = path.relative_to(CHECKOUT).as_posix()
    return next(method for pattern, method in _METHODS if pathmatch(pattern, name)) != "ignore"


if __name__ == "__main__":
    template = sentences()
    for code in TRANSLATED:
        path_of(code).parent.mkdir(parents=True, exist_ok=True)
        path_of(code).write_bytes(written(updated(code, template)))
