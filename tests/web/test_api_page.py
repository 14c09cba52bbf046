"""The page of the API shows what its document says, and takes a photo to try."""

from html import unescape

from flask.testing import FlaskClient

from tests.web.described import DOCUMENT
from tests.web.posts import post_photo


def test_every_operation_limit_and_error_is_on_the_page(client: FlaskClient) -> None:
    page = unescape(client.get("/api").text)
    document = client.get(DOCUMENT).get_json()
    for path, item in document["paths"].items():
        for method in set(item) - {"parameters"}:
            assert f"<code>{method.upper()} {path}</code>" in page
            assert item[method]["summary"] in page
    for code in document["components"]["schemas"]["ErrorCode"]["enum"]:
        assert page.count(f"<code>{code}</code>") >= 1
    assert "20 MB, 50 megapixels" in page
    assert 'fetch("http://localhost/api/v1/analyses"' in page


def test_the_page_is_in_the_header(client: FlaskClient) -> None:
    assert 'href="/api" aria-current="page"' in client.get("/api").text


def test_a_photo_can_be_tried(client: FlaskClient, portrait: bytes) -> None:
    answer = post_photo(client, portrait, to="/api")
    assert answer.status_code == 200
    assert '"bucket": "25-32"' in unescape(answer.text)
    assert '"photo": "family.jpg"' in unescape(answer.text)


def test_what_is_no_photo_is_told_beside_the_form(client: FlaskClient) -> None:
    answer = post_photo(client, b"%PDF-1.7", to="/api")
    assert answer.status_code == 415
    assert 'id="summary"' in answer.text
    assert 'action="/api"' in answer.text
