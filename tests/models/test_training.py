"""A network is trained, killed, resumed, exported and served, on pictures made for the purpose."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.samples import astronaut, grace_hopper
from webapp.assets import directory
from webapp.training.checkpoint import load_checkpoint
from webapp.vision.card import read_card, read_cards
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.estimators.agelens import AgelensEstimator
from webapp.vision.models import Defaults, ModelRegistry
from webapp.vision.photo import Photo
from webapp.vision.types import Pixels

pytestmark = pytest.mark.slow

PROGRAM = "from webapp.cli import main; main()"
RECIPE = "--side 32 --width 0.125 --batch 16 --epochs 4 --head-epochs 1 --checkpoint-seconds 0"
SAME_NETWORK = """
import keras, numpy as np, onnxruntime
from webapp.training.export import to_onnx
from webapp.training.network import build
keras.utils.set_random_seed(1)
network = build(64, width=0.25)
for weights in network.weights:
    weights.assign_add(0.05 * keras.random.normal(weights.shape))
pictures = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), np.uint8)
said = network.predict(pictures.astype(np.float32), verbose=0)
file = to_onnx(network, np.float32).SerializeToString()
(logits,) = onnxruntime.InferenceSession(file).run(None, {"pictures": pictures})
expected = np.concatenate([said["age"], said["gender"]], axis=1)
assert expected.std() > 1e-3
np.testing.assert_allclose(logits, expected, atol=1e-4)
"""
EARLIER = """
import sys, keras, numpy as np
from pathlib import Path
from webapp.evaluation.labels import Label
from webapp.training.export import to_onnx
from webapp.training.faces import TrainingFaces
from webapp.training.initial import load_mean, taught_by
from webapp.training.network import build
from webapp.training.recipe import Recipe
folder = Path(sys.argv[1])
weights = []
for name in ("a", "b"):
    network = build(64, width=0.25)
    weights.append([keras.random.normal(array.shape).numpy() for array in network.weights])
    network.set_weights(weights[-1])
    (folder / f"{name}.onnx").write_bytes(to_onnx(network, np.float32).SerializeToString())
mean = build(64, width=0.25)
load_mean(mean, {folder / "a.onnx": 3.0, folder / "b.onnx": 1.0})
for one, a, b in zip(mean.get_weights(), *weights, strict=True):
    np.testing.assert_allclose(one, 0.75 * a + 0.25 * b, atol=1e-5)
pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
labels = (Label("a", 30, 30, "male"), Label("b", 20, 36, "male"))
faces = TrainingFaces(labels, ((pictures[::-1], pictures),), np.arange(2), np.arange(0))
network.set_weights([0.1 * one for one in network.get_weights()])
(folder / "c.onnx").write_bytes(to_onnx(network, np.float32).SerializeToString())
taught = taught_by(folder / "c.onnx", faces, Recipe(side=64, width=0.25))
logits = network.predict(pictures.astype(np.float32), verbose=0)["age"][1]
np.testing.assert_allclose(taught[0], 1 / 101, rtol=1e-5)
np.testing.assert_allclose(taught[1], np.exp(logits) / np.exp(logits).sum(), rtol=1e-3)
assert taught[1].std() > 0
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty variations of two portraits, under the names of UTKFace."""
    folder = tmp_path_factory.mktemp("faces")
    random = np.random.default_rng(0)
    portraits = [(grace_hopper()[40:340, 120:420], 70, 0), (astronaut()[0:200, 120:320], 36, 1)]
    for number in range(60):
        pixels, age, gender = portraits[number % 2]
        picture = cv2.resize(varied(pixels, random), (120, 120), interpolation=cv2.INTER_AREA)
        name = f"{age}_{gender}_0_{20170100 + number}.jpg"
        cv2.imwrite(str(folder / name), picture[:, :, ::-1])
    return folder


def varied(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Coarse noise makes the perceptual hashes of two variations differ."""
    noise = cv2.resize(random.normal(0, 60, (9, 9, 3)), pixels.shape[1::-1])
    return (pixels + noise).clip(0, 255).astype(np.uint8)


def start(data: Path, out: Path, work: Path) -> subprocess.Popen[bytes]:
    arguments = ["train", "--data", str(data), "--out", str(out), "--work", str(work)]
    command = [sys.executable, "-c", PROGRAM, *arguments, *RECIPE.split()]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(Path.cwd())})


def wait_for_step(work: Path, step: int) -> None:
    for _ in range(600):
        checkpoint = load_checkpoint(work / "checkpoint.npz")
        if checkpoint is not None and checkpoint.progress.step >= step:
            return
        time.sleep(0.1)
    pytest.fail("no checkpoint appeared")


def test_a_killed_run_goes_on_and_ends_like_one_that_was_not(data: Path, tmp_path: Path) -> None:
    killed = start(data, tmp_path / "killed", tmp_path / "work")
    wait_for_step(tmp_path / "work", 4)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (tmp_path / "killed" / "card.toml").exists()
    for out, work in (("killed", "work"), ("whole", "other work")):
        assert start(data, tmp_path / out, tmp_path / work).wait() == 0
    resumed = load_checkpoint(tmp_path / "work" / "checkpoint.npz")
    whole = load_checkpoint(tmp_path / "other work" / "checkpoint.npz")
    assert resumed is not None
    assert whole is not None
    assert resumed.progress.step == whole.progress.step
    for one, other in zip(resumed.variables, whole.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
    serves_at_once(tmp_path / "killed")


def serves_at_once(folder: Path) -> None:
    card = read_card(folder)
    assert card.accuracy.overall["faces"] > 0
    photo = Photo.of(astronaut())
    cards = read_cards([directory("models"), folder.parent])
    registry = ModelRegistry(cards, defaults=Defaults(model=card.name))
    estimator = registry.estimator()
    assert isinstance(estimator, AgelensEstimator)
    faces = registry.detector().detect(photo, DetectionOptions())
    (estimate,) = estimator.estimate(estimator.crops(photo, faces))
    assert sum(estimate.age.distribution.values()) == pytest.approx(1)
    assert estimate.age.years is not None
    assert 0 <= estimate.age.years <= 100


def test_the_exported_network_is_the_trained_one() -> None:
    subprocess.run([sys.executable, "-c", SAME_NETWORK], check=True, cwd=Path.cwd())


def test_training_starts_from_and_is_taught_by_exported_networks(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", EARLIER, str(tmp_path)], check=True, cwd=Path.cwd())
