"""The dashboard and the alerts ask for metrics, labels and values that the server gives."""

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.dockerfile import CHECKOUT
from tests.samples import encoded, grace_hopper
from tests.web.fakes import FakeDetector, registry_of
from webapp.app import create_app
from webapp.services import services
from webapp.settings import Settings
from webapp.web.errors import STATUS, problem_of_status

DASHBOARD = CHECKOUT / "deploy" / "grafana.json"
ALERTS = CHECKOUT / "deploy" / "alerts.yaml"
OUTCOMES = {"done", "failed", "lost"}
PROMETHEUS_OWN = {"instance", "job", "le", "pid"}  # pid: where several processes are added up


def expressions() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), secret_key="k" * 32)
    return create_app(
        settings, registry=registry_of(FakeDetector("mtcnn", ((0.3, 0.2, 0.3, 0.3),)))
    )


@pytest.fixture(scope="module")
def given(app: Flask) -> dict[str, dict[str, set[str]]]:
    """Names of samples, each with its labels and their values, of a server that was used."""
    client = app.test_client()
    photo = encoded(grace_hopper())
    client.post("/api/v1/analyses", data=photo, content_type="image/jpeg")
    client.post("/api/v1/analyses", data={"photo": (io.BytesIO(b"x"), "a.jpg")})
    services(app).metrics.album_photo("done")
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            for label, value in {"": "", **sample.labels}.items():
                found[sample.name][label].add(value)
    return found


@pytest.mark.parametrize("expression", list(expressions()))
def test_whatever_is_asked_for_is_given(
    expression: str, given: dict[str, dict[str, set[str]]]
) -> None:
    names = set(re.findall(r"\bagelens_\w+", expression))
    assert names <= set(given)
    labels = set(re.findall(r"[{,]\s*(\w+)\s*=", expression))
    for grouped in re.findall(r"(?:by|on) \(([^)]*)\)", expression):
        labels |= {label.strip() for label in grouped.split(",")}
    known = {label for name in names for label in given[name]} | PROMETHEUS_OWN
    assert labels <= known


def test_the_values_in_alerts_exist(app: Flask) -> None:
    codes = {kind.code for kind in STATUS} | {problem_of_status(500).code}  # type: ignore[attr-defined]
    known = {"code": codes, "outcome": OUTCOMES, "endpoint": set(app.view_functions)}
    for expression in expressions():
        for label, values in re.findall(r'(code|outcome|endpoint)=~?"([^"]*)"', expression):
            assert set(values.split("|")) <= known[label]


def test_every_metric_of_agelens_is_on_the_dashboard(given: dict[str, dict[str, set[str]]]) -> None:
    text = DASHBOARD.read_text()
    for name in given:
        if name.startswith("agelens_") and not name.endswith(("_created", "_sum", "_count")):
            assert name in text, name


def test_alerts_say_what_is_wrong_and_what_to_do() -> None:
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            assert set(rule["annotations"]) == {"summary", "description"}
            assert all(text.endswith(".") for text in rule["annotations"].values())
            assert rule["labels"]["severity"] in ("warning", "critical")


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(Path(DASHBOARD).read_text())["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
