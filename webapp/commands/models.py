"""``agelens models``: lists, verifies and installs detectors and networks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from tqdm import tqdm

from webapp.assembly import build_registry
from webapp.installation.fetch import Progress
from webapp.installation.install import NeededFile, install, needed_files
from webapp.settings import Settings
from webapp.vision.card import ModelCard
from webapp.vision.models import ModelRegistry
from webapp.web.accuracy import summary


@click.group()
def models() -> None:
    """List, verify and install detectors and networks."""


def _registry() -> ModelRegistry:
    return build_registry(Settings.from_environment())


@models.command("list")
def list_models() -> None:
    """List detectors and networks with tasks, licence, files and accuracy."""
    registry = _registry()
    for card in registry.cards.values():
        click.echo(f"{card.name}  –  {card.title}")
        for label, words in _description(card, registry):
            click.echo(f"  {label:<9} {words}")


@models.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Compare the SHA-256 of every file with its card.

    The exit status is 1 if a file is wrong, or missing for a given NAME.
    """
    registry, failed = _registry(), False
    for name in names or registry.cards:
        for needed in needed_files(name, registry):
            state = _state(needed)
            click.echo(f"{name}  {needed.file.path}  {state}")
            failed |= state == "wrong" or (state == "missing" and name in names)
    if failed:
        raise SystemExit(1)


@models.command("install")
@click.argument("name")
@click.option(
    "--from",
    "source",
    metavar="DIR_OR_URL",
    help="A folder or URL with the files; default: the addresses on the card.",
)
def install_model(name: str, source: str | None) -> None:
    """Copy or download the files of the detector or network NAME, and check their SHA-256.

    They go into AGELENS_MODELS_DIR, or else into the data directory. An interrupted download
    resumes where it stopped; files that are already right are left alone.
    """
    settings = Settings.from_environment()
    settings.refuse_homeless(settings.models_dir)
    registry = _registry()
    for needed in needed_files(name, registry):
        if needed.is_right:
            click.echo(f"{needed.file.path} is already installed.")
            continue
        with _progress_bar(needed.file.path) as progress:
            path = install(needed, registry, source, progress)
        click.echo(f"{needed.file.path} is now {path}.")


def _description(card: ModelCard, registry: ModelRegistry) -> Iterator[tuple[str, str]]:
    yield "tasks", ", ".join(card.tasks) or "finds faces"
    yield "licence", card.licence
    missing = [
        one.file.published.path for one in needed_files(card.name, registry) if one.path is None
    ]
    if missing:
        hint = f"install with: agelens models install {card.name}"
        yield "files", f"missing: {', '.join(missing)} ({hint})"
    else:
        yield "files", "present"
    yield "accuracy", summary(card)


def _state(needed: NeededFile) -> str:
    if needed.path is None:
        return "missing"
    return "right" if needed.is_right else "wrong"


@contextmanager
def _progress_bar(name: str) -> Iterator[Progress]:
    """A bar on standard error, where that is a terminal."""
    with tqdm(desc=name, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
