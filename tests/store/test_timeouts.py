"""A store that does not answer holds a request up for a time, not for ever."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import fsspec
import pytest

from webapp.store.results import ResultStore


@pytest.mark.slow
def test_a_bucket_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        # fsspec gives out the file system of another test's bucket otherwise.
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        started = time.monotonic()
        with pytest.raises(OSError, match="imeout"):
            ResultStore("s3://silent/results", timedelta(hours=1)).open("a" * 32)
        assert time.monotonic() - started < 60
        fsspec.get_filesystem_class("s3").clear_instance_cache()
