"""What a call costs people in real Chromium, in the mesh and through the SFU, by getStats."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec
from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks import metering
from benchmarks.browser.visitor import Visitor, launch
from benchmarks.load.comparison import Usage
from benchmarks.passage import Mode
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.processes import Server
from benchmarks.traffic import IPV4_UDP_BYTES

PICTURE: Final = "picture=160x120@15"
"""Small pictures, so that six encoders and decoders of each tab have room on two cores."""

SRTP_TAG_BYTES: Final = 16
"""Of AES-GCM, which Chromium offers first and both it and the SFU take."""

PATIENCE: Final = 60.0
SETTLE: Final = 4.0
"""Seconds in which the rates of encoders come to rest."""

_SCRIPT: Final = (Path(__file__).parent / "connections.js").read_text()


class Count(msgspec.Struct, frozen=True):
    """Bytes and packets as getStats counts them.

    Attributes:
        octets: of payload (RTP) or of all that a transport carried.
        headers: bytes of RTP headers, extensions and padding included.
        packets: RTP packets, or datagrams.
    """

    octets: int
    headers: int
    packets: int

    def wire_octets(self) -> int:
        """Bytes of RTP packets on the wire: with SRTP tags, UDP and IPv4."""
        return self.octets + self.headers + self.packets * (SRTP_TAG_BYTES + IPV4_UDP_BYTES)

    def datagram_octets(self) -> int:
        """Bytes of a transport's datagrams on the wire: with UDP and IPv4."""
        return self.octets + self.packets * IPV4_UDP_BYTES


class Ways(msgspec.Struct, frozen=True):
    """Both directions."""

    sent: Count
    received: Count


class Reading(msgspec.Struct, frozen=True):
    """What a page has counted; see ``connections.js``."""

    at: float
    connections: int
    media: Ways
    transport: Ways
    pictures: int


@dataclass(frozen=True)
class Called:
    """A call of so many people, for some seconds.

    Attributes:
        uploads: of each user.
        downloads: the same.
        connections: of a user, at most.
        browser_cpu: of a core, of one user: everything that Chromium runs, divided by the people.
        server_cpu: of a core.
    """

    mode: Mode
    people: int
    uploads: list[Usage]
    downloads: list[Usage]
    connections: int
    browser_cpu: float
    server_cpu: float


class Failed(Exception):  # noqa: N818 - an outcome
    """A call did not come about; the message says why."""


def call(server: Server, mode: Mode, people: int, seconds: float) -> Called:
    """Have people meet in tabs, and look at what their connections carry.

    Args:
        server: that keeps empty rooms for a minute.
        mode: to which the room is pinned.
        people: tabs, 2 or more.
        seconds: that are measured.

    Raises:
        Failed: they did not come to see each other.
    """
    room_id = asyncio.run(_pinned_room(server.url, mode))
    address = f"{server.url}/r/{room_id}?{PICTURE}"
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            visitors = _enter(browser, address, people)
            _until_all_see(visitors, mode)
            return _count([visitor.page for visitor in visitors], server, mode, seconds)
        except Error as error:
            raise Failed(f"Chromium: {error}") from error
        finally:
            browser.close()


def _enter(browser: Browser, address: str, people: int) -> list[Visitor]:
    visitors = [Visitor(browser, f"Person {number + 1}", _SCRIPT) for number in range(people)]
    for number, visitor in enumerate(visitors):
        visitor.page.goto(address)
        visitor.page.get_by_test_id("name").fill(f"Person {number + 1}")
        visitor.page.get_by_test_id("join").click()
    return visitors


def _count(pages: list[Page], server: Server, mode: Mode, seconds: float) -> Called:
    people = len(pages)
    pages[0].wait_for_timeout(1000 * SETTLE)
    ours, service, begun = _cpu(), metering.cpu_time(server.pid).ran, time.monotonic()
    before = [_read(page) for page in pages]
    pages[0].wait_for_timeout(1000 * seconds)
    after = [_read(page) for page in pages]
    passed = 1e9 * (time.monotonic() - begun)
    ours, service = _cpu() - ours, metering.cpu_time(server.pid).ran - service
    pairs = list(zip(before, after, strict=True))
    return Called(
        mode=mode,
        people=people,
        uploads=[sent(one, two) for one, two in pairs],
        downloads=[received(one, two) for one, two in pairs],
        connections=max(one.connections for one in after),
        # Chromium and the server are what this program has started.
        browser_cpu=(ours - service) / passed / people,
        server_cpu=service / passed,
    )


async def _pinned_room(url: str, mode: Mode) -> str:
    """A room of a mode, empty, whose creator has left; the server has to keep it for a while."""
    member = await RoomMember.create(url, "a room", "Nobody", mode)
    await member.leave()
    return member.room_id


def _until_all_see(visitors: list[Visitor], mode: Mode) -> None:
    deadline = time.monotonic() + PATIENCE
    for visitor in visitors:
        while True:
            found = visitor.page.evaluate("() => window.crossover.room()?.mode ?? null")
            pictures = _read(visitor.page).pictures
            if found == mode and pictures >= len(visitors) - 1:
                break
            if time.monotonic() > deadline:
                others = len(visitors) - 1
                raise Failed(f"{pictures} of {others} pictures in mode {found}, for {mode}")
            visitor.page.wait_for_timeout(200)


def _read(page: Page) -> Reading:
    return msgspec.convert(page.evaluate("() => __usage()"), Reading)


def _cpu() -> int:
    """Nanoseconds of this program's descendants, without itself."""
    pid = os.getpid()
    return metering.cpu_time(pid).ran - time.process_time_ns()


# ---- arithmetic ----------------------------------------------------------------------------------


def sent(before: Reading, after: Reading) -> Usage:
    """What one page has sent a second between two readings."""
    return _usage(before, after, before.media.sent, after.media.sent, "sent")


def received(before: Reading, after: Reading) -> Usage:
    """What one page has received a second between two readings."""
    return _usage(before, after, before.media.received, after.media.received, "received")


def _usage(
    before: Reading,
    after: Reading,
    media_before: Count,
    media_after: Count,
    direction: Literal["sent", "received"],
) -> Usage:
    seconds = (after.at - before.at) / 1000
    carried: Count = getattr(after.transport, direction)
    carried_before: Count = getattr(before.transport, direction)
    media = media_after.wire_octets() - media_before.wire_octets()
    total = carried.datagram_octets() - carried_before.datagram_octets()
    return Usage(
        media=8 * media / seconds,
        packets=(media_after.packets - media_before.packets) / seconds,
        beside=8 * (total - media) / seconds,
    )
