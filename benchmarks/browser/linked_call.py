"""A call through the SFU in real Chromium, each person behind a link of its own."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from playwright.sync_api import Browser, Error, Playwright, ViewportSize, sync_playwright

from benchmarks import metering, processes
from benchmarks.browser.link_report import LinkReport
from benchmarks.browser.visitor import FLAGS, Visitor, chromium
from benchmarks.control_tap import Ask, Tap, tapped
from benchmarks.emulation.network import SERVER, Network, network
from benchmarks.emulation.plan import Plan
from benchmarks.passage import Mode
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.processes import Server
from benchmarks.relay_server import Transport, relay_server
from sfu.control.messages import OpenRouter, TellStatistics

PICTURE: Final = "picture=960x540@15"
"""The smallest that Chromium sends in three sizes, at half the usual frames: two cores carry it."""

VIEWPORT: Final[ViewportSize] = {"width": 1640, "height": 960}
"""So that two tiles beside each other are worth the largest size."""

PATIENCE: Final = 40.0
SAMPLES_EVERY: Final = 250
"""Milliseconds between two readings of getStats."""

_SCRIPT: Final = (Path(__file__).parent / "link_watch.js").read_text()

_SETTINGS: Final = {
    "CROSSOVER_WORKERS": "1",
    "CROSSOVER_SFU_HOST": "0.0.0.0",
    "CROSSOVER_SFU_PORT": "0",
    "CROSSOVER_ANNOUNCED_IPS": SERVER,
    "CROSSOVER_LIMITED_FROM": "0",
    "CROSSOVER_EMPTY_ROOM_TTL": "60",
}


class NotConnected(Exception):  # noqa: N818 - an outcome
    """Somebody did not get the picture that was to be got; the message says who."""


@dataclass(frozen=True)
class Person:
    """One of a call.

    Attributes:
        plan: of the link; None: on the server's machine, without one.
        film: what the camera shows, a file; None: camera and microphone are off.
        query: of the page's address, besides the picture's size.
    """

    name: str
    plan: Plan | None = None
    film: Path | None = None
    query: str = ""


@dataclass
class Call:
    """People who are to meet, and what is known of them.

    Attributes:
        joined_at: Unix seconds when each pressed the button.
        server: that they meet at.
        tap: what signaling and the worker say.
        networks: of those who have one.
        begun: Unix seconds when the plans began; 0 before.
        cpu: of a core, of the server since then.
        reports: what each page has seen, once collected.
        members: ids, by name.
    """

    server: Server
    tap: Tap
    address: str
    networks: Mapping[str, Network]
    visitors: Mapping[str, Visitor]
    people: Mapping[str, Person]
    joined_at: dict[str, float] = field(default_factory=dict)
    begun: float = 0.0
    cpu: float = 0.0
    reports: dict[str, LinkReport] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)

    def join(self, name: str) -> None:
        """Enter the room, and be watched from then on."""
        person, visitor = self.people[name], self.visitors[name]
        page = visitor.page
        page.goto(f"{self.address}?{PICTURE}{person.query}")
        page.get_by_test_id("name").fill(name)
        page.wait_for_timeout(1000)
        for device in ("toggle-camera", "toggle-microphone") if person.film is None else ():
            page.get_by_test_id(device).click()
        self.joined_at[name] = _now()
        page.get_by_test_id("join").click()
        page.get_by_test_id("leave").wait_for(timeout=1000 * PATIENCE)
        self.members[name] = page.evaluate("() => window.crossover.room().memberId")
        page.evaluate("(ms) => { __link.listen(ms); }", SAMPLES_EVERY)

    def until_seen(self, name: str, height: int = 1, patience: float = PATIENCE) -> float:
        """Wait until somebody sees a picture at least so high; Unix seconds of its first frame.

        Raises:
            NotConnected: that does not happen.
        """
        deadline = time.monotonic() + patience
        page = self.visitors[name].page
        while time.monotonic() < deadline:
            at = page.evaluate(_FIRST_OF, height)
            if at is not None:
                return float(at) / 1000
            page.wait_for_timeout(100)
        raise NotConnected(f"{name} saw no picture {height} lines high within {patience:.0f} s")

    def begin(self) -> None:
        """All plans begin now."""
        for one in self.networks.values():
            one.begin()
        self.begun = _now()
        self.cpu = -metering.cpu_time(self.server.pid).ran / 1e9

    def since(self) -> float:
        """Seconds since the plans began."""
        return _now() - self.begun

    def wait(self, seconds: float) -> None:
        """Let the call go on."""
        next(iter(self.visitors.values())).page.wait_for_timeout(1000 * seconds)

    def collect(self) -> None:
        """Read what all pages have seen."""
        if self.begun:
            spent = self.cpu + metering.cpu_time(self.server.pid).ran / 1e9
            self.cpu = spent / (_now() - self.begun)
        for name, visitor in self.visitors.items():
            told = visitor.page.evaluate(_TOLD)
            self.reports[name] = msgspec.convert(told, LinkReport, strict=False)


_FIRST_OF: Final = """(height) => {
  for (const frames of Object.values(__link.frames)) {
    const found = frames.find(([, high]) => high >= height);
    if (found) return found[0];
  }
  return null;
}"""

_TOLD: Final = "() => ({frames: __link.frames, samples: __link.samples, states: __link.states})"


@contextlib.contextmanager
def linked_call(
    people: Sequence[Person], mode: Mode = "sfu", relay: Transport | None = None
) -> Iterator[Call]:
    """A server, its room, and people at its door, each in a browser of its own.

    Args:
        people: who are to meet.
        mode: how the room's media travels.
        relay: what carries the TURN server's connections that the server offers; None: it has none.

    Raises:
        NoNetwork: links cannot be had here.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossover-call-")))
        networks = {
            one.name: stack.enter_context(network(one.plan))
            for one in people
            if one.plan is not None
        }
        core = metering.cores()[0]
        settings = dict(_SETTINGS)
        if relay is not None:
            settings |= stack.enter_context(relay_server(SERVER)).settings(relay)
        serving = processes.crossover(core, host=SERVER, **settings)
        server = stack.enter_context(serving)
        tap = stack.enter_context(tapped(_control_socket(server), _questions))
        address = f"{server.url}/r/{asyncio.run(_room(server.url, mode))}"
        playwright = stack.enter_context(sync_playwright())
        visitors = {}
        for one in people:
            browser = _browser(playwright, folder, networks.get(one.name), one.film, server.url)
            stack.callback(_close, browser)
            visitors[one.name] = Visitor(browser, one.name, _SCRIPT)
            visitors[one.name].page.set_viewport_size(VIEWPORT)
        by_name = {one.name: one for one in people}
        yield Call(server, tap, address, networks, visitors, by_name)


def _control_socket(server: Server) -> Path:
    """The worker's; raises ``NotConnected`` if there is none."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for found in server.log.parent.glob("**/worker-*.sock"):
            return found
        time.sleep(0.05)
    raise NotConnected(f"the SFU worker did not start:\n{server.log.read_text()[-2000:]}")


def _questions(tap: Tap) -> list[Ask]:
    """How the call's transports are."""
    opened = tap.commanded(OpenRouter)
    if not opened:
        return []
    router_id = opened[-1].router_id
    return [lambda request: TellStatistics(request=request, router_id=router_id)]


def _browser(
    playwright: Playwright, folder: Path, home: Network | None, film: Path | None, url: str
) -> Browser:
    program = chromium()
    if home is not None:
        program = str(home.launcher(folder, program))
    # The page's address is none that browsers trust with a camera, nor is the relay's certificate.
    trusted = [f"--unsafely-treat-insecure-origin-as-secure={url}", "--ignore-certificate-errors"]
    shown = [] if film is None else [f"--use-file-for-fake-video-capture={film}"]
    return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *trusted, *shown])


def _close(browser: Browser) -> None:
    with contextlib.suppress(Error):
        browser.close()


async def _room(url: str, mode: Mode) -> str:
    """An empty room whose media goes so."""
    member = await RoomMember.create(url, "a room", "Nobody", mode)
    await member.leave()
    return member.room_id


def _now() -> float:
    return time.time()  # noqa: TID251 - compared with the pages' clocks
