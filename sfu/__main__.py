"""``python -m sfu``: one SFU worker, on its own."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from sfu.config import DEFAULT_PORT, WorkerConfig
from sfu.worker.app import WorkerError, run

app = typer.Typer(add_completion=False)


@app.command()
def worker(  # noqa: PLR0913 - one per flag
    control: Annotated[Path, typer.Option(help="Unix socket on which signaling finds the worker.")],
    name: Annotated[str, typer.Option(help="Name in logs, reports and metrics.")] = "worker-0",
    host: Annotated[str, typer.Option(help="Address to listen at; empty for all.")] = "",
    port: Annotated[int, typer.Option(help="UDP port for all peers; 0 for any.")] = DEFAULT_PORT,
    port_fallback: Annotated[
        bool, typer.Option(help="Use any other port when that one is taken.")
    ] = False,
    announce: Annotated[
        list[str] | None,
        typer.Option(help="Address that peers are told to send to; may be given repeatedly."),
    ] = None,
    portable: Annotated[
        bool,
        typer.Option(
            envvar="CROSSOVER_SFU_PORTABLE",
            help="Use plain sockets, even where the kernel offers better.",
        ),
    ] = False,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run one SFU worker until SIGTERM."""
    logging.basicConfig(
        level=log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    config = WorkerConfig(
        control=control,
        name=name,
        host=host,
        port=port,
        port_fallback=port_fallback,
        announced=tuple(announce or ()),
        portable=portable,
    )
    try:
        try:
            import uvloop
        except ImportError:  # uvloop has no Windows build
            asyncio.run(run(config))
        else:
            uvloop.run(run(config))
    except WorkerError as error:
        typer.echo(f"The SFU worker cannot start. {error}", err=True)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    app()
