"""What visitors of the load script do: each visit sends one thing and judges the answer."""

import random
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from tests.scale.photos import Sample, without_timings

TIMEOUT_SECONDS = 120.0
SLOW_SECONDS = 5.0
SLOW_PIECES = 20


@dataclass(frozen=True)
class Visit:
    """One request and its answer, or several that belong together."""

    kind: str
    # HTTP statuses in the order they came; 0 is a connection that broke.
    statuses: tuple[int, ...]
    # From the upload to its answer, in seconds.
    seconds: float
    # What was not as it should be; empty where all was well.
    wrong: str = ""

    @property
    def answered(self) -> bool:
        """Whether the server did what was asked, and did not send us away."""
        return all(status < 500 and status not in (0, 429) for status in self.statuses)


class _Form(HTMLParser):
    """The hidden fields of the first form that goes to an address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action = action
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._inside = not self.fields and attributes.get("action") == self._action
        elif self._inside and tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes.get("name") or ""] = attributes.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """What a browser sends along from the form of a page."""
    form = _Form(action)
    form.feed(page)
    return form.fields


class Visitor:
    """One client: makes visits of all kinds, one after the other."""

    def __init__(self, address: str, samples: Sequence[Sample], seed: int) -> None:
        self._address = address
        self._samples = samples
        self._chance = random.Random(seed)  # noqa: S311 # no secret
        self._kinds: Mapping[str, tuple[int, Callable[[], Visit]]] = {
            "API": (8, self.ask_api),
            "page": (6, self.use_pages),
            "bad file": (3, self.send_nonsense),
            "slow sender": (1, self.send_slowly),
            "slow reader": (1, self.read_slowly),
        }

    def visit(self) -> Visit:
        """One visit of a kind drawn by its weight."""
        weights = [weight for weight, _ in self._kinds.values()]
        [kind] = self._chance.choices(list(self._kinds), weights)
        started = time.monotonic()
        try:
            return self._kinds[kind][1]()
        except (requests.RequestException, OSError) as error:
            return Visit(kind, (0,), time.monotonic() - started, f"{type(error).__name__}: {error}")

    def ask_api(self) -> Visit:
        """A photo to the API; the faces must be those that the pipeline finds."""
        sample = self._chance.choice(self._samples)
        started = time.monotonic()
        answer = self._post("/api/v1/analyses", {"photo": (sample.name, sample.data)})
        seconds = time.monotonic() - started
        same = not answer.ok or without_timings(answer.json()) == sample.expected
        return Visit("API", (answer.status_code,), seconds, "" if same else "another analysis")

    def use_pages(self) -> Visit:
        """Form, upload, result page, downloads, “Delete now”: as a browser without JavaScript."""
        sample = self._chance.choice(self._samples)
        with requests.Session() as session:
            page = session.get(f"{self._address}/", timeout=TIMEOUT_SECONDS)
            fields = hidden_fields(page.text, "/analyses")
            started = time.monotonic()
            upload = {"photo": (sample.name, sample.data)}
            result = session.post(
                f"{self._address}/analyses", fields, files=upload, timeout=TIMEOUT_SECONDS
            )
            seconds = time.monotonic() - started
            statuses = [page.status_code, *(r.status_code for r in (*result.history, result))]
            wrong = ""
            if result.ok:
                more, wrong = self._use_result(session, result, sample)
                statuses += more
        return Visit("page", tuple(statuses), seconds, wrong)

    def _use_result(
        self, session: requests.Session, result: requests.Response, sample: Sample
    ) -> tuple[list[int], str]:
        """Downloads of a result page and its end: the statuses, and what was wrong."""
        downloads = {
            name: session.get(f"{result.url}/{name}", timeout=TIMEOUT_SECONDS)
            for name in ("analysis.json", "faces.csv", "annotated.jpg", "photo.jpg")
        }
        delete = f"{result.url}/delete"
        fields = hidden_fields(result.text, urlsplit(delete).path)
        gone = session.post(delete, fields, timeout=TIMEOUT_SECONDS)
        after = session.get(result.url, timeout=TIMEOUT_SECONDS)
        answers = [*downloads.values(), gone]
        statuses = [answer.status_code for answer in answers]
        if not all(answer.ok for answer in answers):
            return statuses, ""
        rows = downloads["faces.csv"].text.strip().splitlines()
        promises = {
            "another JSON": without_timings(downloads["analysis.json"].json()) == sample.expected,
            "another CSV": len(rows) == 1 + len(sample.expected["faces"]),
            "no picture": downloads["annotated.jpg"].content.startswith(b"\xff\xd8"),
            "not deleted": after.status_code in (404, 503),
        }
        return statuses, ", ".join(wrong for wrong, kept in promises.items() if not kept)

    def send_nonsense(self) -> Visit:
        """What is no photo, or broken, or asked for wrongly: one sentence and the right status."""
        sample = self._chance.choice(self._samples)
        data, fields, expected = self._chance.choice(
            (
                (b"a shopping list", {}, 415),
                (b"", {}, 400),
                (sample.data[: len(sample.data) // 3], {}, 400),
                (sample.data, {"detector": "eyes"}, 422),
                (sample.data, {"threshold": "nan"}, 422),
                (bytes(20_200_000), {}, 413),
            )
        )
        started = time.monotonic()
        answer = self._post("/api/v1/analyses", {"photo": ("bad.jpg", data)}, fields)
        seconds = time.monotonic() - started
        as_it_should = answer.status_code in (expected, 429, 503) and answer.json()["error"]
        wrong = "" if as_it_should else f"{answer.status_code} where {expected} was due"
        return Visit("bad file", (answer.status_code,), seconds, wrong)

    def send_slowly(self) -> Visit:
        """A photo in small pieces over some seconds; it is analysed like any other."""
        request = self._prepared(self._chance.choice(self._samples))
        started = time.monotonic()
        with self._connected() as connection:
            size = len(request) // SLOW_PIECES + 1
            for place in range(0, len(request), size):
                connection.sendall(request[place : place + size])
                time.sleep(SLOW_SECONDS / SLOW_PIECES)
            status = _status(connection.makefile("rb").readline())
        return Visit("slow sender", (status,), time.monotonic() - started)

    def read_slowly(self) -> Visit:
        """The first page, a few bytes at a time, and then the connection is left."""
        head = f"GET / HTTP/1.1\r\nHost: {self._place.netloc}\r\n\r\n".encode()
        started = time.monotonic()
        with self._connected() as connection:
            connection.sendall(head)
            received = b""
            while time.monotonic() < started + SLOW_SECONDS:
                received += connection.recv(100)
                time.sleep(SLOW_SECONDS / SLOW_PIECES)
        return Visit("slow reader", (_status(received),), time.monotonic() - started)

    @property
    def _place(self) -> SplitResult:
        return urlsplit(self._address)

    def _connected(self) -> socket.socket:
        return socket.create_connection((self._place.hostname, self._place.port), TIMEOUT_SECONDS)

    def _prepared(self, sample: Sample) -> bytes:
        """The bytes of a request with a photo for the API."""
        address = urljoin(self._address, "/api/v1/analyses")
        files = {"photo": (sample.name, sample.data)}
        prepared = requests.Request("POST", address, files=files).prepare()
        headers = {"Host": self._place.netloc, "Connection": "close", **prepared.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST /api/v1/analyses HTTP/1.1\r\n{lines}\r\n".encode() + prepared.body

    def _post(
        self,
        path: str,
        files: Mapping[str, tuple[str, bytes]],
        fields: Mapping[str, str] | None = None,
    ) -> requests.Response:
        address = self._address + path
        return requests.post(address, data=fields, files=files, timeout=TIMEOUT_SECONDS)


def _status(line: bytes) -> int:
    """The status of an answer's first line; 0 where none came."""
    words = line.split(None, 2)
    return int(words[1]) if len(words) > 1 else 0
