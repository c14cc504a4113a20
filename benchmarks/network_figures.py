"""What a call over an emulated link is worth: figures with their bars, from a ``Run``. Pure."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.browser.link_report import Watcher, per_second, rate
from benchmarks.browser.network_runs import OTHER, PUBLISHER, SUBSCRIBER, Run
from benchmarks.emulation.pipe_log import Packets
from benchmarks.emulation.plan import Direction
from benchmarks.gaps import Window, growth
from benchmarks.record import Bar, Figure
from benchmarks.stats import percentile

WIRE_BYTES: Final = 44
"""Beside a packet's RTP: SRTP tag (16), UDP (8), IPv4 (20)."""

SETTLING: Final = 3.0
"""Seconds after a change that a bar gives to it."""

NEVER: Final = 999.0
"""Stands for what did not happen while one looked."""

TOLERANCE: Final = 1.1
"""Times the link's rate, up to which an estimate of it counts as right."""


@dataclass(frozen=True)
class Encoding:
    """One of the publisher's: its name, lines, and bits a second on the wire."""

    rid: str
    height: int
    rate: float


# ---- arithmetic ----------------------------------------------------------------------------------


def wire_rate(watcher: Watcher, direction: str, kind: str, window: Window, rid: str = "") -> float:
    """What a page received or sent of a kind, bit/s with all headers."""
    if direction == "received":
        octets, packets = watcher.received(kind, "octets"), watcher.received(kind, "packets")
    else:
        octets = watcher.sent(kind, "octets", rid or None)
        packets = watcher.sent(kind, "packets", rid or None)
    return rate(octets, window) + WIRE_BYTES * rate(packets, window)


def encodings(publisher: Watcher, window: Window) -> list[Encoding]:
    """The publisher's, lowest first, as they were in a window."""
    found = []
    for rid in publisher.rids():
        height = max(
            (
                int(one.height)
                for sample in publisher.report.samples
                for one in sample.outbound
                if one.rid == rid
            ),
            default=0,
        )
        found.append(Encoding(rid, height, wire_rate(publisher, "sent", "video", window, rid)))
    return found


def best_fitting(found: Sequence[Encoding], budget: float) -> Encoding | None:
    """The largest encoding that is sent and needs no more than so many bits a second."""
    return next((one for one in reversed(found) if 0 < one.rate <= budget), None)


def settled(heights: Sequence[tuple[float, int]], start: float, end: float, most: int) -> float:
    """Seconds from ``start`` until nothing higher than ``most`` is shown, until ``end``."""
    last = start
    for (at, height), (until, _) in zip(heights, [*heights[1:], (math.inf, 0)], strict=True):
        if height > most and at < end and until > start:
            last = max(last, until)
    return last - start if last < end else NEVER


def back_at(heights: Sequence[tuple[float, int]], start: float, least: int) -> float:
    """Seconds from ``start`` until something at least so high is shown."""
    shown = [one for one in heights if one[0] <= start]
    if shown and shown[-1][1] >= least:
        return 0.0
    return next((at - start for at, height in heights if at > start and height >= least), NEVER)


def within_after(
    estimates: Sequence[tuple[float, float]], start: float, end: float, most: float
) -> float:
    """Seconds from ``start`` until no estimate is above ``most`` any more, until ``end``."""
    above = [at for at, rate in estimates if start <= at < end and rate > most]
    if not above:
        return 0.0
    after = [at for at, _ in estimates if above[-1] < at < end]
    return after[0] - start if after else NEVER


def queueing_p95(packets: Packets, window: Window) -> float:
    """Seconds that 95 % of the packets waited at most."""
    delays = packets.between(window.start, window.end).delays()
    return percentile(delays.tolist(), 95) if len(delays) else 0.0


def _queue_figure(run: Run, whose: str, direction: Direction) -> list[Figure]:
    if whose not in run.links:
        return []
    packets = run.links[whose].directions[direction]
    delay = 1000 * queueing_p95(packets, Window(0, run.plan.seconds))
    return [_figure(run, "queueing delay, p95", delay, "ms", Bar(kind="below", limit=100))]


def _figure(run: Run, name: str, value: float, unit: str, bar: Bar | None = None) -> Figure:
    return Figure(name=f"{run.plan.name}: {name}", value=round(value, 4), unit=unit, bar=bar)


# ---- plans ---------------------------------------------------------------------------------------


def dip(run: Run) -> list[Figure]:
    """A downlink that becomes narrow, and wide again."""
    (_, _), (narrow, held), (wide, _) = run.plan.changes("down")
    end = run.plan.seconds
    subscriber, publisher = run.watchers[SUBSCRIBER], run.watchers[PUBLISHER]
    inside = Window(narrow + SETTLING, wide)
    budget = held.rate or math.inf
    sound = wire_rate(publisher, "sent", "audio", inside)
    some = encodings(publisher, inside)
    fitting = best_fitting(some, budget - sound)
    high = fitting.height if fitting else 0
    used = wire_rate(subscriber, "received", "video", inside)
    used += wire_rate(subscriber, "received", "audio", inside)
    could = (fitting.rate if fitting else 0.0) + sound
    heights = subscriber.heights()
    figures = [
        _figure(
            run,
            "longest freeze",
            subscriber.longest_freeze(Window(0, end)),
            "s",
            Bar(kind="at most", limit=1),
        ),
        _figure(
            run,
            f"settles at {high} lines or less",
            settled(heights, narrow, wide, high),
            "s",
            Bar(kind="below", limit=3),
        ),
        _figure(
            run,
            f"back at {some[-1].height} lines",
            back_at(heights, wide, some[-1].height),
            "s",
            Bar(kind="below", limit=6),
        ),
        _figure(
            run,
            "used, of what the best fitting layers need",
            100 * used / could if could else 0.0,
            "%",
            Bar(kind="at least", limit=80),
        ),
        *_queue_figure(run, SUBSCRIBER, "down"),
    ]
    if OTHER in run.watchers:
        got = wire_rate(run.watchers[OTHER], "received", "video", inside)
        given = some[-1].rate
        figures.insert(
            0,
            _figure(
                run,
                "others' picture meanwhile, of what is sent of it",
                100 * got / given if given else 0.0,
                "%",
                Bar(kind="at least", limit=95),
            ),
        )
    return figures


def _frame_share(run: Run, window: Window) -> float:
    """Frames decoded by the subscriber of those sent in the encoding that it looked at, percent."""
    subscriber, publisher = run.watchers[SUBSCRIBER], run.watchers[PUBLISHER]
    shown = growth(subscriber.received("video", "frames"), window)
    sent = max(growth(publisher.sent("video", "frames", rid), window) for rid in publisher.rids())
    return 100 * shown / sent if sent else 0.0


def downlink_loss(run: Run) -> list[Figure]:
    """Packets lost on the way to the subscriber."""
    whole = Window(0, run.plan.seconds)
    subscriber = run.watchers[SUBSCRIBER]
    concealed = growth(subscriber.received("audio", "concealed"), whole)
    samples = growth(subscriber.received("audio", "samples"), whole)
    packets = run.links[SUBSCRIBER].directions["down"]
    return [
        _figure(run, "packets lost", 100 * packets.share_lost(), "%"),
        _figure(
            run,
            "frames shown, of those sent",
            _frame_share(run, whole),
            "%",
            Bar(kind="at least", limit=95),
        ),
        _figure(
            run,
            "longest freeze",
            1000 * subscriber.longest_freeze(whole),
            "ms",
            Bar(kind="at most", limit=300),
        ),
        _figure(
            run,
            "sound made up",
            100 * concealed / samples if samples else 100.0,
            "%",
            Bar(kind="below", limit=2),
        ),
    ]


def uplink_bursts(run: Run) -> list[Figure]:
    """Packets lost in a row on the way from the publisher."""
    whole = Window(0, run.plan.seconds)
    publisher = run.watchers[PUBLISHER]
    packets = run.links[PUBLISHER].directions["up"]
    asked = max(growth(publisher.sent("video", "pictures", rid), whole) for rid in publisher.rids())
    return [
        _figure(run, "packets lost", 100 * packets.share_lost(), "%"),
        _figure(
            run,
            "frames shown, of those sent",
            _frame_share(run, whole),
            "%",
            Bar(kind="at least", limit=90),
        ),
        _figure(
            run,
            "key frames asked for, of the layer with most",
            asked,
            "",
            Bar(kind="at most", limit=math.floor(run.plan.seconds) + 2),
        ),
    ]


def uplink_narrow(run: Run) -> list[Figure]:
    """The publisher's uplink becomes narrow."""
    (_, _), (narrow, held) = run.plan.changes("up")
    end = run.plan.seconds
    publisher, subscriber = run.watchers[PUBLISHER], run.watchers[SUBSCRIBER]
    packets = run.links[PUBLISHER].directions["up"]
    after = Window(narrow + SETTLING, end)
    available = publisher.readings(lambda one: max([pair.available for pair in one.pairs] or [0.0]))
    told = [(one.at, one.value) for one in available]
    sent = [
        int(one.height)
        for one in encodings(publisher, after)
        if per_second(publisher.sent("video", "frames", one.rid), after) > 1
    ]
    shown = subscriber.heights()[-1][1] if subscriber.heights() else 0
    return [
        _figure(
            run,
            "publisher settles: what it thinks it can send stays within the link",
            within_after(told, narrow, end, TOLERANCE * (held.rate or math.inf)),
            "s",
            Bar(kind="below", limit=3),
        ),
        _figure(
            run,
            "lines shown in the end, of the highest layer that is sent",
            100 * shown / max(sent, default=1),
            "%",
            Bar(kind="at least", limit=100),
        ),
        _figure(run, "queueing delay after that, p95", 1000 * queueing_p95(packets, after), "ms"),
        _figure(run, "frames shown, of those sent", _frame_share(run, after), "%"),
        _figure(run, "longest freeze", subscriber.longest_freeze(Window(0, end)), "s"),
    ]


def moved(run: Run) -> list[Figure]:
    """The subscriber has another address from one moment on."""
    at = run.moments.get("moved", 0.0)
    subscriber = run.watchers[SUBSCRIBER]
    frames = [when for when, _ in subscriber.frames()]
    # The first frame after the longest wait that follows the change: what was under way still came.
    waits = [
        (later - earlier, later) for earlier, later in itertools.pairwise(frames) if later > at
    ]
    back = max(waits)[1] - at if waits else NEVER
    return [_figure(run, "media again", back, "s", Bar(kind="below", limit=2))]
