"""What the model of scale says of rooms and clusters: a table, samples, and plots of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.record import Findings, Record
from benchmarks.scale_model import (
    Cost,
    Demand,
    Habits,
    Measured,
    Prices,
    Room,
    cost,
    demand,
    load_of,
    machines,
)
from benchmarks.stats import significant

USERS: Final = (10_000, 100_000, 1_000_000)
"""At the same time."""


def room_share(room: Room, measured: Measured, habits: Habits) -> float:
    """Of a core, that a room takes of its worker; 0 for a mesh."""
    return 0.0 if room.mode == "mesh" else measured.worker.share(load_of(room, habits))


def note_rooms(
    rooms: Sequence[Room], measured: Measured, habits: Habits, prices: Prices, found: Findings
) -> None:
    """A row for each kind of room, as a note, and everything as samples."""
    lines = [
        "",
        "| model | core per room | CPU per user | egress per user | GB per user-hour "
        "| machines for 10⁴ / 10⁵ / 10⁶ users | price of a user-hour at 10⁵ |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for room in rooms:
        one = demand(room, measured, habits)
        needed = [machines(users, one, prices) for users in USERS]
        each = cost(USERS[1], one, prices)
        share = room_share(room, measured, habits)
        lines.append(_line(room.name, share, one, needed, each))
        found.samples[f"{room.name}: share of a core"] = [round(share, 4)]
        found.samples[f"{room.name}: cores per user"] = [one.sfu, one.signaling]
        found.samples[f"{room.name}: bit/s per user"] = [round(one.egress, 1)]
        found.samples[f"{room.name}: machines"] = [float(count) for count in needed]
        found.samples[f"{room.name}: price of machines and egress"] = [each.machines, each.egress]
    found.notes.append("\n".join([*lines, ""]))
    found.notes.append(
        "A room lives on one worker, so one that takes more than a core (bold) is not carried with "
        "so many cameras on. In a mesh media passes between members; egress is of the share that "
        "takes a TURN server, whose CPU is not counted. Other settings and prices: "
        "`python -m benchmarks.scale --help`."
    )


def _line(name: str, share: float, one: Demand, needed: Sequence[int], each: Cost) -> str:
    spoken = f"**{share:.2f}**" if share > 1 else f"{share:.2f}" if share else ""
    cells = [
        name,
        spoken,
        f"{significant(1000 * (one.sfu + one.signaling))} ms/s",
        f"{significant(one.egress / 1e6)} Mbit/s",
        significant(one.gigabytes),
        " / ".join(f"{count:,}" for count in needed),
        f"{each.total:.4f} ({each.machines:.4f} machines, {each.egress:.4f} egress)",
    ]
    return f"| {' | '.join(cells)} |"


def draw(record: Record, folder: Path) -> None:
    """Measured against predicted; machines by users; the price of a user-hour by room."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    samples = record.findings.samples
    if not samples:
        return
    rooms = [name.removesuffix(": machines") for name in samples if name.endswith(": machines")]
    drawn, axes = plots.sheet("Scale: points are measured, all else is model", 4)
    measured, predicted = samples["points: measured share"], samples["points: share by the model"]
    for busy, colour, label in ((1, plots.OURS, "busy"), (0, plots.THEIRS, "not busy")):
        some = [place for place, one in enumerate(samples["points: busy"]) if one == busy]
        axes[0].plot(
            [measured[place] for place in some],
            [predicted[place] for place in some],
            "o",
            color=colour,
            label=label,
        )
    most = max([*measured, *predicted])
    axes[0].plot([0, most], [0, most], color="k", linewidth=0.7)
    axes[0].set(title="Share of a core", xlabel="measured", ylabel="by the model")
    axes[0].legend()
    for place, name in enumerate(rooms):
        axes[1].plot(USERS, samples[f"{name}: machines"], "o-", color=f"C{place}", label=name)
    axes[1].set(title="Machines", xlabel="users at the same time", xscale="log", yscale="log")
    axes[1].legend(fontsize=7)
    prices = [samples[f"{name}: price of machines and egress"] for name in rooms]
    axes[2].barh(rooms, [one[0] for one in prices], color=plots.OURS, label="machines")
    axes[2].barh(
        rooms,
        [one[1] for one in prices],
        left=[one[0] for one in prices],
        color=plots.THEIRS,
        label="egress",
    )
    axes[2].set(title="Price of a user-hour, 100,000 users")
    axes[2].legend()
    cores = [1000 * sum(samples[f"{name}: cores per user"]) for name in rooms]
    axes[3].barh(rooms, cores, color=plots.OURS)
    axes[3].set(title="CPU per user, SFU and signaling", xlabel="ms/s")
    plots.save(drawn, folder, record.question)
