"""What the dashboard and the alerts ask for is there: metrics, labels, and values of labels."""

import re
import shutil
import subprocess
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from tests.support.exposition import Known, known
from tests.support.promql import parse
from tests.support.queries import (
    ALERTS,
    DEPLOY,
    PROMETHEUS,
    alert_queries,
    dashboard,
    panel_queries,
    panels,
    rules,
)

BY_PROMETHEUS = {"job", "instance"}
"""Labels that every metric gets when it is scraped."""

METRICS = {**known(), "up": Known()}
"""``up`` is Prometheus' own: whether a target answers."""

PANELS = [
    pytest.param(query, id=f"{title}-{n}") for n, (title, query) in enumerate(panel_queries())
]
RULES = [pytest.param(query, id=name) for name, query in alert_queries()]


@pytest.mark.parametrize("query", PANELS + RULES)
def test_every_query_names_what_is_there(query: str) -> None:
    found = parse(query)
    assert found.selectors, "a query that asks for nothing"
    labels = set(BY_PROMETHEUS)
    for selector in found.selectors:
        assert selector.metric in METRICS
        metric = METRICS[selector.metric]
        labels |= metric.labels
        for label, operator, value in selector.matchers:
            assert label in metric.labels | BY_PROMETHEUS
            if label not in BY_PROMETHEUS and value != ".*":
                wanted = value.split("|") if "~" in operator else [value]
                assert set(wanted) <= metric.values[label]
    assert found.labels <= labels


def test_buckets_are_asked_by_their_bounds() -> None:
    for query in [query for _, query in (*panel_queries(), *alert_queries())]:
        for selector in parse(query).selectors:
            if selector.metric.endswith("_bucket"):
                assert "le" in parse(query).labels, query


def test_counters_are_asked_for_their_growth() -> None:
    for query in [query for _, query in (*panel_queries(), *alert_queries())]:
        for name in re.findall(r"\b(\w+_(?:total|bucket|sum|count))\b(?=[\[{])", query):
            before = query[: query.index(name)]
            assert before.endswith(("rate(", "increase(")), query


def test_dashboard_shows_every_metric_of_ours() -> None:
    shown = {one.metric for _, query in panel_queries() for one in parse(query).selectors}
    ours = {name for name in METRICS if name.startswith("crossover_")}
    histograms = {name.removesuffix("_bucket") for name in ours if name.endswith("_bucket")}
    plain = {name for name in ours if not name.startswith(tuple(f"{h}_" for h in histograms))}
    assert plain <= shown
    assert {f"{histogram}_bucket" for histogram in histograms} <= shown


# ---- Grafana -----------------------------------------------------------------------------


def test_panels_are_whole_and_have_their_places() -> None:
    everything = dashboard()["panels"]
    assert len({panel["id"] for panel in everything}) == len(everything)
    assert all(panel["title"] and panel["targets"] for panel in panels())
    assert all(target["legendFormat"] for panel in panels() for target in panel["targets"])
    for one, other in combinations((panel["gridPos"] for panel in everything), 2):
        assert _apart(one, other), f"{one} and {other}"
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in everything)


def _apart(one: dict[str, int], other: dict[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return beside or below


def test_variables_that_are_used_are_there() -> None:
    there = {variable["name"] for variable in dashboard()["templating"]["list"]}
    text = str(dashboard())
    used = set(re.findall(r"\$\{?([a-z]\w*)", text))
    assert used == there


def test_legends_name_labels_that_are_left() -> None:
    for panel in panels():
        for target in panel["targets"]:
            found = parse(target["expr"].replace("$__rate_interval", "1m"))
            labels = found.labels or set().union(
                *(METRICS[one.metric].labels for one in found.selectors)
            )
            named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert named <= labels | BY_PROMETHEUS, panel["title"]


@pytest.mark.parametrize("path", sorted((DEPLOY / "grafana" / "provisioning").rglob("*.yml")))
def test_provisioning_is_yaml_of_version_one(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["apiVersion"] == 1


# ---- Prometheus --------------------------------------------------------------------------


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert len(rule["annotations"]["description"]) > 40


def test_annotations_name_labels_that_are_left() -> None:
    for rule in rules():
        found = parse(rule["expr"])
        labels = found.labels or set().union(
            *(METRICS[one.metric].labels for one in found.selectors)
        )
        named = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert named <= labels | BY_PROMETHEUS, rule["alert"]


def test_settings_that_are_named_exist() -> None:
    from signaling.config import SETTINGS

    names = {variable for setting in SETTINGS for variable in setting.variables}
    for path in (ALERTS, PROMETHEUS):
        for name in re.findall(r"\bCROSSOVER_[A-Z_]+\b", path.read_text(encoding="utf-8")):
            assert name in names, f"{name} in {path.name}"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Debian's package prometheus")
@pytest.mark.parametrize(("what", "path"), [("config", PROMETHEUS), ("rules", ALERTS)])
def test_prometheus_takes_its_files(what: str, path: Path) -> None:
    done = subprocess.run(
        ["promtool", "check", what, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
