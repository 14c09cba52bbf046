"""The commands of ``agelens``, one module each."""
