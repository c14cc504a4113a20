"""Metrics as the service exposes them, on a stage or over HTTP."""

from dataclasses import dataclass, field

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from sfu.control.figures import LAG_BOUNDS, Spread
from signaling.metrics.collector import ServiceCollector, registry_of
from signaling.tally import GAP_BOUNDS, PREPARATION_BOUNDS
from tests.support.fake_worker import FakeWorker
from tests.support.figures import no_figures
from tests.support.stage import Stage

SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "gauge": ("",),
    "info": ("_info",),
}


@dataclass
class Known:
    """A name that can be asked for: its labels, and the values of each that are told at once."""

    labels: set[str] = field(default_factory=set)
    values: dict[str, set[str]] = field(default_factory=dict)


def staged() -> tuple[Stage, CollectorRegistry]:
    """A stage whose worker counts, and what is told of it."""
    stage = Stage(workers=[FakeWorker()])
    for _, worker in stage.switchboard.workers.connected():
        worker.status.figures = no_figures()
    lag = Spread.within(LAG_BOUNDS)
    return stage, registry_of(ServiceCollector(stage.switchboard, 1, "1.2.3", lag))


def known() -> dict[str, Known]:
    """Every name there is, with one hand-over behind it."""
    stage, registry = staged()
    tally = stage.switchboard.tally
    tally.gaps["sfu", "pinned"] = Spread.within(GAP_BOUNDS)
    tally.preparation["sfu"] = Spread.within(PREPARATION_BOUNDS)
    found: dict[str, Known] = {}
    for family in registry.collect():
        for suffix in SUFFIXES[family.type]:
            found[family.name + suffix] = Known()
        for sample in family.samples:
            one = found[sample.name]
            one.labels |= set(sample.labels)
            for label, value in sample.labels.items():
                one.values.setdefault(label, set()).add(value)
    return found


def families(text: str) -> list[Metric]:
    """What an answer of ``/metrics`` holds."""
    return list(text_string_to_metric_families(text))


def values(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by its name and labels, but those of histograms' buckets."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }
