"""Styles, scripts and pictures, under URLs that change with their content.

The URL contains one version for all files, since scripts import each other by name. A page never
gets files of another version, and browsers can cache files for a year.
"""

import hashlib
from pathlib import Path

from flask import Flask, Response, send_from_directory

from webapp.web.marks import public

_YEAR_SECONDS = 31_536_000


def serve_static(app: Flask) -> None:
    """Make ``url_for("static", …)`` return URLs with a version; those without still work."""
    folder = Path(app.static_folder or "")
    current = version_of(folder)

    @public
    def static(filename: str, version: str = "") -> Response:
        response = send_from_directory(folder, filename, etag=current)
        if version == current:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        return response

    app.view_functions["static"] = static
    app.add_url_rule("/assets/<version>/<path:filename>", endpoint="static")

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, str]) -> None:
        if endpoint == "static":
            values.setdefault("version", current)


def version_of(folder: Path) -> str:
    """A short digest of the names and contents of all files of a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(data)}\n".encode() + data)
    return digest.hexdigest()[:12]
