"""Alive at once, ready when the networks are built."""

from flask import Flask

from webapp.services import services


def test_ready_only_after_warming_up(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 503
    services(app).photos.warm_up()
    assert client.get("/readyz").get_json() == {"status": "ready"}
    services(app).photos.close()
