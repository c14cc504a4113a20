"""The queries of the files in ``deploy/``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
DASHBOARD = DEPLOY / "grafana" / "crossover.json"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
PROMETHEUS = DEPLOY / "prometheus" / "prometheus.yml"


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def panels() -> list[dict[str, Any]]:
    """All that show something."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def rules() -> list[dict[str, Any]]:
    """All alerts."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def filled_in(query: str) -> str:
    """A panel's query as Grafana sends it."""
    return query.replace("$__rate_interval", "1m").replace("$worker", ".*")


def panel_queries() -> Iterator[tuple[str, str]]:
    """Title of the panel, query."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], filled_in(target["expr"])


def alert_queries() -> Iterator[tuple[str, str]]:
    """Name of the alert, query."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
