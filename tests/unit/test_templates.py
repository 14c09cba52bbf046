"""No template holds a bare sentence: everything that people read goes through the catalogues."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from jinja2 import Environment, nodes

from tests.catalogues import CHECKOUT

TEMPLATES = sorted(path.name for path in (CHECKOUT / "templates").glob("*.html"))
# What the command line writes stays English.
REPORTS = {"evaluation.html", "_plots.html"}
# Names, units and formats, which are the same in every language.
UNTRANSLATED = {"agelens", "API", "JSON", "CSV", "ms"}
# Expressions whose texts are translated, or no text that is shown.
SILENT = (nodes.Call, nodes.Filter, nodes.Test, nodes.Getitem, nodes.Compare)
READ = {"alt", "aria-label", "data-busy", "placeholder", "title"}


class Page(HTMLParser):
    """Collects what people read in a page: text, attributes, the description."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        named = dict(attrs)
        read = READ | {"content"} if named.get("name") == "description" else READ
        self.found += [value or "" for name, value in attrs if name in read]


def bare(source: str) -> list[str]:
    """The words in a template that no catalogue can translate."""
    environment = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701 # nothing is rendered
    tree = environment.parse(source)
    page = Page()
    page.feed("".join(markup(tree)))
    constants = [text for output in tree.find_all(nodes.Output) for text in shown(output)]
    words = re.findall(r"[^\W\d_]{2,}", " ".join([*page.found, *constants]))
    return [word for word in words if word not in UNTRANSLATED]


def markup(node: nodes.Node) -> Iterator[str]:
    """The HTML around the expressions, but for the block that names a class of styles."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif not isinstance(child, nodes.Block) or child.name != "width":
            yield from markup(child)


def shown(node: nodes.Node) -> Iterator[str]:
    """The texts written in an expression that it may show; attributes such as ``selected`` not."""
    for child in node.iter_child_nodes():
        if isinstance(
            child, nodes.Call | nodes.Filter | nodes.Test | nodes.Getitem | nodes.Compare
        ):
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            if not re.match(r" [a-z-]+(=\w+)*|[a-z-]+( extra)? ?$", child.value):
                yield child.value
        elif not isinstance(child, nodes.TemplateData):
            yield from shown(child)


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - REPORTS))
def test_a_template_holds_no_bare_sentence(name: str) -> None:
    assert bare((CHECKOUT / "templates" / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Sign in</p>",
        "{% block title %}{{ name }} compared{% endblock %}",
        "<img alt='The photo'>",
        '<button aria-label="Zoom {{ way }}">',
        "<meta name=description content='Faces'>",
        "{{ 'Error: ' if problem }}",
        "<p>{{ _('One') }} and more</p>",
    ],
)
def test_a_bare_sentence_is_seen(source: str) -> None:
    assert bare(source)
