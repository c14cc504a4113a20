"""Measured rooms by the number of people: what tables, crossings and plots are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeAlias

from benchmarks import formula
from benchmarks.browser.comparison import Called
from benchmarks.load.comparison import Measured, Usage
from benchmarks.passage import Mode
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.stats import median

_MODES: Final[tuple[Mode, Mode]] = ("mesh", "sfu")


@dataclass(frozen=True)
class Delays:
    """Milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True)
class Point:
    """One user of a room of a size, on average over users and rounds; bit rates in kbit/s.

    Attributes:
        upload: media, with all headers.
        download: the same.
        rate: of one user's streams, sent once.
        errors: of each user's upload, then each user's download, against the formula, per cent.
        packets_up: of media, a second.
        packets_down: the same.
        beside_up: RTCP, STUN, DTLS and messages.
        beside_down: the same.
        connections: transports of a user.
        client_cpu: of a core, a user's device.
        server_cpu: of a core.
        whole_cpu: of a core: all devices and the server, by the number of people.
        media: one way; None where delays could not be told.
        messages: the same.
        joined: milliseconds; None where it was not looked at.
    """

    upload: float
    download: float
    rate: float
    errors: list[float]
    packets_up: float
    packets_down: float
    beside_up: float
    beside_down: float
    connections: int
    client_cpu: float
    server_cpu: float
    whole_cpu: float
    media: Delays | None = None
    messages: Delays | None = None
    joined: float | None = None


Points: TypeAlias = Mapping[Mode, Mapping[int, Point]]


def points(rooms: Sequence[Measured]) -> Points:
    """By mode and number of people; rooms of the same become one point."""
    return {
        mode: {
            people: _point([one for one in rooms if (one.mode, one.people) == (mode, people)])
            for people in sorted({one.people for one in rooms if one.mode == mode})
        }
        for mode in _MODES
    }


def calls(called: Sequence[Called]) -> Points:
    """The same of calls in Chromium; the rate is that of what is received of one user."""
    return {
        mode: {one.people: _called(one) for one in called if one.mode == mode} for mode in _MODES
    }


def errors(one: Measured) -> list[float]:
    """Of each user's upload, then download, in per cent."""
    up = formula.upload(one.mode, one.people, one.rate)
    down = formula.download(one.people, one.rate)
    return [
        *(formula.error(user.media, up) for user in one.uploads),
        *(formula.error(user.media, down) for user in one.downloads),
    ]


def _point(rooms: Sequence[Measured]) -> Point:
    ups = [user for one in rooms for user in one.uploads]
    downs = [user for one in rooms for user in one.downloads]
    calm = [one for one in rooms if not one.burden.too_much]
    people = rooms[0].people
    client, server = _mean([one.client_cpu for one in rooms]), _mean([r.server_cpu for r in rooms])
    return Point(
        upload=_kilo([one.media for one in ups]),
        download=_kilo([one.media for one in downs]),
        rate=rooms[0].rate / 1000,
        errors=[one for room in rooms for one in errors(room)],
        packets_up=_mean([one.packets for one in ups]),
        packets_down=_mean([one.packets for one in downs]),
        beside_up=_kilo([one.beside for one in ups]),
        beside_down=_kilo([one.beside for one in downs]),
        connections=max(one.connections for one in rooms),
        client_cpu=client,
        server_cpu=server,
        whole_cpu=client + server / people,
        media=_delays([one.media for one in calm]),
        messages=_delays([one.messages for one in calm]),
        joined=1000 * median([one.joined for one in rooms]),
    )


def _called(one: Called) -> Point:
    upload, download = _media(one.uploads), _media(one.downloads)
    rate = download / (one.people - 1)
    return Point(
        upload=upload,
        download=download,
        rate=rate,
        errors=[formula.error(upload, formula.upload(one.mode, one.people, rate))],
        packets_up=_mean([user.packets for user in one.uploads]),
        packets_down=_mean([user.packets for user in one.downloads]),
        beside_up=_kilo([user.beside for user in one.uploads]),
        beside_down=_kilo([user.beside for user in one.downloads]),
        connections=one.connections,
        client_cpu=one.browser_cpu,
        server_cpu=one.server_cpu,
        whole_cpu=one.browser_cpu + one.server_cpu / one.people,
    )


def _delays(some: Sequence[Latencies]) -> Delays | None:
    merged = Latencies()
    for one in some:
        merged.merge(one)
    if not len(merged):
        return None
    return Delays(1000 * merged.percentile(50), 1000 * merged.percentile(99))


def _media(users: Sequence[Usage]) -> float:
    return _kilo([one.media for one in users])


def _kilo(values: Sequence[float]) -> float:
    return _mean(values) / 1000


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# ---- in a record ---------------------------------------------------------------------------------

_DELAYS: Final = ("media", "messages")
_PLAIN: Final = tuple(
    one.name for one in fields(Point) if one.name not in {*_DELAYS, "errors", "joined"}
)


def to_samples(name: str, by_size: Mapping[int, Point]) -> dict[str, list[float]]:
    """Lists side by side: the sizes, and everything else; delays with the sizes they belong to."""
    if not by_size:
        return {}
    found: dict[str, list[float]] = {f"{name}: people": [float(people) for people in by_size]}
    for one in _PLAIN:
        found[f"{name}: {one}"] = [round(getattr(point, one), 5) for point in by_size.values()]
    for people, point in by_size.items():
        found[f"{name}: errors of {people}"] = [round(one, 3) for one in point.errors]
        for kind in _DELAYS:
            delays: Delays | None = getattr(point, kind)
            if delays is not None:
                found[f"{name}: {kind} of {people}"] = [round(delays.p50, 4), round(delays.p99, 4)]
        if point.joined is not None:
            found[f"{name}: joined of {people}"] = [round(point.joined, 2)]
    return found


def from_samples(name: str, samples: Mapping[str, Sequence[float]]) -> dict[int, Point]:
    """The points that ``to_samples`` has written; none if there were none."""
    found: dict[int, Point] = {}
    for place, size in enumerate(samples.get(f"{name}: people", ())):
        people = int(size)
        plain = {one: samples[f"{name}: {one}"][place] for one in _PLAIN}
        connections = int(plain.pop("connections"))
        joined = samples.get(f"{name}: joined of {people}")
        found[people] = Point(
            **plain,
            connections=connections,
            errors=list(samples[f"{name}: errors of {people}"]),
            media=_told(samples.get(f"{name}: media of {people}")),
            messages=_told(samples.get(f"{name}: messages of {people}")),
            joined=None if joined is None else joined[0],
        )
    return found


def _told(values: Sequence[float] | None) -> Delays | None:
    return None if values is None else Delays(*values)
