"""The API of a running server with real networks keeps what its description promises."""

from collections import Counter
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.models.test_server import serving_for_real
from tests.web.described import described_at

pytestmark = pytest.mark.slow

EXAMPLES = 40
Answers = Counter[tuple[str, str, int]]


def try_out(operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode) -> Answers:
    """Send what fits the description, or what does not; every answer is checked."""
    answers: Answers = Counter()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
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
