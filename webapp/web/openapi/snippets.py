"""How each operation is called, in four languages: shown on the page of the API, run by a test."""

from collections.abc import Mapping

LANGUAGES = ("curl", "Python, requests", "Python, generated client", "JavaScript")

_CURL = {
    "analyze_photo": """\
curl -F photo=@family.jpg SERVER/api/v1/analyses
curl --data-binary @family.jpg -H 'Content-Type: image/jpeg' -H 'Accept: image/jpeg' \\
  -o annotated.jpg 'SERVER/api/v1/analyses?turn=auto'""",
    "create_album": """\
curl -F photo=@family.jpg -F photo=@family.jpg -H 'Idempotency-Key: holiday-2019' \\
  SERVER/api/v1/albums""",
    "get_album": "curl SERVER/api/v1/albums/ALBUM",
    "delete_album": "curl -X DELETE SERVER/api/v1/albums/ALBUM",
    "get_openapi_document": "curl -o openapi.json SERVER/api/openapi.json",
    "check_health": "curl SERVER/healthz",
    "check_ready": "curl SERVER/readyz",
}
_REQUESTS = {
    "analyze_photo": """\
import requests

with open("family.jpg", "rb") as photo:
    answer = requests.post("SERVER/api/v1/analyses", files={"photo": photo}, data={"turn": "auto"})
answer.raise_for_status()
for face in answer.json()["faces"]:
    print(face["age"]["bucket"], face["gender"]["label"])""",
    "create_album": """\
import requests

with open("family.jpg", "rb") as one, open("family.jpg", "rb") as two:
    answer = requests.post("SERVER/api/v1/albums", files=[("photo", one), ("photo", two)])
answer.raise_for_status()
print(answer.headers["Location"])""",
    "get_album": """\
import requests

album = requests.get("SERVER/api/v1/albums/ALBUM").json()
print(album["done"], "of", album["total"])""",
    "delete_album": """\
import requests

requests.delete("SERVER/api/v1/albums/ALBUM").raise_for_status()""",
}
_GENERATED = {
    "analyze_photo": """\
from pathlib import Path

from agelens_client import Client
from agelens_client.api.photos import analyze_photo
from agelens_client.models import Analysis, PhotoForm
from agelens_client.types import File

client = Client("SERVER")
photo = File(Path("family.jpg").open("rb"), "family.jpg")
answer = analyze_photo.sync(client=client, body=PhotoForm(photo))
if isinstance(answer, Analysis):
    print([face.age.bucket for face in answer.faces])""",
    "create_album": """\
from pathlib import Path

from agelens_client import Client
from agelens_client.api.albums import create_album
from agelens_client.models import Album, AlbumForm
from agelens_client.types import File

photos = [File(Path(name).open("rb"), name) for name in ("family.jpg", "family.jpg")]
answer = create_album.sync(client=Client("SERVER"), body=AlbumForm(photos))
if isinstance(answer, Album):
    print(answer.id)""",
    "get_album": """\
from agelens_client import Client
from agelens_client.api.albums import get_album

print(get_album.sync("ALBUM", client=Client("SERVER")))""",
    "delete_album": """\
from agelens_client import Client
from agelens_client.api.albums import delete_album

delete_album.sync_detailed("ALBUM", client=Client("SERVER"))""",
}
_JAVASCRIPT = {
    "analyze_photo": """\
import { openAsBlob } from "node:fs"; // in a browser: the file of an <input>

const form = new FormData();
form.append("photo", await openAsBlob("family.jpg"), "family.jpg");
const answer = await fetch("SERVER/api/v1/analyses", { method: "POST", body: form });
const { faces, error } = await answer.json();
console.log(error?.message ?? faces.map((face) => face.age.bucket));""",
    "create_album": """\
import { openAsBlob } from "node:fs";

const form = new FormData();
for (const name of ["family.jpg", "family.jpg"]) form.append("photo", await openAsBlob(name), name);
const answer = await fetch("SERVER/api/v1/albums", { method: "POST", body: form });
console.log((await answer.json()).id);""",
    "get_album": """\
const album = await (await fetch("SERVER/api/v1/albums/ALBUM")).json();
console.log(album.done, "of", album.total);""",
    "delete_album": """\
await fetch("SERVER/api/v1/albums/ALBUM", { method: "DELETE" });""",
}
_BY_LANGUAGE: Mapping[str, Mapping[str, str]] = dict(
    zip(LANGUAGES, (_CURL, _REQUESTS, _GENERATED, _JAVASCRIPT), strict=True)
)


def snippets(operation: str, server: str, album_id: str) -> dict[str, str]:
    """The examples for an operation by language, to be sent to a server; see ``LANGUAGES``."""
    return {
        language: by_operation[operation].replace("SERVER", server).replace("ALBUM", album_id)
        for language, by_operation in _BY_LANGUAGE.items()
        if operation in by_operation
    }
