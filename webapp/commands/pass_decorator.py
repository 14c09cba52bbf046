"""What several commands begin with: something to work on, and errors as one line."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import click

Prepared = TypeVar("Prepared")
Arguments = ParamSpec("Arguments")


def make_pass_decorator(
    prepare: Callable[[], Prepared], *errors: type[Exception]
) -> Callable[
    [Callable[Concatenate[Prepared, Arguments], None]],
    Callable[Arguments, None],
]:
    """Hand a command what ``prepare`` gives; the errors of either become one line on stderr."""

    def decorate(
        command: Callable[Concatenate[Prepared, Arguments], None],
    ) -> Callable[Arguments, None]:
        @wraps(command)
        def run(*arguments: Arguments.args, **options: Arguments.kwargs) -> None:
            try:
                command(prepare(), *arguments, **options)
            except errors as error:
                raise click.ClickException(str(error)) from error

        return run

    return decorate
