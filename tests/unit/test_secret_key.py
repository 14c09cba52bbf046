"""The key that signs cookies and forms: one for all processes, and never a weak one."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from webapp.settings import InvalidSetting, Settings
from webapp.web.accounts.secret_key import FILE, secret_key


def test_a_key_is_made_once_and_kept_for_the_servers_user_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    key = secret_key(settings)
    assert len(key) == 32
    assert secret_key(settings) == key
    file = settings.data_dir / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    assert [one.name for one in settings.data_dir.iterdir()] == [FILE]


def key_in(folder: Path) -> bytes:
    return secret_key(Settings(data_dir=folder))


def test_processes_that_race_get_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        for round_ in range(5):
            keys = pool.map(key_in, [tmp_path / str(round_)] * 8, chunksize=1)
            assert len(set(keys)) == 1


def test_a_given_key_is_taken_and_nothing_written(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", secret_key="k" * 32)
    assert secret_key(settings) == b"k" * 32
    assert not settings.data_dir.exists()


def test_a_short_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"AGELENS_SECRET_KEY: .* at least 32") as caught:
        secret_key(Settings(data_dir=tmp_path, secret_key="hunter2"))
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(Settings(secret_key="hunter2"))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"")
    with pytest.raises(InvalidSetting, match=FILE):
        secret_key(Settings(data_dir=tmp_path))
