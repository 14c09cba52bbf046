"""The command line: ``agelens serve``, ``agelens analyze`` and so on."""

import click

from webapp.commands.access import token, user
from webapp.commands.analyze import analyze
from webapp.commands.compare import compare_command
from webapp.commands.doctor import doctor
from webapp.commands.evaluate import evaluate
from webapp.commands.models import models
from webapp.commands.serve import serve
from webapp.commands.settings import settings
from webapp.commands.streams import Commands
from webapp.commands.train import train
from webapp.commands.worker import consume, worker


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="agelens")
def main() -> None:
    """Find the faces in photos and predict an age bucket and a gender for each."""


main.add_command(serve)
main.add_command(analyze)
main.add_command(worker)
main.add_command(consume)
main.add_command(user)
main.add_command(token)
main.add_command(evaluate)
main.add_command(train)
main.add_command(models)
main.add_command(compare_command)
main.add_command(settings)
main.add_command(doctor)
