"""A scraper that notes which metrics have moved."""

import asyncio
import time
from typing import TypeAlias

from tests.support.exposition import values
from tests.support.promql import Selector, parse
from tests.support.server import Server

Key: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]

PATIENCE = 20.0
GLANCE = 0.1


class Scraper:
    """Looks at a server's metrics now and then.

    Attributes:
        latest: What was told last.
        moved: Samples that have changed since the first look; those without a beginning, too.
    """

    def __init__(self, server: Server, token: str = "") -> None:
        assert server.metrics is not None
        self._server = server
        self._url = f"http://127.0.0.1:{server.metrics.port}/metrics"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._first: dict[Key, float] | None = None
        self.latest: dict[Key, float] = {}
        self.moved: set[Key] = set()

    async def look(self) -> None:
        async with self._server.http.get(self._url, headers=self._headers) as answer:
            assert answer.status == 200
            self.latest = values(await answer.text())
        if self._first is None:
            self._first = self.latest
        changed = {key for key, value in self.latest.items() if self._first.get(key, 0.0) != value}
        self.moved |= changed

    async def until_moved(self, *queries: str) -> None:
        """Looks until every one of these has moved: a name, perhaps with labels."""
        wanted = [parse(query).selectors[0] for query in queries]
        deadline = time.monotonic() + PATIENCE
        while left := [one for one in wanted if not self.has_moved(one)]:
            assert time.monotonic() < deadline, f"have not moved: {left}"
            await asyncio.sleep(GLANCE)
            await self.look()

    async def until_is(self, name: str, value: float) -> None:
        """Looks until a metric has this value."""
        deadline = time.monotonic() + PATIENCE
        await self.look()
        while self.value(name) != value:
            assert time.monotonic() < deadline, f"{name} is {self.value(name)}, not {value}"
            await asyncio.sleep(GLANCE)
            await self.look()

    def has_moved(self, selector: Selector) -> bool:
        asked = {(label, value) for label, _, value in selector.matchers}
        return any(name == selector.metric and asked <= set(labels) for name, labels in self.moved)

    def value(self, name: str, **labels: str) -> float:
        """Of all samples with these labels together."""
        asked = set(labels.items())
        found = [v for (n, have), v in self.latest.items() if n == name and asked <= set(have)]
        assert found, name
        return sum(found)
