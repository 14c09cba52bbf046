"""The article's networks, loaded by the product, say what the same networks say in TensorFlow.

The published weights may not be passed on, so the files are generated: the exact architectures with
random weights. Where AGELENS_MODELS_DIR holds the published files, the same tests run on them.
"""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner

from tests.models import reference_networks
from tests.models.article_networks import Weights, googlenet_shapes, levi_hassner_shapes
from tests.models.caffe_files import read_caffemodel, write_caffemodel
from tests.models.generated_models import CLASSES, convert_all, write_card, write_models
from tests.models.onnx_files import read_googlenet, write_googlenet
from tests.samples import astronaut, grace_hopper
from webapp.assembly import build_registry
from webapp.cli import main
from webapp.installation.fetch import WrongContent
from webapp.settings import Settings
from webapp.vision.errors import ModelFileCorrupt, ModelFileMissing
from webapp.vision.estimators.base import Crops
from webapp.vision.estimators.pair import PairedEstimator
from webapp.vision.photo import Photo
from webapp.vision.types import Box, Detection, Estimate, Pixels

pytestmark = pytest.mark.slow

AGREEMENT = 1e-4
MEANS = {
    "levi-hassner": (78.4263377603, 87.7689143744, 114.895847746),
    "googlenet": (104.0, 117.0, 123.0),
    "googlenet-caffe": (104.0, 117.0, 123.0),
}
# Each portrait's face, and one so near the border that the crop reaches beyond it.
FACES = (
    (grace_hopper, Box(160, 90, 170, 220)),
    (astronaut, Box(180, 70, 80, 100)),
    (astronaut, Box(400, 0, 112, 130)),
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_models(folder)
    return folder


@pytest.fixture(params=["generated", "published"])
def folder(request: pytest.FixtureRequest, generated: Path) -> Path:
    if request.param == "generated":
        return generated
    if "AGELENS_MODELS_DIR" not in os.environ:
        pytest.skip("AGELENS_MODELS_DIR, which would hold the published files, is not set")
    return Path(os.environ["AGELENS_MODELS_DIR"])


@dataclass(frozen=True, eq=False)
class Estimation:
    """What the networks saw of a face, and what they say."""

    crops: Crops
    estimates: list[Estimate]


def estimation(folder: Path, model: str, oversample: bool | None = None) -> list[Estimation]:
    """What a network says of each of the faces."""
    registry = build_registry(Settings(models_dir=folder), oversample)
    if model not in registry.models or registry.missing(model):
        pytest.skip(f"{folder} does not hold {model}")
    estimator = registry.estimator(model)
    assert isinstance(estimator, PairedEstimator)
    every = [estimator.crops(Photo.of(picture()), [Detection(box, 1.0)]) for picture, box in FACES]
    return [Estimation(crops, estimator.estimate(crops)) for crops in every]


def reference(folder: Path, model: str, task: str, crops: Pixels) -> npt.NDArray[np.float32]:
    """What TensorFlow says of crops, with the weights read from the same file."""
    pictures = crops[..., ::-1].astype(np.float32) - np.float32(MEANS[model])
    read, file, shapes, forward = SOURCES[model]
    weights = read(folder / model / file.format(task), shapes(CLASSES[task]))
    return forward(weights, pictures)


Source = tuple[
    Callable[[Path, Mapping[str, tuple[int, ...]]], Weights],
    str,
    Callable[[int], dict[str, tuple[int, ...]]],
    Callable[[Weights, npt.NDArray[np.float32]], npt.NDArray[np.float32]],
]
SOURCES: dict[str, Source] = {
    "levi-hassner": (
        read_caffemodel,
        "{}_net.caffemodel",
        levi_hassner_shapes,
        reference_networks.levi_hassner,
    ),
    "googlenet": (
        read_googlenet,
        "{}_googlenet.onnx",
        googlenet_shapes,
        reference_networks.googlenet,
    ),
    "googlenet-caffe": (
        read_caffemodel,
        "{}.caffemodel",
        googlenet_shapes,
        reference_networks.googlenet,
    ),
}


@pytest.mark.parametrize("model", SOURCES)
def test_probabilities_agree_with_tensorflow(folder: Path, model: str) -> None:
    faces = estimation(folder, model)
    ages = np.array([list(face.estimates[0].age.distribution.values()) for face in faces])
    female = np.array([face.estimates[0].gender.female for face in faces])
    seen = np.stack([face.crops.age[0] for face in faces])
    assert np.abs(ages - reference(folder, model, "age", seen)).max() < AGREEMENT
    seen = np.stack([face.crops.gender[0] for face in faces])
    assert np.abs(female - reference(folder, model, "gender", seen)[:, 1]).max() < AGREEMENT


@pytest.mark.parametrize("model", SOURCES)
def test_the_agreement_means_something(generated: Path, model: str) -> None:
    """Different faces get clearly different probabilities, none of them 0 or 1."""
    faces = estimation(generated, model)
    ages = np.array([list(face.estimates[0].age.distribution.values()) for face in faces])
    assert ages.max() < 0.99
    assert np.abs(ages[0] - ages[1]).max() > 100 * AGREEMENT


@pytest.mark.parametrize("model", ["levi-hassner", "googlenet"])
def test_over_sampling_is_the_mean_of_ten_views(folder: Path, model: str) -> None:
    face = estimation(folder, model, oversample=True)[0]
    frame, size = face.crops.age[0], {"levi-hassner": 227, "googlenet": 224}[model]
    assert frame.shape == (256, 256, 3)
    last, middle = 256 - size, (256 - size) // 2
    corners = [(0, 0), (0, last), (last, 0), (last, last), (middle, middle)]
    views = [frame[y : y + size, x : x + size] for y, x in corners]
    ten = np.stack([*views, *(view[:, ::-1] for view in views)])
    expected = reference(folder, model, "age", ten).mean(axis=0)
    ages = np.array(list(face.estimates[0].age.distribution.values()))
    assert np.abs(ages - expected).max() < AGREEMENT


def test_the_network_is_fed_as_the_article_feeds_it(generated: Path) -> None:
    """The article's own call on the crop, ``blobFromImage`` and ``forward``, says the same."""
    model = generated / "levi-hassner"
    network = cv2.dnn.readNetFromCaffe(
        str(model / "age_net.prototxt"), str(model / "age_net.caffemodel")
    )
    for face in estimation(generated, "levi-hassner"):
        bgr = np.ascontiguousarray(face.crops.age[0][..., ::-1])
        blob = cv2.dnn.blobFromImage(bgr, 1.0, (227, 227), MEANS["levi-hassner"], swapRB=False)
        network.setInput(blob)
        ages = list(face.estimates[0].age.distribution.values())
        assert np.abs(network.forward()[0] - ages).max() < AGREEMENT


def test_caffe_and_onnx_hold_the_same_googlenet(generated: Path) -> None:
    onnx, caffe = (estimation(generated, name) for name in ("googlenet", "googlenet-caffe"))
    for one, other in zip(onnx, caffe, strict=True):
        female = one.estimates[0].gender.female
        assert abs(female - other.estimates[0].gender.female) < AGREEMENT


def test_the_article_is_one_networks_age_and_the_others_gender(generated: Path) -> None:
    article = estimation(generated, "article")[0]
    age = estimation(generated, "levi-hassner")[0].estimates[0].age
    gender = estimation(generated, "googlenet")[0].estimates[0].gender
    assert article.estimates[0].age == age
    assert article.estimates[0].gender == gender
    assert article.crops.age[0].shape == (227, 227, 3)
    assert article.crops.gender[0].shape == (224, 224, 3)


def test_scores_without_softmax_become_probabilities(generated: Path, tmp_path: Path) -> None:
    """Conversions differ in whether they end before or after the softmax."""
    folder = tmp_path / "googlenet"
    folder.mkdir()
    for task, classes in CLASSES.items():
        file = f"{task}_googlenet.onnx"
        weights = read_googlenet(generated / "googlenet" / file, googlenet_shapes(classes))
        write_googlenet(folder / file, weights, softmax=False)
    write_card(folder, (generated / "googlenet" / "card.toml").read_text())
    convert_all(folder)
    for scores, probabilities in zip(
        estimation(tmp_path, "googlenet"), estimation(generated, "googlenet"), strict=True
    ):
        female = scores.estimates[0].gender.female
        assert abs(female - probabilities.estimates[0].gender.female) < AGREEMENT


def _gender_weights_in_the_age_file(folder: Path) -> None:
    weights = read_caffemodel(folder / "gender_net.caffemodel", levi_hassner_shapes(2))
    write_caffemodel(folder / "age_net.caffemodel", weights)


def _a_layer_is_missing(folder: Path) -> None:
    weights = read_caffemodel(folder / "age_net.caffemodel", levi_hassner_shapes(8))
    kept = {name: pair for name, pair in weights.items() if name != "conv2"}
    write_caffemodel(folder / "age_net.caffemodel", kept)


def _garbage(folder: Path) -> None:
    (folder / "age_net.caffemodel").write_bytes(b"<html>not found</html>" * 1000)


def _empty(folder: Path) -> None:
    (folder / "age_net.caffemodel").write_bytes(b"")


@pytest.mark.parametrize(
    "spoil", [_gender_weights_in_the_age_file, _a_layer_is_missing, _garbage, _empty]
)
def test_a_wrong_caffe_file_is_refused_even_where_a_card_has_its_hash(
    generated: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = copied(generated / "levi-hassner", tmp_path)
    spoil(folder)
    write_card(folder, (folder / "card.toml").read_text())
    with pytest.raises((WrongContent, ModelFileCorrupt), match=r"age_net\.c"):
        converted_and_asked(folder)


@pytest.mark.parametrize("wrong", ["age in gender's place", "garbage", "empty"])
def test_a_wrong_onnx_file_is_refused_even_where_a_card_has_its_hash(
    generated: Path, tmp_path: Path, wrong: str
) -> None:
    folder = copied(generated / "googlenet", tmp_path)
    age = (folder / "age_googlenet.onnx").read_bytes()
    contents = {"age in gender's place": age, "garbage": b"garbage" * 999, "empty": b""}
    (folder / "gender_googlenet.onnx").write_bytes(contents[wrong])
    write_card(folder, (folder / "card.toml").read_text())
    with pytest.raises((WrongContent, ModelFileCorrupt), match=r"gender_googlenet\."):
        converted_and_asked(folder)


def _damaged(folder: Path) -> None:
    converted = folder / "age_net.converted.onnx"
    converted.write_bytes(converted.read_bytes()[:-1] + b"x")


def _of_other_weights(folder: Path) -> None:
    card = (folder / "card.toml").read_text()
    (folder / "card.toml").write_text(re.sub(r'(sha256 = ")[^"]', r"\1_", card))


def _without_its_sums(folder: Path) -> None:
    (folder / "age_net.converted.onnx.sha256").unlink()


@pytest.mark.parametrize("spoil", [_damaged, _of_other_weights, _without_its_sums])
def test_a_converted_file_is_loaded_only_if_it_is_the_one_that_was_made_of_the_cards_files(
    generated: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(copied(generated / "levi-hassner", tmp_path))
    with pytest.raises(ModelFileCorrupt, match=r"age_net\.converted\.onnx.*install it again"):
        estimation(tmp_path, "levi-hassner")


def test_what_lies_in_a_users_folder_is_converted_when_it_is_installed(
    generated: Path, tmp_path: Path
) -> None:
    folder = copied(generated / "googlenet-caffe", tmp_path)
    for converted in folder.glob("*.converted.*"):
        converted.unlink()
    with pytest.raises(ModelFileMissing, match="agelens models install googlenet-caffe"):
        build_registry(Settings(models_dir=tmp_path)).estimator("googlenet-caffe")
    command = ["models", "install", "googlenet-caffe"]
    done = CliRunner().invoke(main, command, env={"AGELENS_MODELS_DIR": str(tmp_path)})
    assert done.exit_code == 0, done.output
    answers = estimation(tmp_path, "googlenet-caffe")
    for one, other in zip(answers, estimation(generated, "googlenet-caffe"), strict=True):
        assert one.estimates == other.estimates


def converted_and_asked(folder: Path) -> None:
    convert_all(folder)
    estimation(folder.parent, folder.name)


def copied(model: Path, folder: Path) -> Path:
    return shutil.copytree(model, folder / model.name)
