"""The ``crossover`` command."""

import asyncio
import inspect
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from signaling.commands.check import check
from signaling.commands.coturn import coturn
from signaling.commands.flags import parameters as flag_parameters
from signaling.commands.token import token
from signaling.config import SETTINGS, ConfigError, load
from signaling.http.app import pool_config
from signaling.http.app import serve as serve_signaling
from signaling.http.app import version as package_version
from signaling.http.journal import begin_log

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Self-hosted video rooms: a browser mesh that crosses over to an SFU.",
)


WORKER_SETTINGS = (
    *("state_dir", "sfu_host", "sfu_port", "sfu_tcp_port"),
    *("announced_ips", "announced_tcp_port"),
    *("log_level", "log_format", "worker_drain_seconds", "loudest"),
)
"""What a worker that runs alone has to know."""


def _serve(**flags: str | None) -> None:
    """Serve the page and its signaling on one port, with SFU processes beside it."""
    try:
        settings = load(os.environ, flags)
        begin_log(settings.log_level, settings.log_format)
        _run(serve_signaling(settings, _announce))
    except ConfigError as error:
        raise _cannot_start(error) from None


def _sfu(
    control: Annotated[
        str, typer.Option(help="Unix socket to be commanded by; empty = in the state folder.")
    ] = "",
    name: Annotated[str, typer.Option(help="In logs and reports.")] = "worker-0",
    **flags: str | None,
) -> None:
    """Run one SFU process alone, for a signaling service that finds it by its socket."""
    try:
        settings = load(os.environ, flags)
    except ConfigError as error:
        raise _cannot_start(error) from None
    socket = Path(control) if control else settings.workers_folder / f"{name}.sock"
    command = pool_config(settings).command(socket, name)
    command += ("--log-format", settings.log_format)
    os.execv(command[0], command)  # noqa: S606 - our own program, without a shell


def _cannot_start(error: ConfigError) -> typer.Exit:
    Console(stderr=True).print(f"[red]crossover cannot start.[/red] {error}", highlight=False)
    return typer.Exit(2)


def _announce(address: str) -> None:
    Console(highlight=False).print(f"Crossover is ready: open [bold]{address}[/bold]")


def _run(main: Any) -> None:  # noqa: ANN401 - a coroutine
    try:
        import uvloop
    except ImportError:  # uvloop has no Windows build
        asyncio.run(main)
    else:
        uvloop.run(main)


def _flags_of_sfu() -> list[inspect.Parameter]:
    own = [p for p in inspect.signature(_sfu).parameters.values() if p.name in {"control", "name"}]
    own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    return own + flag_parameters(one for one in SETTINGS if one.name in WORKER_SETTINGS)


_serve.__signature__ = inspect.Signature(flag_parameters(SETTINGS))  # type: ignore[attr-defined]
_sfu.__signature__ = inspect.Signature(_flags_of_sfu())  # type: ignore[attr-defined]
app.command("serve")(_serve)
app.command("sfu")(_sfu)
app.command("check")(check)
app.command("coturn")(coturn)
app.command("token")(token)


@app.command(
    "load-test",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def load_test(context: typer.Context) -> None:
    """Fill rooms of a running server with synthetic people, and see what arrives."""
    command = [sys.executable, "-m", "benchmarks.load_test", *context.args]
    environment = {**os.environ, "CROSSOVER_COMMAND": "crossover load-test"}
    os.execve(command[0], command, environment)  # noqa: S606 - our own program, without a shell


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(package_version())


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
