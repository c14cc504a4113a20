"""Calls over bad networks as they might have been told, for arithmetic on them."""

from collections.abc import Sequence

from benchmarks.browser.link_report import LinkReport, Pair, Received, Sample, Sent, Watcher
from benchmarks.browser.network_runs import OTHER, PUBLISHER, SUBSCRIBER, Run
from benchmarks.emulation.link_process import LinkReport as Carried
from benchmarks.emulation.pipe_log import Fate, Packets
from benchmarks.emulation.plans import named

ZERO = 1000.0
"""Unix seconds at which the plans begin."""

HEIGHTS = [(-5.0, 540), (21.0, 270), (44.0, 540)]
SIZES = {"r0": 135, "r1": 270, "r2": 540}
BYTES = {"r0": 15_000, "r1": 40_000, "r2": 150_000}
"""A second."""


def received(kind: str, second: float, octets: float, **more: float) -> Received:
    """A stream after so many seconds."""
    fields = {
        "lost": 0,
        "height": 540,
        "nacks": 0,
        "pictures": 0,
        "concealed": 0.0,
        "samples": 48_000 * second,
        "freezes": 0,
        "frozen": 0.0,
        "frames": int(15 * second),
    } | more
    return Received(kind=kind, track="t", octets=int(octets), packets=0, **fields)  # type: ignore[arg-type]


def sent(rid: str, second: float, pictures: int, frames: int, limited: str) -> Sent:
    """An encoding after so many seconds."""
    return Sent(
        kind="video" if rid else "audio",
        rid=rid,
        active=True,
        octets=int(BYTES.get(rid, 5_000) * second),
        packets=0,
        frames=int(frames * second),
        height=SIZES.get(rid, 0),
        pictures=pictures,
        keyFrames=1,
        limited=limited,
        target=0.0,
    )


def publisher(
    pictures: int = 0,
    frames: int = 15,
    limited: str = "none",
    available: Sequence[float] = (),
) -> Watcher:
    """One that sends three sizes for a minute.

    Args:
        pictures: key frames that are asked for meanwhile, of each.
        frames: a second.
        limited: by what.
        available: what it thinks that it can send, bit/s, of each second.
    """
    samples = []
    for second in range(61):
        asked = pictures if second else 0
        outbound = [sent(rid, second, asked, frames, limited) for rid in ("", *SIZES)]
        pairs = [Pair(0.02, available[second], "udp", "host", 0)] if available else []
        samples.append(Sample(1000 * (ZERO + second), [], outbound, pairs))
    return Watcher(LinkReport({}, samples, []), ZERO)


def subscriber(frames: list[tuple[float, int]], video_bytes: float, **more: float) -> Watcher:
    """One that was shown frames, and received so many bytes of them a second."""
    samples = [
        Sample(
            at=1000 * (ZERO + second),
            inbound=[
                received("audio", second, 5_000 * second, **more),
                received("video", second, video_bytes * second),
            ],
            outbound=[],
            pairs=[],
        )
        for second in range(61)
    ]
    told = [(1000 * (ZERO + at), height) for at, height in frames]
    return Watcher(LinkReport({"member": told}, samples, []), ZERO)


def film(heights: list[tuple[float, int]], *, until: float = 60.0) -> list[tuple[float, int]]:
    """Fifteen frames a second, of heights since certain times."""
    found = []
    for number in range(int((until - heights[0][0]) * 15)):
        at = heights[0][0] + number / 15
        found.append((at, [height for since, height in heights if since <= at + 1e-9][-1]))
    return found


def packets(waited: list[float], fates: list[int] | None = None) -> Packets:
    """A minute of packets at equal distances."""
    came = [60.0 * number / len(waited) for number in range(len(waited))]
    return Packets(came, came, waited, [1200] * len(waited), fates or [Fate.CARRIED] * len(waited))


def link(**directions: Packets) -> Carried:
    """What a link carried."""
    return Carried(began=ZERO, seconds=60, directions=dict(directions), late=0.0, cpu=0.1)


def a_dip(
    frames: list[tuple[float, int]] | None = None,
    video_bytes: float = 38_000,
    waited: list[float] | None = None,
) -> Run:
    """A downlink that was narrow for a while; as it is told, all bars are kept."""
    watchers = {
        PUBLISHER: publisher(),
        SUBSCRIBER: subscriber(film(HEIGHTS) if frames is None else frames, video_bytes),
        OTHER: subscriber(film([(-5.0, 540)]), 147_000),
    }
    links = {SUBSCRIBER: link(down=packets(waited or [0.01] * 95 + [0.3] * 5))}
    estimates = [(0.0, 4e6), (21.0, 480e3), (43.0, 4e6)]
    return Run(named("downlink-dip"), watchers, links, estimates)
