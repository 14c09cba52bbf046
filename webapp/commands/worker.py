"""``agelens worker``: processes that analyse the photos of albums."""

import os
import sys

import click

from webapp import logs
from webapp.processes import Supervisor, end_with_parent
from webapp.settings import Settings

CONSUME = (sys.executable, "-m", "webapp", "consume")
# The page of a visitor who waits for one photo comes before the albums.
_NICENESS = 5


@click.command()
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
def worker(jobs: int) -> None:
    """Analyse album photos until interrupted; processes that die are replaced.

    `agelens serve` starts one itself. With AGELENS_QUEUE and AGELENS_STORE, workers on any number
    of machines share the work.
    """
    from webapp.assembly import refuse_unusable

    settings = Settings.from_environment()
    settings.refuse_homeless(settings.store, settings.queue)
    refuse_unusable(settings)
    logs.configure(settings.log, settings.log_level)
    raise SystemExit(Supervisor([CONSUME] * jobs).run())


@click.command(hidden=True)
def consume() -> None:
    """Run one of the worker's processes."""
    end_with_parent()
    os.nice(_NICENESS)
    # Only now: a supervisor needs none of them.
    from webapp.albums.consumer import consume as consume_photos
    from webapp.assembly import build_registry

    settings = Settings.from_environment()
    logs.configure(settings.log, settings.log_level)
    consume_photos(settings, build_registry(settings))
