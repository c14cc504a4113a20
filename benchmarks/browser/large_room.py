"""A large room: one who looks on in Chromium, everybody else synthetic."""

from dataclasses import dataclass
from typing import Final

from benchmarks.browser.link_report import Watcher, rate
from benchmarks.browser.linked_call import NotConnected, Person, linked_call
from benchmarks.browser.synthetic_people import SyntheticPeople
from benchmarks.emulation.plan import Plan
from benchmarks.gaps import Window
from sfu.control.messages import StatisticsTold

RIDS: Final = ("r0", "r1", "r2")
BITS_PER_SECOND: Final = 320_000
"""Of one camera in three sizes: synthetic pictures need no more, and all share two cores."""

ONLOOKER: Final = "Onlooker"
VIEWPORT: Final = (1024, 720)
"""In which nine tiles are some 320 by 180."""

_SETTLE: Final = 10.0


@dataclass(frozen=True)
class Crowded:
    """What one of a large room received.

    Attributes:
        shown: pictures that came, of different members.
        voices: that came.
        received: bit/s of RTP.
        needed: bit/s of the layers of what was shown, in the size of its tiles, and the voices.
        fault: why there is nothing more.
    """

    shown: int = 0
    voices: int = 0
    received: float = 0.0
    needed: float = 0.0
    fault: str = ""


def crowded(plan: Plan, others: int, most_shown: int, loudest: int, seconds: float) -> Crowded:
    """Somebody looks on in a room of ``others`` more.

    Args:
        plan: of the link.
        others: who publish.
        most_shown: pictures at a time that are needed.
        loudest: voices that are.
        seconds: that are measured.
    """
    with linked_call([Person(ONLOOKER, plan)]) as call:
        page = call.visitors[ONLOOKER].page
        page.set_viewport_size({"width": VIEWPORT[0], "height": VIEWPORT[1]})
        room_id = call.address.rpartition("/")[2]
        with SyntheticPeople(call.server.url, room_id, others, BITS_PER_SECOND, RIDS):
            call.join(ONLOOKER)
            try:
                call.wait(_SETTLE)
                call.begin()
                call.wait(seconds)
            except NotConnected as error:
                return Crowded(fault=str(error))
            call.collect()
            answers = call.tap.answered(StatisticsTold)
    if not answers:
        return Crowded(fault="the worker told nothing")
    watcher = Watcher(call.reports[ONLOOKER], call.begun)
    return arithmetic(watcher, answers[-1][1], Window(0, seconds), most_shown, loudest)


def arithmetic(
    watcher: Watcher, told: StatisticsTold, window: Window, most_shown: int, loudest: int
) -> Crowded:
    """What was received, and what is needed for it, from the page's and the server's words."""
    pictures = sorted(
        one.encodings[0].bitrate for one in told.producers if one.kind == "video" and one.encodings
    )
    voices = sorted(
        one.encodings[0].bitrate for one in told.producers if one.kind == "audio" and one.encodings
    )
    needed = sum(pictures[-most_shown:]) + sum(voices[-loudest:])
    octets = [watcher.received(kind, "octets") for kind in ("video", "audio")]
    return Crowded(
        shown=_moving(watcher, "video", window),
        voices=_moving(watcher, "audio", window),
        received=sum(rate(one, window) for one in octets),
        needed=needed,
    )


def _moving(watcher: Watcher, kind: str, window: Window) -> int:
    """Streams of a kind of which packets came in a window."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for sample in watcher.report.samples:
        at = sample.at / 1000 - watcher.zero
        for one in sample.inbound:
            if one.kind == kind and window.start <= at <= window.end:
                first.setdefault(one.track, one.packets)
                last[one.track] = one.packets
    return sum(last[track] > count for track, count in first.items())
