"""What Prometheus is told: everything of ours, and of this process."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from sfu.control.figures import Spread
from signaling.metrics import service, sfu
from signaling.switchboard import Switchboard


class ServiceCollector(Collector):
    """Reads the service when it is asked, and keeps nothing.

    Args:
        switchboard: Looked at, never changed.
        workers: How many there ought to be.
        version: Of the package.
        lag: Of the event loop.
    """

    def __init__(self, switchboard: Switchboard, workers: int, version: str, lag: Spread) -> None:
        self._switchboard = switchboard
        self._workers = workers
        self._version = version
        self._lag = lag

    @override
    def collect(self) -> Iterable[Metric]:
        return self._families()

    def _families(self) -> Iterator[Metric]:
        build = InfoMetricFamily("crossover_build", "What runs.")
        build.add_metric((), {"version": self._version})
        yield build
        switchboard = self._switchboard
        yield from service.collect(switchboard, self._lag)
        yield from sfu.collect(switchboard.workers, self._workers, switchboard.tally)


def registry_of(collector: ServiceCollector) -> CollectorRegistry:
    """A registry with these metrics and those of the process (``process_``, ``python_``)."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry
