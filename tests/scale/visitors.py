"""What visitors do through nginx, and what they see."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT_SECONDS = 120.0
PATIENCE_SECONDS = 300.0

Album = dict[str, Any]
"""The JSON of an album."""


@dataclass(frozen=True)
class Api:
    """The JSON API at an address."""

    address: str

    def send_album(self, photos: Sequence[tuple[str, bytes]]) -> str:
        """Upload an album; its path under the address."""
        files = [("photo", photo) for photo in photos]
        answer = requests.post(
            f"{self.address}/api/v1/albums", files=files, timeout=TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        return str(answer.headers["Location"])

    def album(self, path: str) -> Album:
        answer = requests.get(self.address + path, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        album: Album = answer.json()
        return album

    def analyze(self, photo: tuple[str, bytes]) -> requests.Response:
        """Analyse one photo; whatever the answer is."""
        files = {"photo": photo}
        address = f"{self.address}/api/v1/analyses"
        return requests.post(address, files=files, timeout=TIMEOUT_SECONDS)

    def delete(self, path: str) -> None:
        requests.delete(self.address + path, timeout=TIMEOUT_SECONDS).raise_for_status()

    def follow(self, path: str, until: Callable[[Album], bool]) -> Album:
        """Ask for an album until it is as wanted. Raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not until(album := self.album(path)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{album['done']} of {album['total']} photos are done")
            time.sleep(0.1)
        return album


class Onlooker(threading.Thread):
    """Opens a page twenty times a second and counts what it gets."""

    def __init__(self, address: str) -> None:
        super().__init__(name="onlooker", daemon=True)
        self.statuses: Counter[int | str] = Counter()
        self.longest_seconds = 0.0
        self._address = address
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.05):
            started = time.monotonic()
            try:
                status: int | str = requests.get(self._address, timeout=TIMEOUT_SECONDS).status_code
            except requests.RequestException as error:
                status = type(error).__name__
            self.statuses[status] += 1
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - started)

    def end(self) -> None:
        self._ended.set()
        self.join()
