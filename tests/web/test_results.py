"""Results as visitors meet them: they survive a restart, and end when their time is over."""

import errno
import os

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.fakes import app_with
from tests.web.posts import post_photo, submit
from webapp.results.store.files import translated
from webapp.results.store.folder import Folder
from webapp.services import services
from webapp.settings import Settings


def test_a_result_survives_a_restart_and_is_seen_by_every_worker(
    address: str, settings: Settings
) -> None:
    other = app_with(settings).test_client()
    assert "2 faces" in other.get(address).text
    assert submit(other, f"{address}/delete").status_code == 303


def test_an_expired_result_is_a_404_page(
    client: FlaskClient, address: str, settings: Settings
) -> None:
    for file in (settings.data_dir / "results" / address.rsplit("/", 1)[1]).iterdir():
        os.utime(file, (0, 0))
    for path in ("", "/photo.jpg", "/annotated.jpg", "/faces.csv"):
        assert client.get(f"{address}{path}").status_code == 404
    assert "<title>Error: " in client.get(address).text


class FullDisk(Folder):
    """Takes nothing any more."""

    def write(self, *_: object) -> None:
        with translated():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_a_507_with_a_sentence(
    app: Flask, settings: Settings, address: str, portrait: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = address
    full = FullDisk(settings.data_dir / "results")
    monkeypatch.setattr(services(app).photos.results, "_files", full)
    answer = post_photo(app.test_client(), portrait)
    assert answer.status_code == 507
    assert "disk is full" in answer.text
    assert app.test_client().get(kept).status_code == 200
