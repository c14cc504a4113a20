"""A call of several Chromium tabs that crosses over, and what each of them saw."""

import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser

from benchmarks.browser.tile_report import TileReport, passage_of
from benchmarks.browser.visitor import Visitor
from benchmarks.passage import Mode, Passage

PICTURE: Final = "picture=160x120@15"
"""Small pictures: it is the hand-over that is looked at, and not the encoder."""

FRAME_INTERVAL: Final = 1 / 15
PATIENCE: Final = 60.0
KEPT: Final = 5.0
"""Seconds before the end of a hand-over that may belong to what comes before the next."""


_HERE: Final = Path(__file__).parent
TILES: Final = (_HERE / "tiles.js").read_text()
TRAFFIC: Final = (_HERE / "traffic.js").read_text()

_SEES: Final = """([mode, others]) => {
  const room = window.crossover?.room();
  if (!room || room.mode !== mode || room.members.length !== others + 1) return false;
  const now = performance.timeOrigin + performance.now();
  return room.members.every(({ id }) => {
    const last = __tiles.frames[id]?.at(-1);
    return id === room.memberId || (last && last[1] === mode && now - last[0] < 500);
  });
}"""
_BLIND: Final = """() => {
  const room = window.crossover?.room();
  const now = performance.timeOrigin + performance.now();
  const words = __tiles.words.slice(-4).map(({ type, generation }) => `${type} ${generation}`);
  return room
    ? room.members.filter(({ id }) => id !== room.memberId).map(({ name, id }) => {
        const last = __tiles.frames[id]?.at(-1);
        return last ? `${name} by ${last[1]} ${Math.round(now - last[0])} ms ago` : `no ${name}`;
      }).join(', ') + ` in mode ${room.mode} after ${words.join(', ')}`
    : 'no room';
}"""


class Stuck(Exception):  # noqa: N818 - reads as what happened
    """What had to happen did not; the message says how things stand."""


class Guest(Visitor):
    """One of a meeting, whose tiles are watched."""

    def __init__(self, browser: Browser, name: str) -> None:
        super().__init__(browser, name, TILES)
        self.name = name

    @property
    def member_id(self) -> str:
        """In the room."""
        return str(self.page.evaluate("() => window.crossover.room().memberId"))

    def sees(self, mode: Mode, others: int) -> bool:
        """Whether the room is in this mode, and so many others are seen by it."""
        return bool(self.page.evaluate(_SEES, [mode, others]))

    def report(self, since: float) -> TileReport:
        """What has been seen since so many seconds; what is older is forgotten."""
        answer = self.page.evaluate("(since) => __tiles.since(since)", since * 1000)
        return TileReport.parse(answer)

    def hear_traffic(self) -> None:
        """Count what the others say."""
        self.page.evaluate(TRAFFIC)

    def begin_traffic(self, per_second: int) -> None:
        """Say something so often."""
        self.page.evaluate("(rate) => __traffic.begin(rate)", per_second)

    def end_traffic(self) -> tuple[str, int]:
        """Fall silent; by which name, and how often, something was said."""
        ended = self.page.evaluate("() => __traffic.end()")
        return ended["who"], ended["sent"]

    def heard(self) -> dict[str, dict[str, Any]]:
        """What was heard, by the names of those who said it."""
        heard: dict[str, dict[str, Any]] = self.page.evaluate("() => __traffic.heard")
        return heard


class Meeting:
    """People in one room, and an empty chair for one more.

    Attributes:
        people: those who stay.
        latecomer: comes and goes.
    """

    def __init__(self, browser: Browser, url: str, count: int) -> None:
        self.people = [Guest(browser, f"Person {number + 1}") for number in range(count)]
        self.latecomer = Guest(browser, f"Person {count + 1}")
        self._url = url
        self._address = ""
        self._begun = time.time()  # noqa: TID251 - compared with the pages' clocks

    def open(self) -> None:
        """Everybody but the latecomer enters."""
        host, *others = self.people
        self._address = host.open_room(f"{self._url}/?{PICTURE}").partition("?")[0]
        for guest in others:
            guest.enter(f"{self._address}?{PICTURE}")
        self.until("mesh", self.people)

    def grow(self) -> None:
        """The latecomer enters, and the room crosses over to the SFU."""
        self.latecomer.enter(f"{self._address}?{PICTURE}")
        self.until("sfu", [*self.people, self.latecomer])

    def shrink(self) -> None:
        """The latecomer leaves, and the room returns to a mesh."""
        self.latecomer.leave()
        self.until("mesh", self.people)

    def listen(self) -> None:
        """Measure sound as well as pictures."""
        for guest in self.people:
            guest.page.evaluate("() => __tiles.listen(500)")

    def wait(self, seconds: float) -> None:
        """Let the call go on."""
        self.people[0].page.wait_for_timeout(1000 * seconds)

    def until(self, mode: Mode, people: list[Guest]) -> None:
        """Wait until exactly these are in the room, in a mode, and everybody sees everybody by it.

        Raises:
            Stuck: that does not come to be.
        """
        deadline = time.monotonic() + PATIENCE
        for guest in people:
            while not guest.sees(mode, len(people) - 1):
                if time.monotonic() > deadline:
                    seen = guest.page.evaluate(_BLIND)
                    raise Stuck(f"{guest.name} does not see everybody by {mode}: {seen}")
                guest.page.wait_for_timeout(100)

    def passage(self, mode: Mode) -> tuple[Passage, dict[str, TileReport], dict[str, str]]:
        """The last hand-over as those saw it who stay; their reports, and ids, by name."""
        reports = {guest.name: guest.report(self._begun) for guest in self.people}
        ids = {guest.name: guest.member_id for guest in self.people}
        passage = passage_of(reports, ids, mode)
        self._begun = passage.window.end - KEPT
        return passage, reports, ids
