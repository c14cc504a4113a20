"""Metric families in one line each. Names and units as Prometheus wants them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from sfu.control.figures import Spread

Labels: TypeAlias = tuple[str, ...]


def counter(name: str, help: str, value: float) -> Metric:
    """What only grows; ``_total`` is added to its name."""
    return CounterMetricFamily(name, help, value=value)


def gauge(name: str, help: str, value: float) -> Metric:
    """What is so at this moment."""
    return GaugeMetricFamily(name, help, value=value)


def counters(name: str, help: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """A counter for each combination of label values."""
    family = CounterMetricFamily(name, help, labels=labels)
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family


def gauges(name: str, help: str, labels: Labels, values: Mapping[Labels, float]) -> Metric:
    """A gauge for each combination of label values."""
    family = GaugeMetricFamily(name, help, labels=labels)
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family


def histograms(
    name: str,
    help: str,
    labels: Labels,
    bounds: Sequence[float],
    spreads: Iterable[tuple[Labels, Spread]],
) -> Metric:
    """A histogram for each combination of label values; spreads without counts are left out."""
    family = HistogramMetricFamily(name, help, labels=labels)
    limits = [*(f"{float(bound)}" for bound in bounds), "+Inf"]
    for label_values, spread in spreads:
        if len(spread.counts) == len(limits):
            buckets = list(zip(limits, accumulate(spread.counts), strict=True))
            family.add_metric(label_values, buckets, spread.total)
    return family
