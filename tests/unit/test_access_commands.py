"""``agelens user`` and ``agelens token``, and where ``agelens serve`` refuses to start."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.cli import main
from webapp.web.accounts.tokens import TokenFile
from webapp.web.accounts.users import UserFile

GOOD = "twelve chars"


@pytest.fixture
def users(tmp_path: Path) -> Path:
    return tmp_path / "users"


def run(users: Path | None, *arguments: str, typed: str = "") -> Result:
    given = {"AGELENS_USERS": None if users is None else str(users)}
    return CliRunner().invoke(main, arguments, input=typed, env=given)


def add(users: Path, name: str = "alice", password: str = GOOD) -> Result:
    return run(users, "user", "add", name, "--password-stdin", typed=f"{password}\n")


def test_a_user_is_added_listed_and_removed(users: Path) -> None:
    assert add(users).output == "alice can sign in now.\n"
    assert UserFile(users).verify("alice", GOOD)
    assert run(users, "user", "list").output == "alice\n"
    run(users, "token", "create", "laptop")
    assert run(users, "user", "remove", "alice").output == "alice was removed.\n"
    assert run(users, "user", "list").output == ""
    assert TokenFile.beside(users).tokens() == [], "tokens go along"


def test_a_password_is_asked_for_twice_and_not_shown(users: Path) -> None:
    result = run(users, "user", "add", "alice", typed=f"{GOOD}\n{GOOD}\n")
    assert result.exit_code == 0
    assert GOOD not in result.output
    assert UserFile(users).verify("alice", GOOD)
    differing = run(users, "user", "add", "bob", typed=f"{GOOD}\nsomething else\n")
    assert differing.exit_code == 1
    assert UserFile(users).names() == ["alice"]


def test_adding_again_gives_another_password(users: Path) -> None:
    add(users)
    assert add(users, password="another password").output == "alice has a new password.\n"
    assert not UserFile(users).verify("alice", GOOD)
    assert UserFile(users).names() == ["alice"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("user", "add", "a:b", "--password-stdin"), "A name has"),
        (("user", "remove", "nobody"), "no user “nobody”"),
        (("token", "revoke", "nothing"), "no token “nothing”"),
        (("token", "create", "t", "--user", "nobody"), "no user “nobody”"),
        (("token", "create", "t"), "--user NAME"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    users: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    result = run(users, *arguments, typed=f"{GOOD}\n")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert sentence in result.output


def test_without_a_file_the_setting_is_asked_for(users: Path) -> None:
    for arguments in (("user", "list"), ("token", "list")):
        assert "AGELENS_USERS" in run(None, *arguments).output
    assert not users.exists()


def test_a_token_is_printed_once_and_revoked(users: Path) -> None:
    add(users)
    token = run(users, "token", "create", "laptop").output.strip()
    assert TokenFile.beside(users).user_of(token) == "alice"
    assert run(users, "token", "list").output == "laptop  alice\n"
    assert run(users, "token", "revoke", "laptop").exit_code == 0
    assert TokenFile.beside(users).user_of(token) is None


def test_whose_token_it_is_must_be_said_where_there_are_several(users: Path) -> None:
    add(users)
    add(users, "bob")
    assert run(users, "token", "create", "t").exit_code == 1
    assert run(users, "token", "create", "t", "--user", "bob").exit_code == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "0", "no.such.name.invalid"])  # noqa: S104 # what must be refused
@pytest.mark.parametrize("with_empty_file", [True, False])
def test_other_machines_are_not_let_in_by_accident(
    users: Path, tmp_path: Path, host: str, with_empty_file: bool
) -> None:
    if with_empty_file:
        users.touch()
    environment = {
        "AGELENS_DATA_DIR": str(tmp_path),
        "AGELENS_USERS": str(users) if with_empty_file else None,
    }
    result = CliRunner().invoke(main, ["serve", "--host", host], env=environment)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "agelens user add NAME" in result.output
    assert "--open" in result.output
