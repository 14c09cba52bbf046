"""The API's document stands the recommended rules of two linters without a warning."""

from pathlib import Path

import pytest

from tests.accounts.conftest import users_in
from tests.clients.conftest import Install, run
from tests.web.fakes import app_with
from webapp.settings import Settings
from webapp.web.accounts.tokens import TokenFile


@pytest.fixture(params=["without users", "with users"])
def document(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    users = users_in(tmp_path) if request.param == "with users" else None
    settings = Settings(data_dir=tmp_path, secret_key="k" * 32, users=users)
    path = tmp_path / "document.json"
    app = app_with(settings)
    token = "" if users is None else TokenFile.beside(users).create("test", "alice")
    headers = {"Authorization": f"Bearer {token}"}
    path.write_bytes(app.test_client().get("/api/openapi.json", headers=headers).data)
    return path


def test_redocly(document: Path, npm: Install) -> None:
    folder = npm("@redocly/cli@2")
    program = folder / "node_modules" / ".bin" / "redocly"
    told = run([program, "lint", document, "--format", "summary"], folder)
    assert "warning" not in told.lower()


def test_spectral(document: Path, npm: Install) -> None:
    folder = npm("@stoplight/spectral-cli@6")
    program = folder / "node_modules" / ".bin" / "spectral"
    (folder / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    command = [program, "lint", "--ruleset", ".spectral.yaml", "--fail-severity", "hint", document]
    assert "No results" in run(command, folder)
