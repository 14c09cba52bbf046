"""Alive at once, ready when the networks are built."""

from __future__ import annotations

from flask import Flask


def test_ready_only_after_warming_up(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 503
    app.extensions["agelens"].warm_up()
    assert client.get("/readyz").get_json() == {"status": "ready"}
    app.extensions["agelens"].close()
