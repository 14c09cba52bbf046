"""A models folder in which the article's networks are files of random weights.

Cards are the product's own with other hashes; a card there takes the place of the product's.
"""

import re
import shutil
from pathlib import Path

from tests.models.article_networks import (
    Weights,
    googlenet_shapes,
    levi_hassner_shapes,
    random_weights,
)
from tests.models.caffe_files import write_caffemodel, write_old_caffemodel
from tests.models.onnx_files import write_googlenet
from webapp.assets import directory
from webapp.installation.convert import convert
from webapp.vision.card import read_card, sha256_of

CLASSES = {"age": 8, "gender": 2}


def write_models(folder: Path) -> None:
    """``levi-hassner`` in Caffe's old format, ``googlenet`` in ONNX, and ``googlenet-caffe``, the
    same weights as Lapuschkin et al. publish theirs.
    """
    for seed, (task, classes) in enumerate(CLASSES.items()):
        small = random_weights(levi_hassner_shapes(classes), seed)
        large = random_weights(googlenet_shapes(classes), seed)
        write_old_caffemodel(_new(folder / "levi-hassner" / f"{task}_net.caffemodel"), small)
        write_googlenet(_new(folder / "googlenet" / f"{task}_googlenet.onnx"), large)
        _write_caffe_googlenet(folder / "googlenet-caffe", task, large)
    for name in ("levi-hassner", "googlenet"):
        write_card(folder / name, (directory("models") / name / "card.toml").read_text())
    card = (folder / "googlenet" / "card.toml").read_text()
    write_card(folder / "googlenet-caffe", _in_caffe(card))
    for name in ("levi-hassner", "googlenet", "googlenet-caffe"):
        convert_all(folder / name)


def convert_all(folder: Path) -> None:
    """What installing does with the files of a card that are there."""
    for file in read_card(folder).files:
        convert(file, [folder / source.path for source in file.sources], folder / file.path)


def write_card(folder: Path, text: str) -> None:
    """A card with the hashes of the files there; the product's prototxt files join them."""
    folder.mkdir(parents=True, exist_ok=True)
    for layers in directory("models").glob(f"{folder.name}/*.prototxt"):
        shutil.copy(layers, folder)

    def hashed(match: re.Match[str]) -> str:
        return f'{match[1]}sha256 = "{sha256_of(folder / match[2])}"'

    text = re.sub(r'(path = "(.+)"\n)sha256 = ".*"', hashed, text)
    (folder / "card.toml").write_text(text)


def _write_caffe_googlenet(folder: Path, task: str, weights: Weights) -> None:
    write_caffemodel(_new(folder / f"{task}.caffemodel"), weights)
    layers = directory("models") / "googlenet" / f"{task}_googlenet.prototxt"
    shutil.copy(layers, folder / f"{task}.prototxt")


def _in_caffe(card: str) -> str:
    head = card[: card.index("[[files]]")].replace('"googlenet"', '"googlenet-caffe"')
    return head + "".join(
        f'[[files]]\nname = "{task}{layers}"\ntask = "{task}"\npath = "{task}.{suffix}"\n'
        f'sha256 = ""\n'
        for task in CLASSES
        for layers, suffix in (("", "caffemodel"), ("-layers", "prototxt"))
    )


def _new(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
