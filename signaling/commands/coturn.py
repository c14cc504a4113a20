"""``crossover coturn``: the configuration of the TURN server beside us."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from signaling.commands.flags import with_settings
from signaling.commands.private_file import write_private
from signaling.config import ConfigError, Settings, load
from signaling.coturn_config import CoturnOptions, turnserver_conf
from signaling.probes.addresses import announced_addresses

SETTINGS_USED: Final = (
    "turn_servers",
    "turn_secret",
    "turn_ttl",
    "mesh_cap",
    "workers",
    "sfu_host",
    "announced_ips",
)


def coturn(  # noqa: PLR0913 - one per flag
    output: Annotated[
        str, typer.Option(help="File to write, readable by its owner only; - = print, secret too.")
    ] = "",
    realm: Annotated[str, typer.Option(help="Of the credentials; empty = the TURN host.")] = "",
    certificate: Annotated[str, typer.Option(help="PEM chain that coturn shows.")] = "",
    key: Annotated[str, typer.Option(help="Its private key.")] = "",
    listening_ip: Annotated[list[str] | None, typer.Option(help="Where coturn listens.")] = None,
    relay_ip: Annotated[list[str] | None, typer.Option(help="What it relays from.")] = None,
    external_ip: Annotated[
        list[str] | None, typer.Option(help="PUBLIC or PUBLIC/PRIVATE, behind NAT.")
    ] = None,
    min_port: Annotated[int, typer.Option(help="First UDP port of relayed media.")] = 49152,
    max_port: Annotated[int, typer.Option(help="Last one.")] = 65535,
    allow_peer: Annotated[
        list[str] | None, typer.Option(help="A private address that may be relayed to.")
    ] = None,
    user_quota: Annotated[int, typer.Option(help="Allocations of one member; 0 = chosen.")] = 0,
    total_quota: Annotated[int, typer.Option(help="Allocations in all; 0 = one per port.")] = 0,
    **flags: str | None,
) -> None:
    """Print coturn's turnserver.conf, made from our settings; its secret only with --output."""
    options = CoturnOptions(
        realm=realm,
        certificate=certificate,
        key=key,
        listening_ips=tuple(listening_ip or ()),
        relay_ips=tuple(relay_ip or ()),
        external_ips=tuple(external_ip or ()),
        min_port=min_port,
        max_port=max_port,
        allowed_peers=tuple(allow_peer or ()),
        user_quota=user_quota,
        total_quota=total_quota,
    )
    try:
        settings = load(os.environ, flags)
        text = turnserver_conf(settings, options, _announced(settings), with_secret=bool(output))
        if output in {"", "-"}:
            typer.echo(text, nl=False)
        else:
            _write(Path(output), text)
    except ConfigError as error:
        Console(stderr=True).print(f"[red]No configuration.[/red] {error}", highlight=False)
        raise typer.Exit(2) from None


def _announced(settings: Settings) -> list[str]:
    return announced_addresses(settings) if settings.workers else []


def _write(path: Path, text: str) -> None:
    try:
        write_private(path, text)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ConfigError(f"--output: {path} cannot be written ({reason.lower()}).") from None
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"{path} is written and readable by you only. coturn runs as another user where Debian's "
        f"package started it: chown turnserver {path}",
        markup=False,
    )


with_settings(coturn, SETTINGS_USED)
