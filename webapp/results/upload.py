"""An uploaded photo, and file names cleaned for display."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST_NAME = 120
LONGEST_PATH = 240
LONGEST_QUOTE = 60
NAMELESS = "photo"


@dataclass(frozen=True)
class Upload:
    """An uploaded file: its bytes, and its name cleaned for display (never used as a path)."""

    name: str
    data: bytes


def clean_name(filename: str) -> str:
    """A file's name without folders, control characters and excess length."""
    name = _visible(re.split(r"[/\\]", filename)[-1])
    return name.strip()[-LONGEST_NAME:].strip() or NAMELESS


def quotable(text: str) -> str:
    """User input as a message may quote it: no control characters, no excess length."""
    return _visible(text).strip()[:LONGEST_QUOTE]


def _visible(text: str) -> str:
    kept = (c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    # What stood around an invisible character may now be one letter.
    return unicodedata.normalize("NFC", "".join(kept))


def clean_path(path: str) -> str:
    """The same for a file in folders, which tell files of the same name apart: ``2019/a.jpg``.

    Without a drive and without steps upwards; of a long path the end.
    """
    parts = re.sub(r"^(\s*[A-Za-z]:)+", "", _visible(path).replace("\\", "/")).split("/")
    names = [clean_name(part) for part in parts if part.strip() not in ("", ".", "..")]
    return "/".join(names)[-LONGEST_PATH:].strip("/ ") or NAMELESS


def stem(name: str) -> str:
    """The name of a download made from an upload, which may lie in folders: without those, the
    extension, and characters that a disk refuses.
    """
    without_extension = name.rpartition("/")[2].rsplit(".", 1)[0]
    return re.sub(r'[<>:"|?*%;]', "_", without_extension).strip(". ") or NAMELESS
