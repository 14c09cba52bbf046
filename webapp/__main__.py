"""``python -m webapp`` is the command ``agelens``."""

from webapp.cli import main

main(prog_name="agelens")
