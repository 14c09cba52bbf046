"""Clients generated from the API's document analyse a photo, make an album, get typed errors."""

import os
import sys
from pathlib import Path

from tests.clients.conftest import Install, run
from tests.served.conftest import Running

PYTHON = """
import sys
import time
from io import BytesIO
from pathlib import Path

from agelens_client import Client
from agelens_client.api.albums import create_album, delete_album, get_album
from agelens_client.api.photos import analyze_photo
from agelens_client.models import (
    AlbumForm, Analysis, ErrorCode, ErrorResponse, PartialAnalysis, PhotoForm, PhotoInJson, Turn,
)
from agelens_client.types import File

client = Client(base_url=sys.argv[1])
photo = Path(sys.argv[2]).read_bytes()


def file(data: bytes = photo, name: str = "family.jpg") -> File:
    return File(payload=BytesIO(data), file_name=name)


found = analyze_photo.sync(client=client, body=PhotoForm(photo=file(), turn=Turn.TURN_0))
assert isinstance(found, Analysis), found
assert found.photo == "family.jpg"
assert found.faces[0].age.bucket == "25-32"
assert found.faces[0].age.distribution["25-32"] == 0.73
assert found.faces[0].landmarks.left_eye[0] > 0
assert found.faces[0].gender.label == "male"

import base64
text = base64.b64encode(photo).decode()
found = analyze_photo.sync(client=client, body=PhotoInJson(photo=text), turn=Turn.TURN_1)
assert isinstance(found, Analysis), found
assert found.quarter_turns == 1

part = analyze_photo.sync(client=client, body=PhotoInJson(photo=text), fields="faces.age")
assert isinstance(part, PartialAnalysis), part
assert part.faces[0].age.bucket == "25-32"

refused = analyze_photo.sync(client=client, body=PhotoForm(photo=file(b"%PDF-1.7")))
assert isinstance(refused, ErrorResponse)
assert refused.error.code is ErrorCode.NOT_A_PHOTO
assert refused.error.message


def form() -> AlbumForm:
    return AlbumForm(photo=[file(), file(b"notes", "notes.txt")])


made = create_album.sync(client=client, body=form(), idempotency_key="k1")
again = create_album.sync(client=client, body=form(), idempotency_key="k1")
assert again.id == made.id
deadline = time.monotonic() + 60
while (album := get_album.sync(made.id, client=client)).done < album.total:
    assert time.monotonic() < deadline
    time.sleep(0.2)
assert album.photos[0].faces[1].age.bucket == "25-32"
assert album.photos[1].error.code == "not_a_photo"
assert delete_album.sync_detailed(made.id, client=client).status_code == 204
gone = get_album.sync(made.id, client=client)
assert gone.error.code is ErrorCode.NOT_FOUND
print("passed")
"""

TYPESCRIPT = """
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { paths } from "./api";

const [address, path] = process.argv.slice(2);
const client = createClient<paths, "application/json">({ baseUrl: address });
const photo = new File([readFileSync(path)], "family.jpg");
const asForm = (body: any): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(body))
    for (const one of [value].flat()) form.append(name, one as File);
  return form;
};
const check = (truth: unknown, what: unknown) => {
  if (!truth) throw new Error(JSON.stringify(what));
};

const found = await client.POST("/api/v1/analyses", {
  body: { photo: photo as unknown as string, turn: "0" },
  bodySerializer: asForm,
});
check(found.data?.faces?.[0].age?.bucket === "25-32", found);

const text = readFileSync(path).toString("base64");
const json = await client.POST("/api/v1/analyses", {
  params: { query: { fields: "faces.age", turn: "1" } },
  body: { photo: text },
});
check(json.data?.faces?.[0].age?.years === 28.4, json);

const refused = await client.POST("/api/v1/analyses", { body: { photo: btoa("%PDF-1.7") } });
check(refused.error?.error.code === "not_a_photo", refused);

const made = await client.POST("/api/v1/albums", {
  params: { header: { "Idempotency-Key": "k2" } },
  body: { photo: [photo, photo] as unknown as string[] },
  bodySerializer: asForm,
});
const at = { params: { path: { album_id: made.data!.id } } };
for (;;) {
  const album = await client.GET("/api/v1/albums/{album_id}", at);
  const first = album.data!.photos[0];
  if (album.data!.done === 2) {
    check("faces" in first && first.faces[0].gender.label === "male", album);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
}
await client.DELETE("/api/v1/albums/{album_id}", at);
const gone = await client.GET("/api/v1/albums/{album_id}", at);
check(gone.error?.error.code === "not_found", gone);
console.log("passed");
"""


def generated(server: Running, folder: Path) -> Path:
    """The package that openapi-python-client makes of a server's document, in a folder."""
    (folder / "document.json").write_bytes(server.get("/api/openapi.json").body)
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    package = folder / "agelens_client"
    where = ["--path", folder / "document.json", "--output-path", package]
    # Its own formatter is ruff, which lies beside Python.
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run([*generate, *where], folder, PATH=beside)
    return package


def test_openapi_python_client(server: Running, photo: Path, tmp_path: Path) -> None:
    package = generated(server, tmp_path)
    assert len(list((package / "models").glob("*.py"))) < 45
    (tmp_path / "use.py").write_text(PYTHON)
    address = f"http://127.0.0.1:{server.port}"
    used = run([sys.executable, "use.py", address, photo], tmp_path, PYTHONPATH=str(tmp_path))
    assert used == "passed\n"


def test_openapi_typescript_and_openapi_fetch(server: Running, photo: Path, npm: Install) -> None:
    folder = npm("openapi-typescript@7", "openapi-fetch@0", "typescript@5", "@types/node@20")
    programs = folder / "node_modules" / ".bin"
    (folder / "document.json").write_bytes(server.get("/api/openapi.json").body)
    run([programs / "openapi-typescript", "document.json", "-o", "api.ts"], folder)
    (folder / "use.ts").write_text(TYPESCRIPT)
    strictly = ["--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext"]
    run([programs / "tsc", *strictly, "--moduleResolution", "bundler", "use.ts"], folder)
    address = f"http://127.0.0.1:{server.port}"
    assert run(["node", "use.js", address, photo], folder) == "passed\n"
