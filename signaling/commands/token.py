"""``crossover token``: lets somebody in, with a link."""

import os
import secrets
import time
from enum import StrEnum
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console

from signaling.commands.flags import with_settings
from signaling.config import ConfigError, Settings, load
from signaling.http.secret_file import shared_secret
from signaling.invitations import TokenWish, invite, seconds_of
from signaling.messages.records import Grants
from signaling.messages.wire import Refused
from signaling.tokens import JoinTokens, Signer

SETTINGS_USED: Final = (
    "secret",
    "token_secret",
    "state_dir",
    "allowed_origins",
    "host",
    "port",
    "tls_certificate",
    "name_length",
)


class Grant(StrEnum):
    """What may be granted."""

    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"
    DATA = "data"
    MODERATE = "moderate"
    ADMIN = "admin"


def token(  # noqa: PLR0913 - one per flag
    room: Annotated[str, typer.Option(help="Id of the room it opens; * = any.")],
    name: Annotated[str, typer.Option(help="Name of its bearer; empty = its own choice.")] = "",
    user: Annotated[str, typer.Option(help="Your own id of its bearer.")] = "",
    grant: Annotated[
        list[Grant] | None, typer.Option(help="Granted too; usual are publish, subscribe, data.")
    ] = None,
    no_publish: Annotated[
        bool, typer.Option("--no-publish", help="Not: send sound and pictures.")
    ] = False,
    no_subscribe: Annotated[
        bool, typer.Option("--no-subscribe", help="Not: receive them.")
    ] = False,
    no_data: Annotated[bool, typer.Option("--no-data", help="Not: send messages.")] = False,
    ttl: Annotated[str, typer.Option(help="How long it is valid: 90m, 2h, up to 30d.")] = "2h",
    address: Annotated[
        str, typer.Option(help="Of the page, for the link; empty = the allowed origin, or here.")
    ] = "",
    **flags: str | None,
) -> None:
    """Print a token that lets its bearer into a room, and the link that carries it."""
    try:
        settings = load(os.environ, flags)
        grants = _grants(set(grant or ()), no_publish, no_subscribe, no_data)
        wish = _wish(room, name, user, grants, ttl)
        invitation = invite(
            wish, _tokens(settings), secrets.token_hex(8), settings.limits.name_length, _now()
        )
    except (ConfigError, Refused, msgspec.ValidationError) as error:
        Console(stderr=True).print(f"[red]No token.[/red] {error}", highlight=False)
        raise typer.Exit(2) from None
    typer.echo(invitation.token)
    typer.echo((address or _page(settings)).rstrip("/") + invitation.path)


def _now() -> float:
    return time.time()  # noqa: TID251 - a command is the shell


def _grants(granted: set[Grant], no_publish: bool, no_subscribe: bool, no_data: bool) -> Grants:
    withheld = {Grant.PUBLISH: no_publish, Grant.SUBSCRIBE: no_subscribe, Grant.DATA: no_data}
    for one in sorted(granted):
        if withheld.get(one):
            raise ConfigError(f"--grant {one} and --no-{one} contradict each other.")
    return Grants(
        publish=not no_publish,
        subscribe=not no_subscribe,
        data=not no_data,
        moderate=Grant.MODERATE in granted,
        admin=Grant.ADMIN in granted,
    )


def _wish(room: str, name: str, user: str, grants: Grants, ttl: str) -> TokenWish:
    try:
        seconds = seconds_of(ttl)
    except ValueError as error:
        raise ConfigError(f"--ttl: {ttl!r} will not do; {error}") from None
    said = {"room": room, "name": name or None, "userId": user or None, "ttl": seconds}
    wish = msgspec.convert(said, TokenWish)
    return msgspec.structs.replace(wish, grants=grants)


def _tokens(settings: Settings) -> JoinTokens:
    """As the server has them: with their own secret, or one derived from the server's."""
    if settings.token_secret:
        return JoinTokens(settings.token_secret.encode())
    return Signer(shared_secret(settings)).join_tokens


def _page(settings: Settings) -> str:
    """Where people reach the page, as far as the settings tell."""
    if len(settings.allowed_origins) == 1 and "*" not in settings.allowed_origins:
        return settings.allowed_origins[0]
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://localhost:{settings.port}"


with_settings(token, SETTINGS_USED)
