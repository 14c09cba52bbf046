"""A report as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping

import jinja2

from webapp.assets import directory
from webapp.evaluation.contact_sheet import pictures
from webapp.evaluation.labels import LabelledSet
from webapp.evaluation.measures import MEASURES
from webapp.evaluation.plots import bar_plot, confusion_plot, reliability_plot
from webapp.evaluation.report import GENDERS, Figures, Report
from webapp.vision.buckets import BUCKETS


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
            way: {
                measure: bar_plot(_one(classes, measure), f"{MEASURES[measure]}, by {way}")
                for measure in report.overall
            }
            for way, classes in report.by.items()
        },
        bucket_confusion=confusion_plot(report.bucket_confusion, BUCKETS),
        gender_confusion=confusion_plot(report.gender_confusion, GENDERS),
        reliabilities={
            name: reliability_plot(found, name) for name, found in report.reliability.items()
        },
        pictures=pictures(labelled, mistakes),
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
