"""``python -m webapp`` runs the command ``agelens``."""

from webapp.cli import main

main(prog_name="agelens")
