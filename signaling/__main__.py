"""The ``crossover`` command."""

import asyncio
import inspect
import logging
import os
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from signaling.config import SETTINGS, ConfigError, load
from signaling.http.app import serve as serve_signaling
from signaling.http.app import version as package_version

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Self-hosted video rooms: a browser mesh that crosses over to an SFU.",
)


def _serve(**flags: str | None) -> None:
    """Serve the page and its signaling on one port."""
    try:
        settings = load(os.environ, flags)
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        _run(serve_signaling(settings, _announce))
    except ConfigError as error:
        Console(stderr=True).print(f"[red]crossover cannot start.[/red] {error}", highlight=False)
        raise typer.Exit(2) from None


def _announce(address: str) -> None:
    Console(highlight=False).print(f"Crossover is ready: open [bold]{address}[/bold]")


def _run(main: Any) -> None:  # noqa: ANN401 - a coroutine
    try:
        import uvloop
    except ImportError:  # uvloop has no Windows build
        asyncio.run(main)
    else:
        uvloop.run(main)


def _signature() -> inspect.Signature:
    """One optional text flag per setting; ``load`` turns text into values."""
    parameters = []
    for setting in SETTINGS:
        shown = "" if setting.secret else f" [default: {setting.default or 'none'}]"
        help_text = f"{setting.help}{shown} [{', '.join(setting.variables)}]"
        option = typer.Option(setting.flag, help=help_text.replace("[", "\\["), show_default=False)
        annotation = Annotated[str | None, option]
        parameters.append(
            inspect.Parameter(
                setting.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
            )
        )
    return inspect.Signature(parameters)


_serve.__signature__ = _signature()  # type: ignore[attr-defined]
app.command("serve")(_serve)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(package_version())


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
