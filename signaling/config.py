"""The operator's configuration: flags first, then environment variables, then defaults.

The list of everything that can be set is in ``setting_list``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sfu.control.messages import Verbosity
from signaling import setting_values as kind
from signaling.ice_servers import IceConfig
from signaling.limits import DoorLimits, Limits
from signaling.mode_policy import ModePolicy
from signaling.setting_list import SETTINGS as SETTINGS
from signaling.setting_list import Setting as Setting


class ConfigError(Exception):
    """A setting is wrong; the message names it and says what it should be."""


@dataclass(frozen=True)
class Settings:
    """Everything that ``crossover serve`` needs to know, checked."""

    host: str
    port: int
    websocket_url: str
    allowed_origins: tuple[str, ...]
    trusted_proxies: tuple[kind.Network, ...]
    secret: str
    state_dir: str
    admin_token: str
    metrics: kind.Listener | None
    metrics_token: str
    log_level: Verbosity
    log_format: str
    log_addresses: str
    drain_seconds: float
    worker_drain_seconds: float
    loudest: int
    worker_load_limit: float
    worker_packets_limit: int
    resume_grace: float
    reload_grace: float
    empty_room_ttl: float
    legacy_direct: bool | None
    workers: int
    sfu_host: str
    sfu_port: kind.UdpPort
    sfu_tcp_port: kind.SfuTcp
    announced_tcp_port: int
    announced_ips: tuple[str, ...]
    sfu_room_members: int
    sfu_grace: float
    access: str
    token_secret: str
    ice: IceConfig
    policy: ModePolicy
    limits: Limits
    door: DoorLimits
    tls_certificate: str
    tls_key: str
    redirect_port: int
    frame_ancestors: tuple[str, ...]

    @property
    def workers_folder(self) -> Path:
        """Where the SFU's workers are found."""
        return Path(self.state_dir).expanduser() / "sfu"


def load(environment: Mapping[str, str], flags: Mapping[str, str | None]) -> Settings:
    """The settings in force.

    Args:
        environment: Usually ``os.environ``.
        flags: By setting name; None where a flag was not given.

    Raises:
        ConfigError: A value is not understood, or two settings contradict each other.
    """
    values = {setting.name: _value(setting, environment, flags) for setting in SETTINGS}
    limits = Limits(**{field.name: values.pop(field.name) for field in fields(Limits)})
    policy = ModePolicy(**{f.name: values.pop(f.name) for f in fields(ModePolicy)})
    door = DoorLimits(**{field.name: values.pop(field.name) for field in fields(DoorLimits)})
    ice = IceConfig(
        stun_urls=values.pop("stun_servers"),
        turn_urls=values.pop("turn_servers"),
        username=values.pop("turn_username"),
        credential=values.pop("turn_credential"),
        secret=values.pop("turn_secret"),
        ttl=values.pop("turn_ttl"),
    )
    _check_together(ice, policy, values["secret"])
    _check_token_secret(values["token_secret"])
    _check_tls(values)
    return Settings(ice=ice, policy=policy, limits=limits, door=door, **values)


def _value(
    setting: Setting, environment: Mapping[str, str], flags: Mapping[str, str | None]
) -> Any:  # noqa: ANN401 - each setting has its own type
    sources = [(setting.flag, flags.get(setting.name))]
    sources += [(name, environment.get(name)) for name in setting.variables]
    source, text = next(
        ((source, text) for source, text in sources if text is not None),
        (setting.flag, setting.default),
    )
    try:
        return setting.parse(text.strip())
    except ValueError as error:
        shown = "its value" if setting.secret else repr(text)
        raise ConfigError(f"{source}: {shown} will not do; {error}") from None


def _check_together(ice: IceConfig, policy: ModePolicy, secret: str) -> None:
    if ice.turn_urls and not ice.secret and not (ice.username and ice.credential):
        raise ConfigError(
            "TURN_SERVERS is set without credentials; set TURN_SECRET (coturn's "
            "static-auth-secret), or TURN_USERNAME and TURN_CREDENTIAL."
        )
    if policy.mesh_cap < policy.mesh_limit:
        raise ConfigError("CROSSOVER_MESH_CAP must not be below CROSSOVER_MESH_LIMIT.")
    if policy.return_at > policy.mesh_limit:
        raise ConfigError("CROSSOVER_RETURN_AT must not be above CROSSOVER_MESH_LIMIT.")
    if secret and len(secret.encode()) < 32:
        raise ConfigError(
            "CROSSOVER_SECRET needs at least 32 characters; leave it out to have one made."
        )


def _check_token_secret(secret: str) -> None:
    if secret and len(secret.encode()) < 32:
        raise ConfigError(
            "CROSSOVER_TOKEN_SECRET needs at least 32 characters; leave it out to have it derived "
            "from CROSSOVER_SECRET."
        )


def _check_tls(values: Mapping[str, Any]) -> None:
    if bool(values["tls_certificate"]) != bool(values["tls_key"]):
        raise ConfigError("CROSSOVER_TLS_CERTIFICATE and CROSSOVER_TLS_KEY go together; set both.")
    if values["redirect_port"] and not values["tls_certificate"]:
        raise ConfigError(
            "CROSSOVER_REDIRECT_PORT leads from plain HTTP to TLS: set CROSSOVER_TLS_CERTIFICATE "
            "and CROSSOVER_TLS_KEY too, or let the proxy that has the certificate redirect."
        )
