"""Handles standard streams that are closed, full or broken."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from webapp.errors import AgelensError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Commands(click.Group):
    """Commands that end with one sentence where something is not as it should be: an argument or
    a setting, a file, standard output.
    """

    def invoke(self, context: click.Context) -> Any:
        """Run the command; errors that users can fix become one line."""
        try:
            return super().invoke(context)
        except AgelensError as error:
            raise click.ClickException(str(error)) from error

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command line. click itself is quiet if a pipe's reader has gone."""
        open_missing()
        try:
            return super().main(*arguments, **options)
        except OSError as error:
            if error.filename is not None:
                print_to_stderr(
                    f"Error: {click.format_filename(error.filename)}: {error.strerror}."
                )
            elif error.errno in _FULL:
                _discard_output()
                print_to_stderr(f"Error: The output cannot be written: {error.strerror}.")
            else:
                raise
            raise SystemExit(1) from error


def print_to_stderr(sentence: str) -> None:
    """Write a line to standard error, ignoring failures: the results matter more."""
    with suppress(OSError):
        click.echo(escaped(sentence), err=True)


def escaped(text: str) -> str:
    """The text with control characters, which file names may contain, escaped as Python escapes
    them: they would break lines or control the terminal.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def open_missing() -> None:
    """Open the null device in place of closed streams.

    The next files would get their numbers, and what libraries write there would land in them.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free number
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 # until the end


def _discard_output() -> None:
    """Let what could not be written go, which Python would try once more at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
