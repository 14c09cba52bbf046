"""Whatever is sent in place of a photo, the answer is a sentence with the right status."""

import io
from collections.abc import Callable
from html import unescape

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse

from tests.albums.zips import zip_of
from tests.image_files import png_that_claims
from tests.samples import encoded, grace_hopper, saved
from tests.web.posts import API, PAGE, post_photo, submit, with_token


def truncated(share: float, format: str = "JPEG") -> bytes:
    whole = encoded(grace_hopper(), format)
    return whole[: int(share * len(whole))]


def animation(frames: int) -> bytes:
    pictures = [Image.new("P", (16, 16), frame % 256) for frame in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:])


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>'
)

REFUSED: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "empty": (lambda: b"", 400, "unreadable_photo"),
    "text": (lambda: b"This is no photo.", 415, "not_a_photo"),
    "HTML": (lambda: b"<!doctype html><script>alert(1)</script>", 415, "not_a_photo"),
    "an SVG": (lambda: SVG, 415, "not_a_photo"),
    "a PDF": (lambda: b"%PDF-1.7\n" + bytes(500), 415, "not_a_photo"),
    "a ZIP": (lambda: b"PK\x03\x04" + bytes(500), 415, "not_a_photo"),
    "three bytes of a JPEG": (lambda: b"\xff\xd8\xff", 400, "unreadable_photo"),
    "a JPEG's beginning": (lambda: truncated(0.01), 400, "unreadable_photo"),
    "half a JPEG": (lambda: truncated(0.5), 400, "unreadable_photo"),
    "most of a JPEG": (lambda: truncated(0.95), 400, "unreadable_photo"),
    "half a PNG": (lambda: truncated(0.5, "PNG"), 400, "unreadable_photo"),
    "half a WebP": (lambda: truncated(0.5, "WEBP"), 400, "unreadable_photo"),
    "a huge claim": (lambda: png_that_claims(60_000, 60_000), 413, "photo_too_large"),
    "a wide claim": (lambda: png_that_claims(65_501, 700), 413, "photo_too_large"),
    "a false claim": (lambda: png_that_claims(3000, 3000), 400, "unreadable_photo"),
    "25 MB": (lambda: truncated(1.0) + bytes(25_000_000), 413, "photo_too_large"),
    "just above the limit": (lambda: truncated(1.0) + bytes(20_000_001), 413, "photo_too_large"),
}

ACCEPTED: dict[str, Callable[[], bytes]] = {
    "one pixel": lambda: encoded(np.zeros((1, 1, 3), np.uint8), "PNG"),
    "a line": lambda: encoded(np.zeros((5000, 1, 3), np.uint8), "PNG"),
    "a GIF of a thousand frames": lambda: animation(1000),
    "a JPEG that is also HTML": lambda: encoded(grace_hopper()) + b"<script>alert(1)</script>",
    "a JPEG that is also a ZIP": lambda: encoded(grace_hopper()) + b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_the_page_refuses_beside_the_form(client: FlaskClient, kind: str) -> None:
    make, status, _ = REFUSED[kind]
    answer = post_photo(client, make())
    assert answer.status_code == status
    assert "<title>Error: " in answer.text
    assert 'id="summary"' in answer.text
    assert "aria-invalid=true" in answer.text
    assert 'aria-describedby="photo-error' in answer.text


@pytest.mark.parametrize("kind", ACCEPTED)
def test_odd_photos_are_analysed(client: FlaskClient, kind: str) -> None:
    answer = post_photo(client, ACCEPTED[kind]())
    assert answer.status_code == 303
    page = answer.location
    assert client.get(page).status_code == 200
    for path in ("photo.jpg", "annotated.png", "analysis.json", "faces.csv"):
        download = client.get(f"{page}/{path}")
        assert download.status_code == 200
        assert b"<script>alert" not in download.data


def test_a_wrong_extension_does_not_matter(client: FlaskClient) -> None:
    png = encoded(grace_hopper(), "PNG")
    assert post_photo(client, png, name="family.jpg").status_code == 303
    assert post_photo(client, png, name="family.txt").status_code == 303


@pytest.mark.parametrize("to", [PAGE, "/compare", "/albums"])
def test_a_form_without_a_choice_is_400(client: FlaskClient, to: str) -> None:
    for form in ({}, {"photo": (io.BytesIO(b""), "")}):  # the latter is what browsers send
        fields = {**with_token(client), **form}
        answer = client.post(to, data=fields, content_type="multipart/form-data")
        assert answer.status_code == 400
        assert "Choose a photo first." in answer.text


@pytest.mark.parametrize("to", [PAGE, API])
def test_two_files_are_400(client: FlaskClient, portrait: bytes, to: str) -> None:
    two = [(io.BytesIO(portrait), "one.jpg"), (io.BytesIO(portrait), "two.jpg")]
    answer = client.post(to, data={**with_token(client), "photo": two})
    assert answer.status_code == 400
    assert "Choose one photo at a time." in answer.text


FORM, BOUNDARY = "multipart/form-data", "multipart/form-data; boundary=x"
NAMELESS = b'--x\r\nContent-Disposition: form-data; name="photo"\r\n\r\n\xff\xd8\xff\r\n--x--\r\n'


def part(name: str) -> bytes:
    """A form with one file."""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n\r\n'
    return head.encode() + b"\xff\xd8\xff\r\n--x--\r\n"


SLIPS: dict[str, tuple[bytes, str, str]] = {
    "a wrong field": (part("file"), BOUNDARY, "not in “file”"),
    "a field as in PHP": (part("photo[]"), BOUNDARY, "not in “photo[]”"),
    "no file name": (NAMELESS, BOUNDARY, "with a file name"),
    "text": (b"photo=me.jpg", "application/x-www-form-urlencoded", "as a file, with a file name"),
    "no boundary": (part("photo"), FORM, "has no boundary"),
    "XML": (b"<photo/>", "application/xml", "“application/xml” is not a supported"),
    "a raw body": (b"\xff\xd8\xff", "application/octet-stream", "with a Content-Type such as"),
    "curl's own type": (
        b"\xff\xd8\xff",
        "application/x-www-form-urlencoded",
        "with a Content-Type such as",
    ),
    "no type": (b"\xff\xd8\xff", "", "Content-Type such as image/jpeg"),
    "an empty form": (b"--x--\r\n", BOUNDARY, "Send the photo as a file"),
    "nothing": (b"", "", "Send the photo as a file"),
}


@pytest.mark.parametrize("to", [API, "/api/v1/albums"])
@pytest.mark.parametrize("kind", SLIPS)
def test_a_slip_of_a_program_is_told_what_to_send(client: FlaskClient, kind: str, to: str) -> None:
    body, content_type, words = SLIPS[kind]
    answer = client.post(to, data=body, headers={"Content-Type": content_type})
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (400, "no_photo")
    assert words in error["message"]
    assert "field “photo”" in error["message"]


@pytest.mark.parametrize("to", [API, "/api/v1/albums"])
def test_a_long_part_without_a_file_name_is_told_so(
    client: FlaskClient, portrait: bytes, to: str
) -> None:
    body = NAMELESS.replace(b"\xff\xd8\xff", portrait * 10)
    answer = client.post(to, data=body, content_type=BOUNDARY)
    assert "with a file name, in the field “photo”" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/*", "IMAGE/HEIC"])
def test_a_body_that_is_sent_as_an_image_is_taken(
    client: FlaskClient, portrait: bytes, kind: str
) -> None:
    answer = client.post(API, data=portrait, content_type=kind)
    assert answer.status_code == 200
    assert answer.get_json() == {
        **post_photo(client, portrait, "photo", to=API).get_json(),
        "timings_ms": answer.get_json()["timings_ms"],
    }


def test_a_body_that_is_sent_as_an_image_and_is_none_is_refused(client: FlaskClient) -> None:
    for body, status in ((b"", 400), (b"no photo", 415), (bytes(20_000_001), 413)):
        assert client.post(API, data=body, content_type="image/jpeg").status_code == status


@pytest.mark.parametrize("kind", ["image/jpeg", "application/zip"])
def test_an_album_of_one_body_is_taken(client: FlaskClient, portrait: bytes, kind: str) -> None:
    body = portrait if kind == "image/jpeg" else zip_of({"a.jpg": portrait, "b.jpg": portrait})
    answer = client.post("/api/v1/albums", data=body, content_type=kind)
    assert answer.status_code == 202
    assert answer.get_json()["total"] == (1 if kind == "image/jpeg" else 2)


def words_of(answer: TestResponse) -> str:
    """What an answer says: the message of the API, or a page."""
    return str(answer.json["error"]["message"]) if answer.json else unescape(answer.text)


@pytest.mark.parametrize("to", [API, "/api/v1/albums", PAGE, "/compare", "/albums"])
@pytest.mark.parametrize("name", ["thresold", "Detector", "treshold ", "<b>x</b>"])
def test_an_unknown_field_is_refused_by_name(
    client: FlaskClient, portrait: bytes, to: str, name: str
) -> None:
    answer = post_photo(client, portrait, to=to, **{name: "0.3"})
    assert answer.status_code == 422
    assert f"no field “{name.strip()}”" in words_of(answer)
    assert answer.json or "<b>x" not in answer.text


@pytest.mark.parametrize("to", [API, "/api/v1/albums", PAGE, "/compare", "/albums"])
def test_an_unknown_file_is_refused_by_name(client: FlaskClient, portrait: bytes, to: str) -> None:
    files = {name: (io.BytesIO(portrait), "a.jpg") for name in ("photo", "second")}
    answer = client.post(to, data={**with_token(client), **files})
    assert answer.status_code == 422
    assert "no field “second”" in words_of(answer)


@pytest.mark.parametrize("to", [PAGE, "/compare", "/albums"])
def test_an_option_in_the_address_of_a_page_is_refused_by_name(
    client: FlaskClient, portrait: bytes, to: str
) -> None:
    answer = post_photo(client, portrait, to=f"{to}?threshold=0.3")
    assert answer.status_code == 422
    assert "the option “threshold”" in words_of(answer)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_option_in_the_address_of_an_album_is_refused(client: FlaskClient, method: str) -> None:
    answer = client.open("/api/v1/albums/" + "a" * 32 + "?detector=haar", method=method)
    assert answer.status_code == 422
    assert "the option “detector”" in words_of(answer)


@pytest.mark.parametrize("to", [API, "/api/v1/albums", PAGE, "/compare", "/albums"])
def test_a_field_that_comes_twice_is_refused_by_name(
    client: FlaskClient, portrait: bytes, to: str
) -> None:
    name = "csrf_token" if to == "/compare" else "threshold"
    token = with_token(client)["csrf_token"]
    fields = [("csrf_token", token), (name, "0.3"), (name, "0.9")]
    form: MultiDict[str, object] = MultiDict(fields)
    form.add("photo", FileStorage(io.BytesIO(portrait), filename="a.jpg"))
    answer = client.post(to, data=form)
    assert answer.status_code == 422
    assert f"The field “{name}” was sent" in words_of(answer)


def test_a_repeat_with_an_unknown_field_is_refused(client: FlaskClient, portrait: bytes) -> None:
    address = post_photo(client, portrait).location
    answer = submit(client, f"{address}/again", {"tunr": "1"})
    assert answer.status_code == 422
    assert "no field “tunr”" in answer.text


@pytest.mark.parametrize("body", [b"", b"{}", b"--x\r\nbroken"])
def test_a_body_that_is_no_form_is_400(client: FlaskClient, body: bytes) -> None:
    answer = client.post(API, data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400


def test_an_unknown_detector_is_422_on_the_page(client: FlaskClient, portrait: bytes) -> None:
    answer = post_photo(client, portrait, detector="<b>psychic</b>")
    assert answer.status_code == 422
    assert "<b>psychic" not in answer.text


@pytest.mark.parametrize(
    "fields",
    [{f"field{number}": "x" for number in range(50)}, {"photo": "x" * 200_000}],
    ids=["many", "long"],
)
def test_a_form_with_too_much_beside_the_photo_is_told_so(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    answer = client.post(API, data=fields, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "short fields" in answer.get_json()["error"]["message"]
