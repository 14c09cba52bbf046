"""From a request's form to an upload and the choices made for it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from flask import Request

from webapp.results.schema import Choices
from webapp.web.errors import InvalidOption, NoPhoto, SeveralPhotos

LONGEST_NAME = 120
LONGEST_PATH = 240
NAMELESS = "photo"
# As programs write numbers, 1e-05 and 0.30000000000000004 too; but no nan, no infinity, no 1_0.
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True)
class Upload:
    """An uploaded file: its bytes, and its name made fit to be shown (never used as a path)."""

    name: str
    data: bytes


def upload_of(request: Request) -> Upload:
    """The one photo of a request. Raises NoPhoto or SeveralPhotos."""
    files = [file for file in request.files.getlist("photo") if file.filename]
    if not files:
        raise NoPhoto("Choose a photo first.")
    if len(files) > 1:
        raise SeveralPhotos("Choose one photo at a time.")
    return Upload(presentable(files[0].filename or ""), files[0].read())


def choices_of(request: Request, before: Choices | None = None) -> Choices:
    """The choices of a request's form. Raises InvalidOption.

    With the choices ``before``, a field that is missing keeps its value, and ``turn`` adds to the
    turns already made.
    """
    before = before or Choices()
    form = request.form
    changed = replace(before, quarter_turns=(before.quarter_turns + _turns(form.get("turn"))) % 4)
    if "detector" in form:
        changed = replace(changed, detector=form["detector"] or None)
    if "model" in form:
        changed = replace(changed, model=form["model"] or None)
    if "threshold" in form:
        changed = replace(changed, threshold=_threshold(form["threshold"]))
    return changed


def presentable(filename: str) -> str:
    """A file's name without folders, control characters and excess length."""
    last = re.split(r"[/\\]", filename)[-1]
    visible = "".join(
        c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    # What stood around an invisible character may now be one letter.
    name = unicodedata.normalize("NFC", visible)
    return name.strip()[-LONGEST_NAME:].strip() or NAMELESS


def presentable_path(path: str) -> str:
    """The same for a file in folders, which tell files of the same name apart: ``2019/a.jpg``.

    Without a drive and without steps upwards; of a long path the end.
    """
    parts = re.sub(r"^[A-Za-z]:", "", path.replace("\\", "/")).split("/")
    shown = [presentable(part) for part in parts if part.strip() not in ("", ".", "..")]
    return "/".join(shown)[-LONGEST_PATH:].strip("/ ") or NAMELESS


def stem(name: str) -> str:
    """The name of a download made from an upload: no extension, no character a disk refuses."""
    without_extension = name.rsplit(".", 1)[0]
    return re.sub(r'[<>:"|?*%;]', "_", without_extension).strip(". ") or NAMELESS


def _turns(text: str | None) -> int:
    if not text:
        return 0
    if text not in ("0", "1", "2", "3"):
        raise InvalidOption(f"The turn must be 0, 1, 2 or 3 quarter turns, not “{text}”.")
    return int(text)


def _threshold(text: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not 0 <= float(text) <= 1:
        raise InvalidOption(f"The threshold must be a number from 0 to 1, not “{text}”.")
    return abs(float(text))  # not -0.0
