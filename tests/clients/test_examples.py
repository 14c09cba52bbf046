"""Every example on the page of the API runs against a server, as it stands there."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import run
from tests.clients.test_generated import generated
from tests.served.conftest import Running
from webapp.web.openapi.snippets import LANGUAGES, snippets

OPERATIONS = ("analyze_photo", "create_album", "get_album", "delete_album", "delete_album_photo")
SERVER_OPERATIONS = ("get_openapi_document", "check_health", "check_ready")
CURL, REQUESTS, GENERATED, JAVASCRIPT = LANGUAGES


@pytest.fixture
def address(server: Running) -> str:
    return f"http://127.0.0.1:{server.port}"


def album_of(server: Running, photo: Path) -> str:
    return str(server.post("/api/v1/albums", photo.read_bytes()).json["id"])


def execute(language: str, code: str, folder: Path) -> str:
    if language == CURL:
        return run(
            ["sh", "-ec", code.replace("curl ", "curl --fail --silent --show-error ")], folder
        )
    if language == JAVASCRIPT:
        (folder / "example.mjs").write_text(code)
        return run(["node", "example.mjs"], folder)
    (folder / "example.py").write_text(code)
    return run([sys.executable, "example.py"], folder, PYTHONPATH=str(folder))


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_run(
    language: str, server: Running, address: str, photo: Path, tmp_path: Path
) -> None:
    program = {CURL: "curl", JAVASCRIPT: "node"}.get(language, sys.executable)
    if shutil.which(program) is None:
        pytest.skip(f"There is no {program} on this machine.")
    if language == GENERATED:
        generated(server, tmp_path)
    found = {}
    for operation in OPERATIONS:
        code = snippets(operation, address, album_of(server, photo))[language]
        found[operation] = execute(language, code, tmp_path)
    assert "25-32" in found["analyze_photo"]
    assert len(found["create_album"].strip()) >= 32
    assert "1" in found["get_album"]


def test_examples_of_the_server_run(address: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("There is no curl on this machine.")
    for operation in SERVER_OPERATIONS:
        execute(CURL, snippets(operation, address, "")[CURL], tmp_path)
    assert (tmp_path / "openapi.json").stat().st_size > 0
