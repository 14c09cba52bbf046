"""Several machines count together in Redis; without it each goes on alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.redis_server import SERVER, start_redis
from tests.servers import free_port
from tests.web.posts import API
from tests.web.test_limits import app_of, visitor
from webapp.settings import Settings

pytestmark = pytest.mark.skipif(SERVER is None, reason="redis-server is not installed")


@pytest.fixture
def shared(settings: Settings, port: int) -> Settings:
    return replace(settings, queue=f"redis://127.0.0.1:{port}/0", rate="2/minute")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def redis(port: int, tmp_path: Path) -> Iterator[None]:
    server = start_redis(port, tmp_path)
    yield
    server.terminate()
    server.wait(10)


@pytest.mark.usefixtures("redis")
def test_two_machines_count_together(shared: Settings) -> None:
    here, there = visitor(app_of(shared)), visitor(app_of(shared))
    statuses = [client.post(API).status_code for client in (here, there, here, there)]
    assert statuses == [400, 400, 429, 429]


def test_without_redis_the_site_stays_up_and_each_machine_counts_alone(shared: Settings) -> None:
    here, there = visitor(app_of(shared)), visitor(app_of(shared))
    assert [here.post(API).status_code for _ in range(3)] == [400, 400, 429]
    assert [there.post(API).status_code for _ in range(3)] == [400, 400, 429]


def test_a_redis_that_dies_meanwhile_takes_nothing_down(shared: Settings, tmp_path: Path) -> None:
    server = start_redis(int(str(shared.queue).rsplit(":", 1)[1].partition("/")[0]), tmp_path)
    client = visitor(app_of(shared))
    assert client.post(API).status_code == 400
    server.kill()
    server.wait(10)
    assert [client.post(API).status_code for _ in range(3)] == [400, 400, 429]
