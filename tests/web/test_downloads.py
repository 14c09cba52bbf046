"""What leaves the server: no metadata of the upload, no harm by its name."""

import csv
import io
import json

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.samples import encoded, grace_hopper
from tests.web.conftest import Analyzed
from tests.web.fakes import FakeDetector
from tests.web.posts import post_photo
from webapp.settings import Settings
from webapp.vision.drawings import STYLES

PLACE = b"GPSLatitude-secret"


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()  # ImageDescription
    exif.get_ifd(0x8825)[29] = "2020:01:01"  # GPSDateStamp
    return encoded(grace_hopper(), exif=exif)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "photo.jpg",
            "faces/1.jpg",
            "crops.webp",
            "photo-small.webp",
            "analysis.json",
            "faces.csv",
        ),
        *(f"{style}.{extension}" for style in STYLES for extension in ("jpg", "png")),
    ],
)
def test_downloads_carry_no_exif(client: FlaskClient, path: str) -> None:
    upload = with_exif()
    assert PLACE in upload
    answer = client.get(f"{post_photo(client, upload).location}/{path}")
    assert answer.status_code == 200
    assert PLACE not in answer.data
    assert b"2020:01:01" not in answer.data
    if answer.content_type.startswith("image/"):
        picture = Image.open(io.BytesIO(answer.data))
        assert not picture.getexif()
        assert not {"exif", "icc_profile", "xmp"} & picture.info.keys()


def test_without_faces_there_is_no_sheet_of_crops(
    client: FlaskClient, detector: FakeDetector, portrait: bytes
) -> None:
    detector.shares = ()
    address = post_photo(client, portrait).location
    assert client.get(f"{address}/crops.webp").status_code == 404


@pytest.mark.parametrize("wanted", ["bytes=5-1", "bytes=x", "items=0-1", "bytes=0-1,3-4", "5"])
@pytest.mark.parametrize("file", ["photo.jpg", "faces.csv", "annotated.jpg"])
def test_a_range_that_is_none_is_ignored(
    client: FlaskClient, address: str, file: str, wanted: str
) -> None:
    whole = client.get(f"{address}/{file}")
    answer = client.get(f"{address}/{file}", headers={"Range": wanted})
    assert (answer.status_code, answer.data) == (200, whole.data)


def test_a_range_is_a_part_and_one_beyond_the_end_is_told_where_that_is(
    client: FlaskClient, address: str
) -> None:
    whole = client.get(f"{address}/photo.jpg").data
    part = client.get(f"{address}/photo.jpg", headers={"Range": "bytes=-5"})
    assert (part.status_code, part.data) == (206, whole[-5:])
    longer = client.get(f"{address}/photo.jpg", headers={"Range": "bytes=-9999999"})
    assert (longer.status_code, longer.data) == (200, whole)
    beyond = client.get(f"{address}/photo.jpg", headers={"Range": "bytes=9999999-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole)}"


def test_a_table_has_its_encoding_once(client: FlaskClient, address: str) -> None:
    assert client.get(f"{address}/faces.csv").content_type == "text/csv; charset=utf-8"


HOSTILE_NAMES = {
    "../../etc/passwd.jpg": "passwd.jpg",
    "<script>alert(1)<script>.jpg": "<script>alert(1)<script>.jpg",
    "<img src=x onerror=alert(1)>.jpg": "<img src=x onerror=alert(1)>.jpg",
    "two%0Alines.jpg": "two%0Alines.jpg",
    "Привет 😀.jpg": "Привет 😀.jpg",
    "..": "..",
    "x" * 300 + ".jpg": "x" * 116 + ".jpg",
}


@pytest.mark.parametrize(("given", "shown"), HOSTILE_NAMES.items())
def test_a_hostile_file_name_is_harmless_everywhere(
    client: FlaskClient, portrait: bytes, settings: Settings, given: str, shown: str
) -> None:
    address = post_photo(client, portrait, given).location
    page = client.get(address).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    document = json.loads(client.get(f"{address}/analysis.json").data)
    assert document["photo"] == shown
    disposition = client.get(f"{address}/annotated.jpg").headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert not {"/", "\\", "\n", "<"} & set(disposition.replace("filename*=UTF-8''", ""))
    names = {path.name for path in settings.data_dir.rglob("*") if path.is_file()}
    assert names == {
        "annotated.jpg",
        "complete",
        "record.json",
        "original",
        "display.jpg",
        "face-1.jpg",
        "face-2.jpg",
    }


def test_a_spreadsheet_runs_no_formula_of_a_file_name(
    client: FlaskClient, analyzed: Analyzed
) -> None:
    table = client.get(f"{analyzed(name='=HYPERLINK(1).jpg')}/faces.csv").text
    assert next(csv.DictReader(io.StringIO(table)))["photo"] == "'=HYPERLINK(1).jpg"
