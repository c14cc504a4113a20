"""The model of scale with machines, prices and habits of your own.

    python -m benchmarks.scale --vcpu-hour 0.02 --gigabyte 0.01 --vcpus 16

Reads the records in ``benchmarks/results``; what is not there is measured.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.progress import ProgressBar, progress_display
from benchmarks.questions.scale import calculate, gather
from benchmarks.record import RESULTS, record
from benchmarks.report import terminal_table
from benchmarks.scale_model import Habits, Prices

_PRICES, _HABITS = Prices(), Habits()


def main(  # noqa: PLR0913 - one per flag
    vcpu_hour: Annotated[
        float, typer.Option(min=0, help="Price of a vCPU for an hour.")
    ] = _PRICES.vcpu_hour,
    gigabyte: Annotated[float, typer.Option(min=0, help="Price of a GB sent.")] = _PRICES.gigabyte,
    vcpus: Annotated[int, typer.Option(min=1, help="Of a machine.")] = _PRICES.vcpus,
    gbit: Annotated[float, typer.Option(min=0.01, help="Gbit/s it sends.")] = _PRICES.gbit,
    gib: Annotated[float, typer.Option(min=0.5, help="GiB of memory.")] = _PRICES.gib,
    filled: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of it that is used.")
    ] = _PRICES.filled,
    spare: Annotated[int, typer.Option(min=0, help="Machines kept.")] = _PRICES.spare,
    joins: Annotated[float, typer.Option(min=0, help="Per user and hour.")] = _HABITS.joins,
    chats: Annotated[float, typer.Option(min=0, help="The same.")] = _HABITS.chats,
    microphones: Annotated[
        int, typer.Option(min=0, help="Open at a time, in a room.")
    ] = _HABITS.open_microphones,
    relayed: Annotated[
        float, typer.Option(min=0, max=1, help="Share of mesh pairs that take TURN.")
    ] = _HABITS.relayed,
    records: Annotated[
        Path, typer.Option(help="Folder of the records.", file_okay=False)
    ] = RESULTS,
) -> None:
    """Calculate what rooms and clusters need, and at what price."""
    prices = Prices(vcpu_hour, gigabyte, vcpus, gbit, gib, filled, spare)
    habits = Habits(joins=joins, chats=chats, open_microphones=microphones, relayed=relayed)
    console = Console(highlight=False)
    with progress_display() as display:
        sources = gather(records, ProgressBar(display))
    found = calculate(sources, prices, habits)
    console.print(terminal_table(record("scale", False, found)))
    for note in found.notes:
        console.print(note, markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
