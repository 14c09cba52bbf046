"""Text is compressed for those who take it, and never where its length could betray a secret."""

import gzip

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

GZIP = {"Accept-Encoding": "gzip, br"}


def encoding(answer: TestResponse) -> str | None:
    return answer.headers.get("Content-Encoding")


@pytest.mark.parametrize("address", ["/", "/models", "/static/app.css", "/static/js/app.js"])
def test_text_is_compressed_for_those_who_take_it(client: FlaskClient, address: str) -> None:
    plain, compressed = client.get(address), client.get(address, headers=GZIP)
    assert encoding(plain) is None
    assert encoding(compressed) == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in compressed.headers["Vary"]
    assert int(compressed.headers["Content-Length"]) == len(compressed.data) < len(plain.data)
    if address != "/":  # whose forms have a new token each time
        assert gzip.decompress(compressed.data) == plain.data


def test_numbers_are_compressed_and_pictures_are_not(client: FlaskClient, address: str) -> None:
    numbers = client.get(f"{address}/analysis.json", headers=GZIP)
    assert encoding(numbers) == "gzip"
    assert gzip.decompress(numbers.data).startswith(b'{"photo"')
    for picture in ("photo.jpg", "annotated.png", "crops.webp", "faces/1.jpg"):
        assert encoding(client.get(f"{address}/{picture}", headers=GZIP)) is None


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
def test_whoever_does_not_take_gzip_gets_plain_text(client: FlaskClient, accepted: str) -> None:
    assert encoding(client.get("/", headers={"Accept-Encoding": accepted})) is None


def test_what_is_short_is_sent_as_it_is(client: FlaskClient) -> None:
    assert encoding(client.get("/healthz", headers=GZIP)) is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_that_another_site_asks_for_is_not_compressed(
    client: FlaskClient, site: str
) -> None:
    asks = {**GZIP, "Sec-Fetch-Site": site}
    assert encoding(client.get("/models", headers=asks)) is None
    assert encoding(client.get("/static/app.css", headers=asks)) == "gzip"


def test_a_part_of_a_file_is_sent_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/static/app.css", headers={**GZIP, "Range": "bytes=0-999"})
    assert answer.status_code == 206
    assert encoding(answer) is None
    assert len(answer.data) == 1000


def test_a_compressed_file_is_known_again(client: FlaskClient) -> None:
    tag = client.get("/static/app.css", headers=GZIP).headers["ETag"]
    assert tag.startswith("W/")
    again = client.get("/static/app.css", headers={**GZIP, "If-None-Match": tag})
    assert again.status_code == 304
