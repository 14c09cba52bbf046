"""Both kinds of store: a directory, and a bucket served by moto on this machine."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import fsspec
import pytest

from tests.scale.cluster import s3_server
from tests.servers import free_port


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 server on a free port, in a process of its own, which needs no part of ours."""
    port = free_port()
    server = s3_server(tmp_path_factory.mktemp("s3"), port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def use_endpoint(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment tells where and as whom to reach buckets."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # fsspec remembers file systems by their settings, and this server is not among those.
    fsspec.get_filesystem_class("s3").clear_instance_cache()


@pytest.fixture
def bucket(s3_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty bucket."""
    use_endpoint(s3_endpoint, monkeypatch)
    name = tmp_path.name.replace("_", "-").lower()
    boto3.client("s3").create_bucket(Bucket=name)
    return f"s3://{name}/results"


@pytest.fixture(params=["directory", "bucket"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "bucket":
        return str(request.getfixturevalue("bucket"))
    return str(tmp_path / "data" / "results")
