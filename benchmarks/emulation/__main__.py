"""Runs a command behind an emulated link.

    python -m benchmarks.emulation --plan downlink-dip --log link.json -- chromium http://10.78.0.1:8080

The command finds at 10.78.0.1 whoever listens there, or on all addresses, in the namespace in which
this is run. ``--plan`` is a name or a file with a plan as JSON; without a command the plans are
listed.
"""

import subprocess
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from benchmarks.emulation import plan as plans_of
from benchmarks.emulation import plans
from benchmarks.emulation.network import Network, NoNetwork, network

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    command: Annotated[list[str] | None, typer.Argument(help="What to run.")] = None,
    plan: Annotated[str, typer.Option(help="A name, or a file.")] = "clean",
    log: Annotated[
        Path | None, typer.Option(help="Where to tell what the link did, JSON.", dir_okay=False)
    ] = None,
) -> None:
    """Runs a command behind a link that follows a plan."""
    if not command:
        for one in plans.PLANS:
            typer.echo(f"{one.name:16} {one.says}")
        return
    try:
        chosen = _plan(plan)
        with network(chosen) as made:
            made.begin()
            status = subprocess.run(made.command(command), check=False).returncode
    except (NoNetwork, ValueError, KeyError, OSError) as error:
        typer.echo(f"{error.args[0] if isinstance(error, KeyError) else error}", err=True)
        raise typer.Exit(2) from None
    _tell(made, log)
    raise typer.Exit(status)


def _plan(name: str) -> plans_of.Plan:
    file = Path(name)
    return plans_of.parse(file.read_bytes()) if file.is_file() else plans.named(name)


def _tell(made: Network, log: Path | None) -> None:
    report = made.report
    if report is None:
        return
    for direction, packets in report.directions.items():
        typer.echo(f"{direction}: {packets.in_words()}", err=True)
    typer.echo(
        f"the link took {report.cpu:.0%} of a core; 99 % of the packets were less than "
        f"{1000 * report.late:.1f} ms late",
        err=True,
    )
    if log is not None:
        log.write_bytes(msgspec.json.encode(report))


if __name__ == "__main__":
    app()
