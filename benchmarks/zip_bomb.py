"""ZIP bombs against the server as it runs: seconds until refused, and what its memory grew by.

``python -m benchmarks.zip_bomb`` starts ``agelens serve`` on a free port of this machine, sends it
bombs and prints a table. It stops by itself.
"""

from __future__ import annotations

import http.client
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import peak_megabytes
from benchmarks.serving import server
from tests.albums.zips import bomb_of

ROUNDS = 5
BOMBS: Mapping[str, tuple[int, int, bool]] = {
    # Name → bytes of an entry, entries, whether all entries are the same bytes.
    "one entry of 10 GB": (10 * 2**30, 1, False),
    "ten entries of 1 GB": (2**30, 10, False),
    "1000 entries in the same 1 GB": (2**30, 1000, True),
}


@dataclass(frozen=True)
class Refusal:
    """How the server answered, in how many seconds."""

    status: int
    seconds: float


def send(port: int, bomb: bytes) -> Refusal:
    """Send an archive as an album."""
    boundary = secrets.token_hex(16)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="a.zip"\r\n\r\n'
    body = head.encode() + bomb + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    started = time.perf_counter()
    connection.request("POST", "/api/v1/albums", body, headers)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - started
    connection.close()
    return Refusal(answer.status, seconds)


def forget_peak(process: int) -> None:
    """Let the kernel count the highest memory of a process from now on (proc(5), clear_refs)."""
    Path(f"/proc/{process}/clear_refs").write_text("5", encoding="ascii")


def main() -> None:
    """Print a line for each bomb: the slowest of some rounds, and the growth over all of them."""
    print(f"{'bomb':32}{'MB sent':>9}{'MB unpacked':>13}{'status':>8}{'s':>8}{'MB grown':>10}")
    with server() as (port, _, worker):
        for name, (entry_bytes, entries, shared) in BOMBS.items():
            bomb = bomb_of(entry_bytes, entries, shared)
            forget_peak(worker)
            before = peak_megabytes(worker)
            refusals = [send(port, bomb) for _ in range(ROUNDS)]
            grown = peak_megabytes(worker) - before
            statuses = "/".join(sorted({str(refusal.status) for refusal in refusals}))
            slowest = max(refusal.seconds for refusal in refusals)
            print(
                f"{name:32}{len(bomb) / 1e6:>9.1f}{entry_bytes * entries / 1e6:>13,.0f}"
                f"{statuses:>8}{slowest:>8.2f}{grown:>10.1f}"
            )


if __name__ == "__main__":
    main()
