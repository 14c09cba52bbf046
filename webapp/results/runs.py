"""The names of the files of an upload's analyses: the first one, repeats, corrected ones."""

from zlib import crc32

RECORD = "record.json"
FIRST = 1
"""The number of an upload's first analysis; further ones count on from there."""


def name_in_run(run: int, name: str) -> str:
    """The name of a file of one analysis, among those of all analyses of the same upload."""
    return name if run == FIRST else f"run-{run}-{name}"


def version_of(crops: tuple[str, ...]) -> str | None:
    """Tells the states of a corrected analysis apart, by the files of its crops; otherwise None."""
    return f"{crc32(''.join(crops).encode()):x}" if crops else None


def derived_name(run: int, crops: tuple[str, ...], name: str) -> str:
    """The file of something made of an analysis, of which every correction makes another."""
    version = version_of(crops)
    return name_in_run(run, f"{version}-{name}" if version else name)
