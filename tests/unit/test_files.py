"""Files appear whole or not at all, wherever their path leads."""

import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from webapp.files import OWNER_ONLY, is_stream, written_whole


def write(path: Path, text: bytes = b"new", **options: bool) -> None:
    with written_whole(path, **options) as file:
        file.write(text)


def break_off(path: Path) -> None:
    with written_whole(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_until_it_is_complete_the_old_one_stays_and_nothing_is_left_beside(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    write(path, b"old")
    with pytest.raises(KeyboardInterrupt):
        break_off(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o755])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "results.csv"
    path.touch()
    path.chmod(mode)
    write(path)
    assert (mode_of(path), path.read_bytes()) == (mode, b"new")


def test_a_new_file_has_the_permissions_that_it_is_given(tmp_path: Path) -> None:
    with written_whole(tmp_path / "key", OWNER_ONLY) as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == OWNER_ONLY
    assert mode_of(tmp_path / "key") == OWNER_ONLY


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.touch()
    os.chown(path, 12345, 12346)
    write(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed(tmp_path: Path, exists: bool) -> None:
    target, link = tmp_path / "far" / "results.csv", tmp_path / "results.csv"
    target.parent.mkdir()
    if exists:
        target.touch()
    link.symlink_to(Path("far") / "results.csv")
    write(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write(pipe)
    reader.join(10)
    assert read == [b"new"]
    assert is_stream(pipe)
    assert not is_stream(tmp_path / "nothing")


def test_an_exclusive_file_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write(path, b"first", exclusive=True)
    with pytest.raises(FileExistsError):
        write(path, exclusive=True)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
