"""Static files: kept by browsers for a year, under an address that changes with their content."""

import os
import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from webapp.assets import directory
from webapp.web.static_files import serve_static, version_of

LINK = re.compile(r'(?:href|src)="(/assets/\w+/[^"]+)"')


def test_every_file_of_a_page_is_kept_for_a_year(client: FlaskClient) -> None:
    links = LINK.findall(client.get("/").text)
    assert {link.rpartition("/")[2] for link in links} >= {"app.css", "app.js", "favicon.svg"}
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_what_a_script_imports_has_the_same_version(client: FlaskClient) -> None:
    [script] = [link for link in LINK.findall(client.get("/").text) if link.endswith(".js")]
    imported = re.findall(r'from "\./([^"]+)"', client.get(script).text)
    assert len(imported) > 5
    for name in imported:
        answer = client.get(f"{script.rpartition('/')[0]}/{name}")
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_file_under_another_version_is_served_but_not_kept(client: FlaskClient) -> None:
    for address in ("/static/app.css", "/assets/0123456789ab/app.css"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        assert (
            client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code
            == 304
        )
    assert client.get("/assets/0123456789ab/../app.py").status_code == 404


def test_machines_that_installed_the_files_at_other_times_have_the_same_etags(
    tmp_path: Path,
) -> None:
    seen = set()
    for machine, time in [("a", 1), ("b", 2)]:
        path = tmp_path / machine / "app.css"
        path.parent.mkdir()
        path.write_bytes(b"body {}")
        os.utime(path, (time, time))
        app = Flask(machine, static_url_path="/static", static_folder=str(path.parent))
        serve_static(app)
        with app.test_client().get("/static/app.css") as answer:
            seen.add(answer.headers["ETag"])
    assert len(seen) == 1


def test_the_version_changes_with_names_and_contents(tmp_path: Path) -> None:
    seen = set()
    for name, data in [("a.css", b"1"), ("a.css", b"2"), ("b.css", b"2"), ("b.css1", b"")]:
        path = tmp_path / name
        path.write_bytes(data)
        seen.add(version_of(tmp_path))
        path.unlink()
    assert len(seen) == 4
    assert version_of(directory("static")) == version_of(directory("static"))
