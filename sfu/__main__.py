"""``python -m sfu``: one SFU worker, on its own."""

import signal

if __name__ == "__main__":
    # Until the worker listens to SIGINT itself, it ends at once: not with a traceback of imports.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from sfu.config import DEFAULT_PORT, WorkerConfig
from sfu.worker import log_lines
from sfu.worker.app import run
from sfu.worker.opening import WorkerError

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
    tcp: Annotated[bool, typer.Option(help="Listen for peers that have no UDP.")] = True,
    tcp_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="TCP port for them; 0 for the UDP port's number.")
    ] = 0,
    announced_tcp_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="TCP port that peers are told; 0 for the same.")
    ] = 0,
    portable: Annotated[
        bool,
        typer.Option(
            envvar="CROSSOVER_SFU_PORTABLE",
            help="Use plain sockets, even where the kernel offers better.",
        ),
    ] = False,
    loudest: Annotated[
        int, typer.Option(min=0, help="Voices of a room that are forwarded, if many; 0 for all.")
    ] = 4,
    drain_seconds: Annotated[
        float,
        typer.Option(min=0, help="From SIGTERM until it ends though transports are open."),
    ] = 30.0,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    log_format: Annotated[str, typer.Option(help="text or json.")] = "text",
) -> None:
    """Run one SFU worker until it has drained after SIGTERM, or until SIGINT."""
    log_lines.begin(log_level, log_format)
    config = WorkerConfig(
        control=control,
        name=name,
        host=host,
        port=port,
        port_fallback=port_fallback,
        announced=tuple(announce or ()),
        tcp=tcp,
        tcp_port=tcp_port,
        announced_tcp_port=announced_tcp_port,
        portable=portable,
        loudest=loudest,
        drain_seconds=drain_seconds,
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
