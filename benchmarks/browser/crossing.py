"""What Chromium tabs are made to do: cross over and back, and talk meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import Error, sync_playwright

from benchmarks.browser.meeting import Guest, Meeting, Stuck
from benchmarks.browser.tile_report import Unseen, concealments
from benchmarks.browser.visitor import launch
from benchmarks.neighbours import Neighbours
from benchmarks.passage import Mode, Passage
from benchmarks.progress import Steps

QUIET: Final = 4.0
"""Seconds between two hand-overs: the second half is what the next is compared with."""

PER_SECOND: Final = 100
"""Messages of each person."""

TAIL: Final = 20.0
"""Seconds that the last messages have to arrive."""


@dataclass
class Watched:
    """Hand-overs as Chromium showed them.

    Attributes:
        passages: in turns to the SFU and back.
        concealed: seconds of voice that were made up, beyond those before, per hand-over and pair.
        wanted: hand-overs there should have been.
        others: share of the machine that other programs used meanwhile.
        fault: why there were fewer; empty if there were not.
    """

    wanted: int
    others: float = 0.0
    passages: list[Passage] = field(default_factory=list)
    concealed: list[float] = field(default_factory=list)
    fault: str = ""


def watch(url: str, people: int, rounds: int, sound: bool, steps: Steps) -> Watched:
    """One more than a mesh holds joins and leaves, so many times.

    Args:
        url: of a server where ``people`` are a mesh, and one more are not.
        people: of the mesh.
        rounds: joins.
        sound: whether to measure sound as well, which takes time from small machines.
        steps: told of each hand-over.
    """
    found = Watched(2 * rounds)

    def look(meeting: Meeting, mode: Mode) -> None:
        meeting.wait(QUIET)
        passage, reports, ids = meeting.passage(mode)
        found.passages.append(passage)
        if sound:
            found.concealed += concealments(reports, ids, passage.window)
        steps.advance()

    def rounds_of(meeting: Meeting) -> None:
        neighbours = Neighbours()
        try:
            if sound:
                meeting.listen()
            meeting.wait(QUIET)
            for _ in range(rounds):
                meeting.grow()
                look(meeting, "sfu")
                meeting.shrink()
                look(meeting, "mesh")
        finally:
            found.others = neighbours.share

    found.fault = _meet(url, people, rounds_of)
    return found


@dataclass
class Talk:
    """Reliable messages across hand-overs.

    Attributes:
        wanted: hand-overs there should have been.
        crossed: hand-overs there were.
        sent: messages, of those who stayed.
        lost: of them, those that somebody who stayed never had.
        doubled: of all messages, those that came twice.
        disordered: of all messages, those that were overtaken.
        gaps: messages of or to the latecomer that are missing between others.
        fault: why there is no more; empty if there is nothing to be said.
    """

    wanted: int
    crossed: int = 0
    sent: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    gaps: int = 0
    fault: str = ""


def talk(url: str, people: int, rounds: int, steps: Steps) -> Talk:
    """Everybody says a hundred things a second while one more joins and leaves, so many times."""
    found = Talk(2 * rounds)

    def talk_on(meeting: Meeting) -> None:
        for guest in meeting.people:
            guest.hear_traffic()
        for guest in meeting.people:
            guest.begin_traffic(PER_SECOND)
        for _ in range(rounds):
            meeting.wait(1)
            meeting.grow()
            meeting.latecomer.hear_traffic()
            meeting.latecomer.begin_traffic(PER_SECOND)
            meeting.wait(2)
            _count_latecomer(meeting.latecomer, found)
            found.crossed += 1
            steps.advance()
            meeting.shrink()
            found.crossed += 1
            steps.advance()
        meeting.wait(1)
        _count(meeting, found)

    found.fault = _meet(url, people, talk_on)
    return found


def _meet(url: str, people: int, act: Callable[[Meeting], None]) -> str:
    """Let people meet; what went wrong."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            meeting = Meeting(browser, url, people)
            meeting.open()
            act(meeting)
        except (Stuck, Unseen, Error) as error:
            return str(error)
        finally:
            browser.close()
    return ""


def _count_latecomer(latecomer: Guest, found: Talk) -> None:
    """What it has heard since it came is whole, if not complete."""
    for one in latecomer.heard().values():
        found.gaps += len(one["missing"])
        found.doubled += one["doubled"]
        found.disordered += one["late"]


def _count(meeting: Meeting, found: Talk) -> None:
    ends = {guest.name: guest.end_traffic() for guest in meeting.people}
    found.sent = sum(sent for _, sent in ends.values())
    stayed = {who for who, _ in ends.values()}
    for guest in meeting.people:
        theirs = [end for name, end in ends.items() if name != guest.name]
        _await_all(guest, theirs)
        heard = guest.heard()
        for who, sent in theirs:
            one = heard.get(who, {"first": 0, "next": 0, "missing": []})
            found.lost += one["first"] + len(one["missing"]) + sent - one["next"]
        for who, one in heard.items():
            found.doubled += one["doubled"]
            found.disordered += one["late"]
            found.gaps += 0 if who in stayed else len(one["missing"])


def _await_all(guest: Guest, ends: list[tuple[str, int]]) -> None:
    waited = 0.0
    while waited < TAIL:
        heard = guest.heard()
        if all(heard.get(who, {}).get("next") == sent for who, sent in ends):
            return
        guest.page.wait_for_timeout(100)
        waited += 0.1
