"""``agelens serve``: gunicorn with agelens's configuration, and a worker for albums."""

from __future__ import annotations

import sys

import click

from webapp.assembly import build_registry
from webapp.commands.worker import CONSUME
from webapp.processes import Supervisor
from webapp.settings import InvalidSetting, Settings
from webapp.vision.errors import VisionError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8000,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes, each with its own networks.")
@click.option("--threads", type=click.IntRange(1), help="Threads in each process.")
def serve(host: str, port: int, workers: int | None, threads: int | None) -> None:
    """Serve the web app and the API until interrupted."""
    try:
        settings = Settings.from_environment()
        build_registry(settings)  # gunicorn would show a traceback instead
    except (InvalidSetting, VisionError) as error:
        raise click.ClickException(str(error)) from error
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    given = {"--workers": workers, "--threads": threads}
    choices = [text for name, value in given.items() if value for text in (name, str(value))]
    click.echo(f"agelens starts on http://{address}", err=True)
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:webapp.gunicorn_conf"]
    command = [*gunicorn, "--bind", address, *choices, "webapp.app:create_app()"]
    # A queue that several machines share has workers of its own.
    beside = [CONSUME] if settings.queue is None else []
    raise SystemExit(Supervisor(beside, leader=command).run())
