"""Calls whose media passes coturn and nothing else: the networks that let only that through.

`?ice=relay` in the page's address forbids any other way; coturn runs with the file that
`crossover coturn` writes, and loopback allowed besides. Needs Debian's coturn.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.conftest import FLAGS, PROBE, chromium
from tests.browser.people import Person, each_sees_each
from tests.support.coturn import Coturn, needs_coturn
from tests.support.server_process import ServerProcess

pytestmark = needs_coturn

RELAYS = """async () => {
  const found = [];
  for (const connection of __probe.live()) {
    const reports = await __probe.reports(connection);
    const by = (id) => reports.find((one) => one.id === id);
    const transport = reports.find((one) => one.type === 'transport');
    const pair = by(transport?.selectedCandidatePairId);
    if (!pair) continue;
    const local = by(pair.localCandidateId);
    const remote = by(pair.remoteCandidateId);
    found.push({
      type: local.candidateType,
      protocol: local.relayProtocol,
      url: local.url,
      remote: remote.candidateType,
      received: pair.bytesReceived,
      sent: pair.bytesSent,
    });
  }
  return found;
}"""
"""The selected candidate pair of every live connection."""


@pytest.fixture(scope="module")
def trusting(playwright: Playwright) -> Iterator[Browser]:
    """A browser that takes coturn's certificate, which signs itself, for good."""
    launched = playwright.chromium.launch(
        executable_path=chromium(), args=[*FLAGS, "--ignore-certificate-errors"]
    )
    yield launched
    launched.close()


@pytest.fixture
def coturn(tmp_path: Path) -> Iterator[Coturn]:
    folder = tmp_path / "coturn"
    folder.mkdir()
    running = Coturn(folder)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def serve(tmp_path: Path, coturn: Coturn) -> Iterator[Callable[..., ServerProcess]]:
    """Starts a server that offers one of coturn's ports only."""
    started: list[ServerProcess] = []

    def start(transport: str, **settings: str) -> ServerProcess:
        running = ServerProcess(
            tmp_path, **{**coturn.variables, "TURN_SERVERS": coturn.urls[transport], **settings}
        )
        started.append(running)
        running.start()
        return running

    yield start
    for running in started:
        running.stop()
        assert running.complaints() == []


@pytest.fixture
def people(trusting: Browser) -> Iterator[list[Person]]:
    made = [Person(trusting, PROBE, name) for name in ("Ada", "Grace")]
    yield made
    for person in made:
        person.close()


def relays(person: Person) -> list[dict[str, Any]]:
    return list(person.page.evaluate(RELAYS))


def expect_relayed(person: Person, transport: str, remote: str, url: str) -> None:
    """All of a person's connections go through coturn, over this transport, and carry media."""
    person.expect_flowing()
    found = relays(person)
    assert found
    for one in found:
        assert (one["type"], one["protocol"], one["remote"]) == ("relay", transport, remote)
        assert one["url"].partition("?")[0] == url.partition("?")[0]
        assert one["sent"] > 0


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_mesh_through_the_relay(
    serve: Callable[..., ServerProcess], people: list[Person], coturn: Coturn, transport: str
) -> None:
    server = serve(transport)
    ada, grace = people
    grace.join(ada.open_room(f"{server.url}?ice=relay").partition("?")[0] + "?ice=relay")
    each_sees_each(people)
    for one in people:
        badge = one.page.get_by_test_id("mode-badge")
        expect(badge).to_have_attribute("data-mode", "mesh")
        expect_relayed(one, transport, "relay", coturn.urls[transport])
        assert one.page.evaluate("() => __probe.live().length") == 1


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_the_sfu_through_the_relay(
    serve: Callable[..., ServerProcess], people: list[Person], coturn: Coturn, transport: str
) -> None:
    server = serve(
        transport,
        CROSSOVER_WORKERS="1",
        CROSSOVER_SFU_PORT="0",
        CROSSOVER_SFU_HOST="127.0.0.1",
        CROSSOVER_ANNOUNCED_IPS="127.0.0.1",
    )
    ada, grace = people
    address = ada.open_room(f"{server.url}?ice=relay", through_server=True)
    grace.join(address.partition("?")[0] + "?ice=relay")
    each_sees_each(people)
    for one in people:
        badge = one.page.get_by_test_id("mode-badge")
        expect(badge).to_have_attribute("data-mode", "sfu")
        expect_relayed(one, transport, "host", coturn.urls[transport])
        assert one.page.evaluate("() => __probe.live().length") == 2


def test_without_the_option_media_goes_the_short_way(
    serve: Callable[..., ServerProcess], people: list[Person]
) -> None:
    server = serve("udp")
    ada, grace = people
    grace.join(ada.open_room(server.url))
    each_sees_each(people)
    for one in people:
        (pair,) = relays(one)
        assert pair["type"] in {"host", "prflx"}
