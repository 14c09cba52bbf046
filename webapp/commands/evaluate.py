"""``agelens evaluate``: a network's accuracy on labelled pictures."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from tqdm import tqdm

from webapp.assembly import build_registry
from webapp.evaluation.answers import Judged, judge
from webapp.evaluation.labels import LabelledSet, joined, read_labelled_set
from webapp.evaluation.measures import MEASURES, Figure
from webapp.evaluation.page import report_page
from webapp.evaluation.report import EvaluationSetup, Report, build_report, rival
from webapp.files import write_whole
from webapp.settings import Settings
from webapp.vision.models import ModelRegistry


@dataclass(frozen=True)
class EvaluateOptions:
    """The options of one call."""

    model: str | None = None
    against: str | None = None
    detector: str | None = None
    crops: bool = False
    # Folder for the report; None writes none.
    report: Path | None = None
    as_json: bool = False


@click.command()
@click.argument("labels", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the pictures are; default: beside the labels.",
)
@click.option("--model", help="The network: the name of a folder in models/.")
@click.option("--against", metavar="NAME", help="Another network, to be compared face by face.")
@click.option("--detector", help="One that `agelens models list` shows.")
@click.option("--crops", is_flag=True, help="Each picture is one face crop, however tightly cut.")
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write report.html and report.json into this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def evaluate(labels: tuple[Path, ...], root: Path | None, **choices: object) -> None:
    """Measure a network on labelled pictures.

    LABELS is a CSV file with the columns path, age (or age_bucket, a range such as 3-7, or age_low
    and age_high), gender and, if known, group; or a folder with a labels.csv or with UTKFace's
    file names. Pictures may lie in tar files. In a picture with several faces the largest is the
    labelled one. Several LABELS are also reported one by one.
    """
    options = EvaluateOptions(**choices)  # type: ignore[arg-type] # click has checked the types
    labelled = joined([read_labelled_set(one, root) for one in labels])
    report = _report(labelled, options)
    if options.report is not None:
        _write(report, labelled, options.report)
    click.echo(_json(report) if options.as_json else "\n".join(_text(report)))


def _report(labelled: LabelledSet, options: EvaluateOptions) -> Report:
    registry = build_registry(Settings.from_environment())
    detector = registry.analyzer(options.detector, options.model).detector_name
    model = options.model or registry.models[0]
    judged = _judged(labelled, registry, model, options)
    against = None
    if options.against is not None:
        others = _judged(labelled, registry, options.against, options)
        against = rival(options.against, judged, others)
    return build_report(
        EvaluationSetup(labelled.name, detector, model, options.crops), judged, against
    )


def _judged(
    labelled: LabelledSet, registry: ModelRegistry, model: str, options: EvaluateOptions
) -> list[Judged]:
    analyzer = registry.analyzer(options.detector, model)
    if options.crops:
        analyzer = analyzer.for_crops()
    detection = Settings.from_environment().detection()
    judging = judge(labelled, analyzer, detection)
    total = len(labelled.labels)
    return list(tqdm(judging, model, total, unit="picture", file=sys.stderr, disable=None))


def _write(report: Report, labelled: LabelledSet, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "report.html", report_page(report, labelled).encode())
    write_whole(folder / "report.json", f"{_json(report)}\n".encode())


def _json(report: Report) -> str:
    return json.dumps(report.as_json(), ensure_ascii=False, indent=1)


def _text(report: Report) -> Iterator[str]:
    about = report.about
    yield f"{about.model} with {about.detector} on {about.data}: {report.pictures} pictures"
    for problem, count in report.problems.items():
        yield f"  without an answer: {count} × {problem}"
    for name, figure in report.overall.items():
        yield f"  {MEASURES[name]:45} {_figure(figure)}"
    for name, found in report.reliability.items():
        yield f"  {'calibration error of the ' + name:45} {found.expected_error:.3f}"
    for way, classes in report.by.items():
        yield f"by {way}"
        for of_class, figures in classes.items():
            row = (f"{name} {figure.value:.3f}" for name, figure in figures.items())
            faces = max((figure.count for figure in figures.values()), default=0)
            yield f"  {of_class:20} {faces:>6} faces  {', '.join(row)}"
    if report.rival is not None:
        yield f"{about.model} minus {report.rival.model}, on the same faces"
        for name, figure in report.rival.differences.items():
            yield f"  {MEASURES[name]:45} {_figure(figure)}"


def _figure(figure: Figure) -> str:
    interval = f"({figure.low:.3f} to {figure.high:.3f}, {figure.count} faces)"
    return f"{figure.value:.3f} {interval}"
