"""What the model of scale takes from the records of other questions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.forwarding_load import FRAMES_PER_SECOND, LOADS, PACKET_BYTES, Load
from benchmarks.record import Findings, Machine, Record
from benchmarks.scale_model import Point, SignalingCost
from benchmarks.stats import median

JOINED_ROOM: Final = "room_size"
"""The parameter of the signaling question that says how large its rooms are."""


class NotThere(Exception):  # noqa: N818 - reads as what is the matter
    """A record does not hold what is wanted of it: it is of an older version of its question."""


def stored(folder: Path, question: str, machine: Machine) -> Record | None:
    """The record of a question, if there is one and it is of such a machine."""
    path = folder / f"{question}.json"
    try:
        found = Record.read(path)
    except (OSError, msgspec.DecodeError):
        return None
    return found if found.machine.is_like(machine) else None


def points(forwarding: Findings) -> list[Point]:
    """Every load that a worker carried whole while the crowd was not at its end."""
    found: dict[tuple[float, ...], Point] = {}
    for name, load in LOADS.items():
        shares = forwarding.samples.get(f"{name}, ours: share")
        delivered = forwarding.samples.get(f"{name}, ours: delivered", [0.0])
        if shares and min(delivered) >= 99.9:
            sent = packets_in(load)
            found[_key(load.rooms, load.people, load.kbps)] = Point(
                name, sent, sent * (load.people - 1), load.everyone, median(shares)
            )
    for curve in ("audience", "rooms", "bitrate"):
        for one in _of_curve(forwarding.samples, curve):
            if one["well"] and not one["crowded"]:
                key = _key(one["rooms"], one["people"], one["kbps"])
                found.setdefault(key, _as_point(one))
    return list(found.values())


def packets_in(load: Load) -> float:
    """A second, of all publishers."""
    frame = max(1, round(load.kbps * 1000 / 8 / PACKET_BYTES / FRAMES_PER_SECOND))
    return float(len(load.publishers) * FRAMES_PER_SECOND * frame)


def _of_curve(samples: Mapping[str, Sequence[float]], curve: str) -> list[dict[str, float]]:
    prefix = f"curve, {curve}: "
    columns = {
        name.removeprefix(prefix): values
        for name, values in samples.items()
        if name.startswith(prefix)
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _as_point(row: Mapping[str, float]) -> Point:
    rooms, people, kbps = (int(row[name]) for name in ("rooms", "people", "kbps"))
    alone = row["out_per_second"] > 1.5 * row["in_per_second"] and rooms == 1 and people > 20
    name = f"1-to-{people - 1} at {kbps}" if alone else f"{rooms}x{people} at {kbps}"
    return Point(name, row["in_per_second"], row["out_per_second"], rooms * people, row["share"])


def _key(*numbers: float) -> tuple[float, ...]:
    return tuple(map(float, numbers))


def worker_join(forwarding: Findings) -> float:
    """Seconds of a worker's CPU for one transport that connects.

    Raises:
        NotThere: the record does not say.
    """
    return _figure(forwarding, "CPU per join") / 1e3


def signaling_cost(signaling: Findings) -> SignalingCost:
    """What connections, joins and messages cost.

    Raises:
        NotThere: the record does not say.
    """
    room = signaling.parameters.get(JOINED_ROOM)
    if not isinstance(room, int | float):
        raise NotThere(f"the parameter {JOINED_ROOM}")
    return SignalingCost(
        connection=_figure(signaling, "CPU per connection opened") / 1e6,
        join=_figure(signaling, "CPU per join") / 1e6,
        joined_room=int(room),
        message=_figure(signaling, "offer, paced: CPU per delivered message") / 1e6,
        delivery=_figure(signaling, "chat, paced: CPU per delivered message") / 1e6,
        connection_kib=_figure(signaling, "server memory per idle connection"),
    )


def transport_kib(peers: Findings | None) -> float:
    """Of a worker's memory, by the comparison with others; 0 if that was not made."""
    values = [] if peers is None else peers.samples.get("Crossover: kib_per_subscriber", [])
    return median(values) if values else 0.0


def _figure(findings: Findings, name: str) -> float:
    for figure in findings.figures:
        if figure.name == name:
            return figure.value
    raise NotThere(name)
