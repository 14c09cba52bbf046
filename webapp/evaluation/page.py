"""A report as one self-contained HTML page."""

import base64
from collections.abc import Mapping, Sequence

import jinja2

from webapp.assets import directory
from webapp.evaluation.labels import Label, LabelledSet
from webapp.evaluation.measures import MEASURES
from webapp.evaluation.report import GENDERS, Figures, Mistake, Report
from webapp.vision.buckets import BUCKETS
from webapp.vision.decode import decode
from webapp.vision.photo import encode_jpeg

THUMBNAIL_SIDE = 112


def report_page(report: Report, labelled: LabelledSet) -> str:
    """HTML with inline styles, plots and pictures: nothing is loaded from elsewhere."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory("templates")), autoescape=True
    )
    mistakes = [mistake for worst in report.worst.values() for mistake in worst]
    return templates.get_template("evaluation.html").render(
        report=report,
        meanings=MEASURES,
        differences=_differences(report),
        bars={
            way: {measure: _one(classes, measure) for measure in report.overall}
            for way, classes in report.by.items()
        },
        buckets=BUCKETS,
        genders=GENDERS,
        pictures=_pictures(labelled, mistakes),
    )


def _differences(report: Report) -> dict[str, Figures]:
    if report.rival is None:
        return {}
    classes = {
        f"{way}: {name}": figures
        for way, by_name in report.rival.differences_by.items()
        for name, figures in by_name.items()
    }
    return {"all": report.rival.differences, **classes}


def _one(classes: Mapping[str, Figures], measure: str) -> Figures:
    return {name: figures[measure] for name, figures in classes.items() if measure in figures}


def _pictures(labelled: LabelledSet, mistakes: Sequence[Mistake]) -> Mapping[str, str]:
    """A ``data:`` address of a small JPEG for each mistake's path."""
    labels = {label.path: label for label in labelled.labels}
    return {mistake.path: _address(labelled, labels[mistake.path]) for mistake in mistakes}


def _address(labelled: LabelledSet, label: Label) -> str:
    small = decode(labelled.read(label)).bounded(THUMBNAIL_SIDE)
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(small, 80)).decode()
