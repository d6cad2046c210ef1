"""The page, the alerts and the dashboard speak of figures that there are, and of all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import promql_parser
import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from config.env import BASE_DIR
from generations.metrics import asked

pytestmark = pytest.mark.django_db
DOCS = BASE_DIR / "docs"
ALERTS = yaml.safe_load((DOCS / "monitoring/alerts.yml").read_text())
DASHBOARD = json.loads((DOCS / "monitoring/dashboard.json").read_text())
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
GRAFANAS_OWN = {"$__rate_interval": "5m"}
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


@pytest.fixture
def families(settings: Settings) -> Mapping[str, str]:
    """Every figure by its name: its kind."""
    settings.METRICS_NETWORKS = ["127.0.0.0/8"]
    asked.often.forget()
    asked.seldom.forget()
    text = Client().get("/metrics").content.decode()
    return {family.name: family.type for family in text_string_to_metric_families(text)}


def names(expression: str) -> set[str]:
    """The figures that an expression of PromQL looks at; raises ``ValueError`` where it is none."""
    for own, stands_for in GRAFANAS_OWN.items():
        expression = expression.replace(own, stands_for)
    return set(_names(promql_parser.parse(expression)))


def _names(part: Any) -> Iterator[str]:
    if isinstance(part, promql_parser.VectorSelector):
        yield str(part.name)
    for inner in ("expr", "lhs", "rhs", "vector_selector", "param"):
        if (found := getattr(part, inner, None)) is not None:
            yield from _names(found)
    for argument in getattr(part, "args", []):
        yield from _names(argument)


def test_expressions_are_read_to_the_last_figure() -> None:
    said = "topk(5, sum by (a) (rate(one{b='c'}[5m])) / (two offset 1m)) > histogram_quantile(0.9, rate(three[1m]))"
    assert names(said) == {"one", "two", "three"}
    with pytest.raises(ValueError, match="unclosed"):
        names("sum(one")


def test_alerts_and_dashboard_look_at_figures_that_there_are(families: Mapping[str, str]) -> None:
    there = {f"{name}{ending}" for name, kind in families.items() for ending in ENDINGS[kind]}
    for rule in RULES:
        assert names(rule["expr"]) <= there, rule["alert"]
    for panel in PANELS:
        for target in panel["targets"]:
            assert names(target["expr"]) <= there, panel["title"]


def test_every_figure_is_in_the_table_and_most_on_the_dashboard(families: Mapping[str, str]) -> None:
    rows = re.findall(r"^\| `(atelier_\w+)` \| (\w+) \|", (DOCS / "monitoring.md").read_text(), re.MULTILINE)
    assert dict(rows) == {f"{name}{'_total' * (kind == 'counter')}": kind for name, kind in families.items()}
    shown = {name for panel in PANELS for target in panel["targets"] for name in names(target["expr"])}
    assert len({re.sub("_(total|bucket)$", "", name) for name in shown}) >= len(families) - 3


def test_a_rule_has_what_prometheus_wants_of_it() -> None:
    assert [set(group) for group in ALERTS["groups"]] == [{"name", "rules"}]
    for rule in RULES:
        assert (
            {"alert", "expr", "labels", "annotations"} <= set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        )
        assert re.fullmatch(r"Atelier\w+", rule["alert"])
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description"}
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_the_dashboard_has_what_grafana_wants_of_it() -> None:
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= set(DASHBOARD)
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    [source] = DASHBOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == f"${{{source['name']}}}"
