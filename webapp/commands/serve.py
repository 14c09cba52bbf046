"""``agelens serve``: gunicorn with agelens's configuration, and a worker for albums."""

import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from webapp import logs
from webapp.assembly import build_registry, refuse_unusable
from webapp.commands.listening import UNIX, allow_files, bind_address, is_loopback
from webapp.commands.worker import CONSUME
from webapp.processes import MainProcess, Supervisor
from webapp.settings import Settings
from webapp.web.accounts.secret_key import secret_key
from webapp.web.accounts.users import UserFile

log = logging.getLogger(__name__)

GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "python:webapp.gunicorn_conf")


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on, or unix:PATH for a socket.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8000,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes, each with its own networks.")
@click.option(
    "--threads",
    type=click.IntRange(1),
    help="Threads per process, in addition to those waiting for an analysis.",
)
@click.option(
    "--open",
    "is_open",
    is_flag=True,
    help="Admit everyone who can reach an address of this machine.",
)
def serve(host: str, port: int, workers: int | None, threads: int | None, is_open: bool) -> None:
    """Serve the web app and the API until interrupted.

    An address that other machines can reach requires users (AGELENS_USERS) or --open.
    """
    settings = Settings.from_environment()
    settings.refuse_homeless(settings.store, settings.queue, settings.secret_key)
    build_registry(settings)  # gunicorn would show a traceback instead
    refuse_unusable(settings)
    _refuse_open_doors(settings, host, is_open)
    secret_key(settings)
    address = bind_address(host, port)
    warning = allow_files()
    given = {"--workers": workers, "--threads": threads}
    choices = [text for name, value in given.items() if value for text in (name, str(value))]
    if warning is not None:
        logs.configure(settings.log, settings.log_level)
        log.warning(warning)
    if settings.log == "readable":  # otherwise every line is JSON; gunicorn says it, too
        where = address if address.startswith(UNIX) else f"http://{address}"
        click.echo(f"agelens starts on {where}", err=True)
    command = [*GUNICORN, "--bind", address, *choices, "webapp.app:create_app()"]
    # A queue that several machines share has workers of its own.
    beside = [CONSUME] if settings.queue is None else []
    logs.configure(settings.log, settings.log_level)
    raise SystemExit(supervise(command, beside, settings))


def _refuse_open_doors(settings: Settings, host: str, is_open: bool) -> None:
    """Raises ClickException if strangers would be admitted without --open."""
    has_users = settings.users is not None and bool(UserFile(settings.users).names())
    if has_users or is_open or is_loopback(host):
        return
    raise click.ClickException(
        f"Other machines can reach {host or 'every address of this one'}: either add users "
        "(set AGELENS_USERS, then `agelens user add NAME`), or admit everyone with --open."
    )


def supervise(command: Sequence[str], beside: Sequence[Sequence[str]], settings: Settings) -> int:
    """Run gunicorn and the workers until they end; returns gunicorn's exit status.

    They share a folder for metrics and for the sign that the server is about to stop.
    """
    # Only now: other commands need no Flask.
    from prometheus_client.multiprocess import mark_process_dead

    from webapp.metrics import FOLDER as METRICS_FOLDER
    from webapp.web.health import DRAINING_MARK

    with tempfile.TemporaryDirectory(prefix="agelens-") as folder:
        counts, mark = Path(folder) / "metrics", Path(folder) / "draining"
        counts.mkdir()
        os.environ.update({METRICS_FOLDER: str(counts), DRAINING_MARK: str(mark)})
        main = MainProcess(command, mark, settings.drain.total_seconds())
        return Supervisor(beside, main, on_exit=mark_process_dead).run()
