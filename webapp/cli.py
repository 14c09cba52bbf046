"""The command line: ``agelens serve``, ``agelens analyze`` and their fellows."""

from __future__ import annotations

import click

from webapp.commands.analyze import analyze
from webapp.commands.serve import serve
from webapp.commands.worker import consume, worker


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="agelens")
def main() -> None:
    """Find the faces in photos and predict an age bucket and a gender for each."""


main.add_command(serve)
main.add_command(analyze)
main.add_command(worker)
main.add_command(consume)
