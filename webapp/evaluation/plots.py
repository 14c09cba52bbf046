"""Plots as inline SVG, without any library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from webapp.evaluation.measures import Figure
from webapp.evaluation.reliability import Reliability

CELL = 46
LABEL = 64
PLOT = 240
BAR = 22
BARS = 320
NAMES = 170


def confusion_plot(table: Sequence[Sequence[int]], names: Sequence[str]) -> Markup:
    """A confusion matrix: rows are labels, columns what was said, cells are shares of the row."""
    parts = []
    for row, (name, counts) in enumerate(zip(names, table, strict=True)):
        y = LABEL + row * CELL
        parts.append(_text(LABEL - 6, y + CELL / 2, name, "end"))
        parts.append(_text(LABEL + (row + 0.5) * CELL, LABEL - 10, name, "middle"))
        for column, count in enumerate(counts):
            share = count / max(1, sum(counts))
            parts.append(_cell(LABEL + column * CELL, y, share, f"{name}: {count}"))
    size = LABEL + CELL * len(names) + 4
    return _svg(size, size, parts, "Confusion matrix: rows are labels, columns what was said")


def reliability_plot(found: Reliability, name: str) -> Markup:
    """Accuracy over confidence; on the diagonal they agree. Circles are as large as their bins."""
    total = max(1, sum(one.count for one in found.bins))
    parts = [
        Markup('<rect class="frame" x="40" y="10" width="{0}" height="{0}"/>').format(PLOT),
        Markup('<path class="diagonal" d="M40 {} L{} 10"/>').format(PLOT + 10, PLOT + 40),
    ]
    for one in found.bins:
        x, y = 40 + PLOT * one.confidence, 10 + PLOT * (1 - one.accuracy)
        title = f"said {one.confidence:.0%}, right {one.accuracy:.0%}, {one.count} faces"
        radius = 3 + 14 * (one.count / total) ** 0.5
        parts.append(
            Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>').format(
                x, y, radius, title
            )
        )
    for share in (0.0, 0.5, 1.0):
        parts.append(_text(40 + PLOT * share, PLOT + 26, f"{share:.0%}", "middle"))
        parts.append(_text(34, 10 + PLOT * (1 - share), f"{share:.0%}", "end"))
    parts.append(_text(40 + PLOT / 2, PLOT + 42, f"confidence of the {name}", "middle"))
    return _svg(PLOT + 70, PLOT + 54, parts, f"Reliability of the {name}")


def bar_plot(figures: Mapping[str, Figure], name: str) -> Markup:
    """One bar a class from 0, with its 95 % interval; years are scaled to the largest."""
    most = max([1.0, *(figure.high for figure in figures.values())])
    least = min([0.0, *(figure.low for figure in figures.values())])
    zero = _place(0.0, least, most)
    parts = []
    for place, (label, figure) in enumerate(figures.items()):
        y = 6 + place * BAR
        low, high, end = (
            _place(value, least, most) for value in (figure.low, figure.high, figure.value)
        )
        title = f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}), {figure.count} faces"
        parts += [
            _text(NAMES - 8, y + BAR / 2 - 2, label, "end"),
            Markup(
                '<rect class="bar" x="{:.1f}" y="{}" width="{:.1f}" height="{}">'
                "<title>{}</title></rect>"
            ).format(min(zero, end), y, abs(end - zero), BAR - 6, title),
            Markup('<path class="interval" d="M{0:.1f} {2} L{1:.1f} {2}"/>').format(
                low, high, y + BAR / 2 - 3
            ),
            _text(high + 6, y + BAR / 2 - 2, _number(figure.value), "start"),
        ]
    return _svg(NAMES + BARS + 60, 12 + BAR * len(figures), parts, name)


def _place(value: float, least: float, most: float) -> float:
    return NAMES + BARS * (value - least) / (most - least)


def _number(value: float) -> str:
    return f"{value:.1%}" if 0 <= value <= 1 else f"{value:.2f}"


def _cell(x: float, y: float, share: float, title: str) -> Markup:
    ink = "light" if share > 0.5 else "dark"
    return Markup(
        '<rect class="cell" x="{0}" y="{1}" width="{2}" height="{2}" fill-opacity="{3:.3f}">'
        "<title>{4}</title></rect>{5}"
    ).format(x, y, CELL - 2, share, title, _text(x + CELL / 2, y + CELL / 2, f"{share:.0%}",
                                                  "middle", ink))  # fmt: skip


def _text(x: float, y: float, text: str, anchor: str, style: str = "dark") -> Markup:
    return Markup(
        '<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}"'
        ' dominant-baseline="middle">{}</text>'
    ).format(style, x, y, anchor, text)


def _svg(width: float, height: float, parts: Sequence[Markup], label: str) -> Markup:
    start = Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}">').format(
        escape(label), width, height, width
    )
    return start + Markup("").join(parts) + Markup("</svg>")
