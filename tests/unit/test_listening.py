"""Where a server may listen; what cannot be served is one sentence before it starts."""

import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import ClickException
from click.testing import CliRunner

from tests.servers import free_port
from webapp.cli import main
from webapp.commands.listening import allow_files, bind_address, is_loopback


@pytest.mark.parametrize(
    ("host", "bound"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("", "0.0.0.0"),  # noqa: S104 # an empty name means all addresses
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
    ],
)
def test_an_address_may_be_written_in_any_form(host: str, bound: str) -> None:
    port = free_port()
    assert bind_address(host, port) == f"{bound}:{port}"


@pytest.mark.parametrize(
    "host", ["no-such-name.invalid", "192.0.2.1", "[127.0.0.1", "1.2.3.4.5", "a" * 300, "a..b"]
)
def test_what_is_no_address_of_this_machine_is_said_so(host: str) -> None:
    with pytest.raises(ClickException, match="is not an address of this machine"):
        bind_address(host, 8000)


@pytest.mark.parametrize("host", ["127.0.0.1", "", "localhost"])
def test_a_port_in_use_is_said_so(host: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ClickException, match=f"Port {port} of .* is already in use"):
            bind_address(host, port)


def test_a_unix_socket_is_taken_unless_it_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "agelens.sock"
    host = f"unix:{path}"
    assert bind_address(host, 8000) == host
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        with pytest.raises(ClickException, match="already in use"):
            bind_address(host, 8000)
    assert bind_address(host, 8000) == host  # what a dead server left
    path.unlink()
    path.write_text("a letter")
    with pytest.raises(ClickException, match="is not a socket"):
        bind_address(host, 8000)
    with pytest.raises(ClickException, match="Cannot make a socket"):
        bind_address(f"unix:{tmp_path}/nowhere/agelens.sock", 8000)


REACHED_FROM_HERE_ALONE = {
    **dict.fromkeys(("127.0.0.1", "127.8.9.1", "localhost", "::1", "[::1]", "unix:/run/a"), True),
    **dict.fromkeys(("", "0.0.0.0", "[::]", "no-such-name.invalid"), False),  # noqa: S104 # asked
}


@pytest.mark.parametrize(("host", "expected"), REACHED_FROM_HERE_ALONE.items())
def test_only_this_machine_reaches_the_loopback_and_a_unix_socket(
    host: str, expected: bool
) -> None:
    assert is_loopback(host) is expected


@pytest.fixture
def files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("files")
def test_as_many_files_are_allowed_as_may_be() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= most < 2048:
        pytest.skip("this system allows few files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, most))
    assert allow_files() is None
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 2048


@pytest.mark.parametrize("variable", ["AGELENS_DETECTOR", "AGELENS_MODEL", "AGELENS_KEEP"])
def test_a_setting_that_makes_no_sense_is_a_sentence(variable: str) -> None:
    result = CliRunner().invoke(main, ["serve"], env={variable: "nonsense"})
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "nonsense" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_does_not_exist_is_refused(port: str) -> None:
    assert CliRunner().invoke(main, ["serve", "--port", port]).exit_code == 2
