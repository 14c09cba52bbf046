"""CompreFace's own SDKs, unmodified, pointed at agelens."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.accounts.conftest import users_in
from tests.clients.conftest import Install, run
from tests.served.conftest import Start
from webapp.web.accounts.tokens import TokenFile

PYTHON = """
import sys
from pathlib import Path
from compreface import CompreFace

port, key, photo = sys.argv[1:]
options = {"limit": 1, "det_prob_threshold": 0.8, "face_plugins": "age,gender,landmarks",
           "status": True}
service = CompreFace("http://127.0.0.1", port, options).init_face_detection(key)
for sent in (photo, Path(photo).read_bytes()):
    found = service.detect(sent)
    (face,) = found["result"]
    assert face["age"] == {"probability": 0.73, "high": 32, "low": 25}, face
    assert face["gender"]["value"] == "male"
    assert len(face["landmarks"]) == 5
    assert found["plugins_versions"]["age"] == "cydral"
refused = CompreFace("http://127.0.0.1", port).init_face_detection("nonsense").detect(photo)
assert refused["code"] == 401, refused
refused = service.detect(photo, {"face_plugins": "calculator"})
assert "calculator" in refused["message"]
print("passed")
"""
JAVASCRIPT = """
import { readFileSync } from "node:fs";
import { CompreFace } from "@exadel/compreface-js-sdk";

const [port, key, photo] = process.argv.slice(2);
const check = (truth, what) => {
  if (!truth) throw new Error(JSON.stringify(what));
};
const options = { face_plugins: "age,gender,landmarks", det_prob_threshold: 0.8, status: "true" };
const server = ["http://127.0.0.1", Number(port)];
const service = new CompreFace(...server, options).initFaceDetectionService(key);
for (const sent of [photo, readFileSync(photo).toString("base64")]) {
  const found = await service.detect(sent, {});
  check(found.result.length === 2 && found.result[0].age.low === 25, found);
  check(found.result[0].gender.value === "male" && found.plugins_versions.age === "cydral", found);
}
const other = new CompreFace(...server).initFaceDetectionService(key);
const one = await other.detect(photo, { limit: 1, face_plugins: "age" });
check(one.result.length === 1, one);
const asked = other.detect(photo, { face_plugins: "mask" });
const refused = await asked.catch((error) => error.response);
check(refused.data.message.includes("mask"), refused.data);
console.log("passed");
"""


@pytest.fixture
def port_and_key(serve: Start, tmp_path: Path) -> tuple[str, str]:
    users = users_in(tmp_path)
    key = TokenFile.beside(users).create("bridge", "alice")
    return str(serve(AGELENS_COMPATIBLE="compreface", AGELENS_USERS=str(users)).port), key


def test_the_sdk_for_python(port_and_key: tuple[str, str], photo: Path, tmp_path: Path) -> None:
    # It wants a requests-toolbelt that goes with old versions of urllib3 only.
    packages = ("compreface-sdk==0.6.0", "urllib3<2", "requests<3")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", tmp_path / "packages"]
    try:
        run([*install, *packages], tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("pip cannot install packages here.")
    (tmp_path / "use.py").write_text(PYTHON)
    used = run(
        [sys.executable, "use.py", *port_and_key, photo],
        tmp_path,
        PYTHONPATH=str(tmp_path / "packages"),
    )
    assert used == "passed\n"


def test_the_sdk_for_javascript(port_and_key: tuple[str, str], photo: Path, npm: Install) -> None:
    folder = npm("@exadel/compreface-js-sdk@1")
    (folder / "use.mjs").write_text(JAVASCRIPT)
    # The SDK takes what begins with a dot for a path.
    (folder / "family").write_bytes(photo.read_bytes())
    assert run(["node", "use.mjs", *port_and_key, "./family"], folder) == "passed\n"
