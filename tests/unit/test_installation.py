"""A network's files are installed whole and right, or not at all, whatever the server does."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.unit.test_card import CARD as TOY
from tests.web.fakes import card
from webapp.installation import fetch
from webapp.installation.fetch import InstallationError, SourceUnavailable, WrongContent
from webapp.installation.install import install, needed_files
from webapp.vision.card import ModelCard, read_card
from webapp.vision.models import Defaults, ModelRegistry

CONTENT = bytes(range(256)) * 2000
CARD = TOY.format(sha256=hashlib.sha256(CONTENT).hexdigest())

Answer = Callable[["Server", BaseHTTPRequestHandler], None]
Serve = Callable[[Answer], "Server"]


class Server(ThreadingHTTPServer):
    """Answers as a test tells it to, and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.ranges: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def asked(self) -> int:
        return len(self.ranges)

    def handle_error(self, *_request: object) -> None:
        """A client that hangs up is no error here."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers.get("Range"))
        self.server.answer(self.server, self)

    def log_message(self, *_message: object) -> None:
        """Tests are quiet."""


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str | int) -> None:
    handler.send_response(status)
    for name, value in {"Content_Length": len(body), **headers}.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(body)


def whole(_server: Server, handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, CONTENT)


def resumable(_server: Server, handler: BaseHTTPRequestHandler, content: bytes = CONTENT) -> None:
    """Honours Range as the standard has it."""
    match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range") or "")
    if match is None:
        send(handler, 200, content)
    elif int(match[1]) >= len(content):
        send(handler, 416, b"", Content_Range=f"bytes */{len(content)}")
    else:
        start = int(match[1])
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        send(handler, 206, content[start:], Content_Range=span)


def breaking_off(_server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Sends a hundred thousand bytes more with every request and hangs up."""
    start = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
    span = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
    length = len(CONTENT) - start
    sent = CONTENT[start : start + 100_000]
    send(handler, 206 if start else 200, sent, Content_Length=length, Content_Range=span)


def hanging_up_at_once(_server: Server, handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, b"", Content_Length=len(CONTENT))


def deaf_to_ranges(server: Server, handler: BaseHTTPRequestHandler) -> None:
    """Breaks off once and then sends everything from the start."""
    if server.asked == 1:
        breaking_off(server, handler)
    else:
        whole(server, handler)


def garbage(_server: Server, handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, b"<html>Please log in.</html>")


def redirecting(server: Server, handler: BaseHTTPRequestHandler) -> None:
    if handler.path.startswith("/elsewhere"):
        resumable(server, handler)
    else:
        send(handler, 302, b"", Location=f"{server.address}/elsewhere/1")


def redirecting_for_ever(server: Server, handler: BaseHTTPRequestHandler) -> None:
    send(handler, 302, b"", Location=f"{server.address}/again/{server.asked}")


def redirecting_to_a_file(_server: Server, handler: BaseHTTPRequestHandler) -> None:
    send(handler, 302, b"", Location="file:///etc/hostname")


def missing(_server: Server, handler: BaseHTTPRequestHandler) -> None:
    send(handler, 404, b"no")


def busy_at_first(server: Server, handler: BaseHTTPRequestHandler) -> None:
    if server.asked < 3:
        send(handler, 503, b"later")
    else:
        resumable(server, handler)


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(answer: Answer) -> Server:
        server = Server(answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 2.0)


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    folder = tmp_path / "cards" / "toy"
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text(CARD)
    installed = tmp_path / "installed"
    return registry_of({"toy": read_card(folder)}, installed)


def registry_of(cards: dict[str, ModelCard], target: Path) -> ModelRegistry:
    finder = card("finder", "detector")
    defaults = Defaults("finder", "toy")
    return ModelRegistry({**cards, "finder": finder}, [target], defaults)


def install_from(source: str, registry: ModelRegistry) -> Path:
    (needed,) = needed_files("toy", registry)
    return install(needed, registry, source, lambda _done, _total: None)


def begin(registry: ModelRegistry, content: bytes, name: str = ".weights.bin.part") -> None:
    """Leave what a call that was killed leaves."""
    (registry.folders[0] / "toy").mkdir(parents=True)
    (registry.folders[0] / "toy" / name).write_bytes(content)


def files(registry: ModelRegistry) -> list[str]:
    """Everything that is in the network's folder, hidden files too."""
    return sorted(path.name for path in (registry.folders[0] / "toy").glob("*"))


def is_installed(registry: ModelRegistry) -> bool:
    (needed,) = needed_files("toy", registry)
    return needed.is_right and files(registry) == ["weights.bin"]


def test_a_file_is_copied_from_a_folder_and_progress_tells_how_much_there_is(
    registry: ModelRegistry, tmp_path: Path
) -> None:
    (tmp_path / "weights.bin").write_bytes(CONTENT)
    seen: list[tuple[int, int | None]] = []
    (needed,) = needed_files("toy", registry)
    path = install(needed, registry, str(tmp_path), lambda *progress: seen.append(progress))
    assert path == registry.folders[0] / "toy" / "weights.bin"
    assert is_installed(registry)
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


@pytest.mark.parametrize("answer", [whole, resumable, deaf_to_ranges, redirecting, busy_at_first])
def test_a_file_is_downloaded_from_servers_good_and_bad(
    registry: ModelRegistry, serve: Serve, answer: Answer
) -> None:
    install_from(serve(answer).address, registry)
    assert is_installed(registry)


def test_a_download_goes_on_where_it_broke_off(registry: ModelRegistry, serve: Serve) -> None:
    server = serve(breaking_off)
    install_from(server.address, registry)
    assert is_installed(registry)
    starts = [f"bytes={start}-" for start in range(100_000, len(CONTENT), 100_000)]
    assert server.ranges == [None, *starts]


def test_a_second_call_goes_on_where_the_first_was_killed(
    registry: ModelRegistry, serve: Serve
) -> None:
    begin(registry, CONTENT[:300_000])
    server = serve(resumable)
    install_from(server.address, registry)
    assert server.ranges == ["bytes=300000-"]
    assert is_installed(registry)


@pytest.mark.parametrize("begun", [CONTENT, b"of another file", b"x" * (len(CONTENT) + 1)])
def test_what_is_complete_is_not_fetched_again_and_a_wrong_beginning_is_thrown_away(
    registry: ModelRegistry, serve: Serve, begun: bytes
) -> None:
    begin(registry, begun)
    install_from(serve(resumable).address, registry)
    assert is_installed(registry)


def test_a_server_that_never_gets_further_is_given_up(
    registry: ModelRegistry, serve: Serve
) -> None:
    server = serve(hanging_up_at_once)
    with pytest.raises(SourceUnavailable, match="to resume it"):
        install_from(server.address, registry)
    assert server.asked == fetch.ATTEMPTS
    assert "weights.bin" not in files(registry)


def test_what_came_before_giving_up_is_kept_for_the_next_call(
    registry: ModelRegistry, serve: Serve
) -> None:
    def broken(server: Server, handler: BaseHTTPRequestHandler) -> None:
        if server.asked == 1:
            breaking_off(server, handler)
        else:
            send(handler, 503, b"")

    with pytest.raises(SourceUnavailable):
        install_from(serve(broken).address, registry)
    assert files(registry) == [".weights.bin.part"]
    install_from(serve(resumable).address, registry)
    assert is_installed(registry)


def test_garbage_is_refused_and_nothing_is_kept(
    registry: ModelRegistry, serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "weights.bin").write_bytes(b"other weights")
    for source in (serve(garbage).address, str(tmp_path)):
        with pytest.raises(WrongContent, match=r"SHA-256 differs"):
            install_from(source, registry)
        assert files(registry) == []


def test_garbage_does_not_harm_a_file_that_is_there(registry: ModelRegistry, serve: Serve) -> None:
    begin(registry, b"an older version", "weights.bin")
    with pytest.raises(WrongContent):
        install_from(serve(garbage).address, registry)
    assert (registry.folders[0] / "toy" / "weights.bin").read_bytes() == b"an older version"


@pytest.mark.parametrize("answer", [missing, redirecting_for_ever, redirecting_to_a_file])
def test_a_source_without_the_file_is_a_sentence(
    registry: ModelRegistry, serve: Serve, answer: Answer
) -> None:
    server = serve(answer)
    with pytest.raises(SourceUnavailable):
        install_from(server.address, registry)
    assert "weights.bin" not in files(registry)


def test_nobody_listening_is_a_sentence(registry: ModelRegistry) -> None:
    server = Server(whole)
    server.server_close()
    with pytest.raises(SourceUnavailable, match=server.address):
        install_from(server.address, registry)


def test_an_empty_folder_is_a_sentence_and_leaves_nothing(
    registry: ModelRegistry, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnavailable, match=r"weights\.bin"):
        install_from(str(tmp_path), registry)
    assert not registry.folders[0].exists()


def test_a_file_without_an_address_asks_for_one(registry: ModelRegistry) -> None:
    (needed,) = needed_files("toy", registry)
    with pytest.raises(SourceUnavailable, match="--from"):
        install(needed, registry, None, lambda _done, _total: None)


def test_a_folder_that_cannot_be_made_is_a_sentence(
    registry: ModelRegistry, tmp_path: Path
) -> None:
    (tmp_path / "weights.bin").write_bytes(CONTENT)
    registry.folders[0].write_text("a file where the folder should be")
    with pytest.raises(InstallationError, match="cannot be written"):
        install_from(str(tmp_path), registry)


def test_a_combination_needs_its_networks_files(registry: ModelRegistry, tmp_path: Path) -> None:
    folder = tmp_path / "cards" / "both"
    folder.mkdir()
    head = CARD.replace('"toy"', '"both"').split("[[files]]")[0]
    (folder / "card.toml").write_text(head + '[combines]\nage = "toy"\ngender = "toy"\n')
    cards = {"toy": registry.cards["toy"], "both": read_card(folder)}
    needed = needed_files("both", registry_of(cards, registry.folders[0]))
    assert {one.file.path for one in needed} == {"weights.bin"}
