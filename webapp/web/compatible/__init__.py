"""Compatibility with the APIs of other face services; off unless a setting enables it."""
