"""Several machines on the loopback: whoever dies in the middle, nothing is lost or doubled."""

import sys
from collections.abc import Sequence

import pytest

from tests.scale.cluster import Store, missing
from tests.scale.photos import Sample, samples
from tests.scale.story import PHOTOS, run_story
from webapp.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]


@pytest.fixture(scope="module")
def photos() -> Sequence[Sample]:
    return samples(PHOTOS, Settings())


@pytest.mark.parametrize("store", ["folder", "bucket"])
def test_nothing_is_lost_or_doubled_when_worker_web_machine_and_redis_are_killed(
    store: Store, photos: Sequence[Sample]
) -> None:
    assert run_story(store, photos).wrong == []
