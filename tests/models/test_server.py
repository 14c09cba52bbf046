"""``agelens serve`` as it is run: gunicorn, real networks, real photos over HTTP."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from tests.samples import encoded, group
from tests.servers import Running, free_port, serving
from tests.web.described import described_at

pytestmark = pytest.mark.slow


@contextmanager
def serving_for_real(data: Path, *options: str) -> Iterator[Running]:
    """``agelens serve`` with its results in a folder."""
    port = free_port()
    command = [sys.executable, "-m", "webapp", "serve", "--port", str(port), *options]
    environment = {**os.environ, "AGELENS_DATA_DIR": str(data)}
    with serving(command, port, data / "server.log", env=environment) as server:
        yield server
        assert server.stop() == 0


def test_a_photo_is_analysed_and_its_page_survives_a_restart(tmp_path: Path) -> None:
    photo = encoded(group(2, 2))
    with serving_for_real(tmp_path) as server:
        assert len(server.post("/api/v1/analyses", photo).json["faces"]) == 4
        path = server.keep(photo)
        assert b"4 faces" in server.get(path).body
    with serving_for_real(tmp_path, "--workers", "2", "--threads", "4") as server:
        assert b"4 faces" in server.get(path).body
        assert server.get(f"{path}/annotated.png").body.startswith(b"\x89PNG")


EXAMPLES = 40
Answers = Counter[tuple[str, str, int]]


def try_out(operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode) -> Answers:
    """Send what fits the description, or what does not; every answer is checked."""
    answers: Answers = Counter()

    @given(case=operation.as_strategy(generation_mode=mode))
    @examples(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def one(case: schemathesis.Case) -> None:
        answer = case.call_and_validate(timeout=60)
        answers[case.method, case.path, answer.status_code] += 1

    one()
    return answers


def test_every_answer_of_a_real_server_is_as_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGELENS_ALBUM_PHOTOS", "3")
    answers: Answers = Counter()
    with serving_for_real(tmp_path) as server:
        for found in described_at(server.address).get_all_operations():
            operation = found.ok()
            answers += try_out(operation, schemathesis.GenerationMode.POSITIVE)
            if operation.body or operation.path_parameters:
                answers += try_out(operation, schemathesis.GenerationMode.NEGATIVE)
    assert answers["POST", "/api/v1/analyses", 200] >= 10
    assert answers["POST", "/api/v1/analyses", 422] > 0
    assert answers["POST", "/api/v1/albums", 202] >= 10
    assert answers["GET", "/api/v1/albums/{album_id}", 404] > 0
