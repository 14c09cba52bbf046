"""Tokens: shown once, kept as hashes, worthless when revoked."""

import hashlib
import stat
from pathlib import Path

import pytest

from webapp.web.accounts.errors import AccessError, BrokenFile
from webapp.web.accounts.tokens import Token, TokenFile


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile.beside(tmp_path / "users")


def test_a_token_has_256_random_bits_and_says_what_it_is(tokens: TokenFile) -> None:
    made = {tokens.create(f"token{number}", "alice") for number in range(20)}
    assert len(made) == 20
    assert all(token.startswith("agelens_") and len(token) == 8 + 43 for token in made)


def test_only_its_hash_is_kept_and_only_for_the_servers_user(
    tokens: TokenFile, tmp_path: Path
) -> None:
    token = tokens.create("laptop", "alice")
    file = tmp_path / "users.tokens"
    assert file.read_text() == f"laptop:alice:{hashlib.sha256(token.encode()).hexdigest()}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_tells_its_user(tokens: TokenFile) -> None:
    alices, bobs = tokens.create("one", "alice"), tokens.create("two", "bob")
    assert tokens.user_of(alices) == "alice"
    assert tokens.user_of(bobs) == "bob"
    assert tokens.tokens() == [Token("one", "alice"), Token("two", "bob")]


@pytest.mark.parametrize("wrong", ["", "agelens_", "{}x", "x{}", "{}\n", "é", "{hash}"])
def test_what_is_no_token_is_nobodys(tokens: TokenFile, wrong: str) -> None:
    token = tokens.create("one", "alice")
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert tokens.user_of(wrong.format(token, hash=digest)) is None


def test_a_revoked_token_is_nobodys(tokens: TokenFile) -> None:
    first, second = tokens.create("one", "alice"), tokens.create("two", "alice")
    tokens.revoke("one")
    assert tokens.user_of(first) is None
    assert tokens.user_of(second) == "alice"
    with pytest.raises(AccessError, match="no token “one”"):
        tokens.revoke("one")


def test_all_tokens_of_a_user_can_be_revoked(tokens: TokenFile) -> None:
    tokens.create("one", "alice")
    tokens.create("two", "bob")
    tokens.revoke_all_of("alice")
    tokens.revoke_all_of("nobody")
    assert tokens.tokens() == [Token("two", "bob")]


def test_a_name_is_used_once_and_fits_into_the_file(tokens: TokenFile) -> None:
    tokens.create("one", "alice")
    with pytest.raises(AccessError, match="already a token"):
        tokens.create("one", "bob")
    with pytest.raises(AccessError, match="begins with a letter or digit"):
        tokens.create("a:b", "alice")


def test_a_damaged_line_is_told_by_its_number(tokens: TokenFile, tmp_path: Path) -> None:
    (tmp_path / "users.tokens").write_text("one:alice:not-a-hash\n")
    with pytest.raises(BrokenFile, match="line 1 is damaged"):
        tokens.user_of("agelens_x")
