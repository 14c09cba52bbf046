"""``agelens doctor`` finds what is wrong with an installation and says what to do."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.web.fakes import FakeDetector, card, registry_of, registry_with
from webapp.cli import main
from webapp.commands import doctor
from webapp.commands.doctor import findings
from webapp.results.store.result_store import ResultStore
from webapp.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    monkeypatch.setattr(doctor, "build_registry", lambda _: registry_of(FakeDetector()))
    monkeypatch.setattr(doctor, "_available_bytes", lambda: 8_000_000_000)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setattr(doctor, "PORT", probe.getsockname()[1])
    return Settings(data_dir=data)


def wrong(settings: Settings) -> dict[str, str]:
    return {name: words for name, is_right, words in findings(settings) if not is_right}


def test_a_good_installation_has_nothing_wrong(settings: Settings) -> None:
    assert wrong(settings) == {}
    assert not list(ResultStore(settings.store_address("results"), settings.keep).ids())


def test_the_command_tells_each_check_and_ends_with_1(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"AGELENS_DATA_DIR": str(settings.data_dir)}
    monkeypatch.setattr(doctor, "_available_bytes", lambda: None)
    done = CliRunner().invoke(main, ["doctor"], env=environment)
    assert (done.exit_code, done.output.count("ok ")) == (0, len(doctor.CHECKS))
    monkeypatch.setattr(doctor, "_available_bytes", lambda: 1_000_000)
    done = CliRunner().invoke(main, ["doctor"], env=environment)
    assert done.exit_code == 1
    assert "WRONG  memory" in done.output


def test_missing_weights(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [card("mtcnn", kind="detector"), card("agelens", missing="agelens.onnx")]
    registry = registry_with([FakeDetector()], cards)
    monkeypatch.setattr(doctor, "build_registry", lambda _: registry)
    assert "agelens.onnx" in wrong(settings)["weights"]


def test_more_analyses_than_cores(settings: Settings) -> None:
    words = wrong(replace(settings, inference_slots=1000))["threads"]
    assert "AGELENS_INFERENCE_SLOTS" in words


def test_a_store_that_cannot_be_written(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = wrong(replace(settings, store=str(tmp_path / "file")))
    assert set(found) == {"store", "clock"}


def test_a_queue_that_cannot_be_reached(settings: Settings) -> None:
    found = wrong(replace(settings, queue="redis://:pass@127.0.0.1:1/0"))
    assert "AGELENS_QUEUE" in found["queue"]
    assert "pass" not in found["queue"]


def test_a_clock_that_differs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    create = ResultStore.create

    def hours_ago(self: ResultStore, files: dict[str, bytes], owner: str) -> str:
        result_id = create(self, files, owner)
        (mark,) = settings.data_dir.glob(f"*/{result_id}/complete")
        os.utime(mark, (1, 1))
        return result_id

    monkeypatch.setattr(ResultStore, "create", hours_ago)
    found = wrong(replace(settings, keep=settings.keep * 500_000))
    assert "NTP" in found["clock"]


def test_a_port_in_use(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(doctor, "PORT", other.getsockname()[1])
        assert set(wrong(settings)) == {"port"}


@pytest.mark.parametrize("name", ["secret_key", "users"])
def test_files_that_others_can_read(settings: Settings, name: str) -> None:
    path = settings.data_dir / name
    path.touch()
    path.chmod(0o644)
    users = settings.data_dir / "users" if name == "users" else None
    assert f"chmod go-rwx {path}" in wrong(replace(settings, users=users))["permissions"]


def test_a_file_of_users_that_is_missing(settings: Settings) -> None:
    found = wrong(replace(settings, users=settings.data_dir / "users"))
    assert "agelens user add" in found["permissions"]
