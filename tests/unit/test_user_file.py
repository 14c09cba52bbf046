"""The file of users: what is in it may come in, from the moment that it is written."""

import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from webapp.web.accounts.errors import AccessError, BrokenFile, WeakPassword
from webapp.web.accounts.files import TableFile
from webapp.web.accounts.users import Account, UserFile

GOOD = "twelve chars"
QUICK = "scrypt:1024:8:1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "access" / "users"


@pytest.fixture
def users(path: Path) -> UserFile:
    """Holds alice with a good password."""
    users = UserFile(path)
    users.set_password("alice", GOOD)
    return users


def test_a_user_is_one_line_with_a_slow_salted_hash(path: Path, users: UserFile) -> None:
    users.set_password("bob", GOOD)
    alice, bob = path.read_text().splitlines()
    assert re.match(r"alice:[0-9a-f]{32}:scrypt:32768:8:1\$", alice)
    assert alice.split(":", 2)[1] != bob.split(":", 2)[1]
    assert alice.split(":", 2)[2] != bob.split(":", 2)[2]
    assert GOOD not in path.read_text()


def test_only_the_servers_user_may_read_it(path: Path, users: UserFile) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    users.set_password("bob", GOOD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["users"]


def test_a_password_is_verified_whatever_is_in_it(path: Path) -> None:
    users = UserFile(path)
    for password in (GOOD, "pass:word:with:colons", "пароль длиной в строку", "   spaces   "):
        users.set_password("alice", password)
        assert users.verify("alice", password)
    for name, wrong in (("alice", GOOD.upper()), ("alice", ""), ("nobody", password)):
        assert not users.verify(name, wrong)


COMMON = "password1234 Password123! 123456789012 qwertyuiop12 aaaaaaaaaaaa iloveyou1234"
REFUSED = [
    *((short, WeakPassword, "at least 12 characters") for short in ("", "short", "eleven char")),
    *((common, WeakPassword, "easy to guess") for common in COMMON.split()),
]


@pytest.mark.parametrize(("password", "error", "words"), REFUSED)
def test_a_password_that_is_short_or_that_anybody_would_try_is_refused(
    path: Path, password: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        UserFile(path).set_password("alice", password)
    assert not path.exists()


def account(users: UserFile) -> Account:
    found = users.account("alice")
    assert found is not None
    return found


def test_who_gets_a_name_after_somebody_else_is_another_account(users: UserFile) -> None:
    first = account(users)
    users.remove("alice")
    users.set_password("alice", GOOD)
    assert account(users).id != first.id


def test_a_line_written_by_hand_gets_an_id_that_stays_with_the_next_password(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(f"\n  alice:{generate_password_hash(GOOD, QUICK)}  \n\n")
    users = UserFile(path)
    assert users.verify("alice", GOOD)
    before = account(users)
    users.set_password("alice", "another password of mine")
    assert account(users).id == before.id


@pytest.mark.parametrize(
    "name", ["", "-", "-alice", "a:b", "a b", "a\nb", "../a", "ä", "a" * 65, "a/b"]
)
def test_a_name_that_would_break_the_file_is_refused(path: Path, name: str) -> None:
    with pytest.raises(AccessError, match="begins with a letter or digit"):
        UserFile(path).set_password(name, GOOD)


def test_a_change_by_another_process_counts_at_once(path: Path) -> None:
    server, command = UserFile(path), UserFile(path)
    assert server.names() == []
    command.set_password("alice", GOOD)
    assert server.names() == ["alice"]
    before = account(server)
    command.set_password("alice", GOOD)
    after = account(server)
    assert (after.id, after.name) == (before.id, before.name)
    assert after.password_hash != before.password_hash
    command.remove("alice")
    assert server.names() == []
    path.unlink()
    assert server.names() == []


def test_an_unchanged_file_is_not_read_again(path: Path, users: UserFile) -> None:
    first = users.names()
    found = path.stat()
    path.write_text(path.read_text().replace("alice", "mallo"))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert users.names() == first  # same time, same size, same file: nobody looked


@pytest.mark.parametrize(
    "line", ["alice", "alice:", "alice:plain", "alice:$2y$05$abcdef", ":scrypt:x", "-:scrypt:x"]
)
def test_a_damaged_line_is_told_by_its_number_and_never_shown(path: Path, line: str) -> None:
    path.parent.mkdir()
    path.write_text(f"bob:{generate_password_hash(GOOD, QUICK)}\n{line}\n")
    with pytest.raises(BrokenFile, match="line 2 is damaged") as caught:
        UserFile(path).names()
    assert line.partition(":")[2] == "" or line.partition(":")[2] not in str(caught.value)


def test_removing_who_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(AccessError, match="no user “alice”"):
        UserFile(path).remove("alice")


def test_writers_at_the_same_time_lose_nothing(path: Path) -> None:
    def add(number: int) -> None:
        with TableFile(path, r"(\w+):(\w+)").changed() as rows:
            rows.append((f"user{number}", "x"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert len(path.read_text().splitlines()) == 40


@pytest.mark.usefixtures("users")
def test_a_change_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    before = path.read_text()
    with pytest.raises(TypeError), TableFile(path, r"(\w+):(\S+)").changed() as rows:
        rows[:] = [(None,)]  # type: ignore[list-item]
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir()] == ["users"]


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    users: UserFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    monkeypatch.setattr(
        "werkzeug.security.check_password_hash",
        lambda hashed, _: compared.append(hashed.split("$")[0]) or False,
    )
    assert not users.verify("alice", "wrong")
    assert not users.verify("nobody", "wrong")
    assert compared == ["scrypt:32768:8:1"] * 2


def test_even_the_password_behind_the_unknown_opens_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("werkzeug.security.check_password_hash", lambda *_: True)
    assert not UserFile(path).verify("nobody", "whatever it is")
