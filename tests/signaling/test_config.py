"""The operator's configuration."""

import ipaddress
from dataclasses import fields
from pathlib import Path

import pytest

from signaling.config import SETTINGS, ConfigError, Setting, Settings, load
from signaling.limits import DoorLimits, Limits
from signaling.mode_policy import ModePolicy
from signaling.setting_values import SfuTcp, UdpPort

SECRET = "thirty-two characters, and more of them"


def flags(**given: str) -> dict[str, str | None]:
    return {setting.name: given.get(setting.name) for setting in SETTINGS}


def complaint(environment: dict[str, str], **given: str) -> str:
    with pytest.raises(ConfigError) as error:
        load(environment, flags(**given))
    return str(error.value)


def test_defaults_are_those_of_the_parts() -> None:
    settings = load({}, flags())
    assert settings.limits == Limits()
    assert settings.policy == ModePolicy()
    assert (settings.host, settings.port) == ("", 3000)
    assert (settings.resume_grace, settings.reload_grace, settings.empty_room_ttl) == (30, 5, 0)
    assert settings.legacy_direct is None
    assert settings.allowed_origins == ()
    assert settings.admin_token == ""


def test_every_limit_and_threshold_can_be_set() -> None:
    names = {setting.name for setting in SETTINGS}
    assert {field.name for field in fields(Limits)} <= names
    assert {field.name for field in fields(ModePolicy)} <= names
    assert {field.name for field in fields(DoorLimits)} <= names
    parts = {"ice", "policy", "limits", "door"}
    assert {field.name for field in fields(Settings)} - parts <= names


def test_sfu() -> None:
    settings = load({"CROSSOVER_STATE_DIR": "/state"}, flags())
    assert settings.workers >= 1
    assert settings.sfu_port == UdpPort(40_000, fallback=True)
    assert (settings.sfu_host, settings.announced_ips) == ("", ())
    assert (settings.sfu_room_members, settings.sfu_grace) == (1000, 5)
    assert settings.workers_folder == Path("/state/sfu")
    assert settings.policy.crosses_over is True
    settings = load(
        {
            "CROSSOVER_WORKERS": "0",
            "CROSSOVER_SFU_HOST": "127.0.0.1",
            "CROSSOVER_SFU_PORT": "50000",
            "CROSSOVER_ANNOUNCED_IPS": " 203.0.113.7 , 2001:DB8::1 ",
            "CROSSOVER_CROSSES_OVER": "OFF",
        },
        flags(),
    )
    assert settings.workers == 0
    assert settings.sfu_port == UdpPort(50_000, fallback=False)
    assert (settings.sfu_host, settings.announced_ips) == (
        "127.0.0.1", ("203.0.113.7", "2001:db8::1"),
    )  # fmt: skip
    assert settings.policy.crosses_over is False
    assert load({"CROSSOVER_SFU_PORT": "0"}, flags()).sfu_port == UdpPort(0, fallback=False)
    assert load({"CROSSOVER_WORKERS": "Auto"}, flags()).workers >= 1


def test_tcp_of_the_sfu() -> None:
    settings = load({}, flags())
    assert (settings.sfu_tcp_port, settings.announced_tcp_port) == (SfuTcp(0, is_on=True), 0)
    assert load({"CROSSOVER_SFU_TCP_PORT": "Off"}, flags()).sfu_tcp_port == SfuTcp(is_on=False)
    chosen = {"CROSSOVER_SFU_TCP_PORT": "8443", "CROSSOVER_ANNOUNCED_TCP_PORT": "443"}
    settings = load(chosen, flags())
    assert (settings.sfu_tcp_port.number, settings.announced_tcp_port) == (8443, 443)


def test_flags_come_before_prefixed_variables_before_plain_ones() -> None:
    environment = {"PORT": "1"}
    assert load(environment, flags()).port == 1
    environment["CROSSOVER_PORT"] = "2"
    assert load(environment, flags()).port == 2
    assert load(environment, flags(port="3")).port == 3


def test_values_as_operators_write_them() -> None:
    settings = load(
        {
            "HOST": " 127.0.0.1 ",
            "WEBSOCKET_URL": "wss://signal.example/ws",
            "CROSSOVER_ALLOWED_ORIGINS": "https://A.example/ , http://b.example:8080,",
            "CROSSOVER_TRUSTED_PROXIES": "10.0.0.7/8, ::1",
            "CROSSOVER_SECRET": SECRET,
            "CROSSOVER_LOG_LEVEL": "WARNING",
            "CROSSOVER_LEGACY_DIRECT": "On",
            "CROSSOVER_RESUME_GRACE": "0.5",
            "STUN_SERVERS": "stun:a.example:3478, stuns:b.example",
            "TURN_SERVERS": "turn:a.example:3478?transport=tcp",
            "TURN_SECRET": "s",
            "CROSSOVER_MESH_LIMIT": "4",
            "CROSSOVER_RETURN_AT": "3",
            "CROSSOVER_FRAME_BYTES": "2048",
        },
        flags(),
    )
    assert settings.host == "127.0.0.1"
    assert settings.websocket_url == "wss://signal.example/ws"
    assert settings.allowed_origins == ("https://a.example", "http://b.example:8080")
    assert settings.trusted_proxies == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("::1"),
    )
    assert settings.secret == SECRET
    assert settings.log_level == "warning"
    assert settings.legacy_direct is True
    assert settings.resume_grace == 0.5
    assert settings.ice.stun_urls == ("stun:a.example:3478", "stuns:b.example")
    assert settings.ice.turn_urls == ("turn:a.example:3478?transport=tcp",)
    assert settings.ice.secret == "s"
    assert (settings.policy.mesh_limit, settings.policy.return_at) == (4, 3)
    assert settings.limits.frame_bytes == 2048


WRONG = [
    ("port", "", "whole number"),
    ("port", "http", "whole number"),
    ("port", "-1", "0 to 65535"),
    ("port", "65536", "0 to 65535"),
    ("port", "80.0", "whole number"),
    ("port", "--80", "whole number"),
    ("port", "8-0", "whole number"),
    ("port", "²", "whole number"),
    ("port", "1e3", "whole number"),
    ("websocket_url", "http://x.example", "ws://"),
    ("websocket_url", "wss://", "ws://"),
    ("websocket_url", "wss://a.example,wss://b.example", "one address"),
    ("allowed_origins", "example.org", "https://"),
    ("allowed_origins", "https://a.example,ftp://b.example", "ftp://b.example"),
    ("trusted_proxies", "proxy.example", "10.0.0.0/8"),
    ("trusted_proxies", "10.0.0.0/33", "10.0.0.0/8"),
    ("log_level", "loud", "debug, info, warning, error"),
    ("workers", "many", "whole number"),
    ("workers", "-1", "0 to 1024"),
    ("sfu_port", "65536", "0 to 65535"),
    ("sfu_port", "any", "whole number"),
    ("sfu_tcp_port", "0", "auto, off, or"),
    ("sfu_tcp_port", "on", "1 to 65535"),
    ("announced_tcp_port", "any", "whole number"),
    ("announced_ips", "sfu.example", "203.0.113.7"),
    ("announced_ips", "10.0.0.0/8", "203.0.113.7"),
    ("sfu_room_members", "0", "1 to"),
    ("sfu_grace", "soon", "seconds"),
    ("crosses_over", "auto", "on, off"),
    ("prewarm_from", "33", "0 to 32"),
    ("limited_from", "-1", "0 to 32"),
    ("hand_over_seconds", "0.5", "from 1 to 60"),
    ("hand_over_seconds", "nan", "from 1 to 60"),
    ("transports_per_member", "0", "1 to"),
    ("media_requests_per_second", "-1", "0 to"),
    ("resume_grace", "long", "seconds"),
    ("resume_grace", "-1", "seconds"),
    ("resume_grace", "nan", "seconds"),
    ("reload_grace", "inf", "seconds"),
    ("empty_room_ttl", "604801", "seconds"),
    ("legacy_direct", "yes", "auto, on, off"),
    ("stun_servers", "stun.example:3478", "stun:"),
    ("stun_servers", "turn:turn.example", "stun:"),
    ("stun_servers", "stun:", "stun:"),
    ("turn_servers", "http://turn.example", "turn:"),
    ("turn_ttl", "59", "60 to 86400"),
    ("mesh_limit", "1", "2 to 32"),
    ("mesh_cap", "33", "2 to 32"),
    ("strain_from", "many", "2 to 32"),
    ("return_at", "0", "1 to 32"),
    ("return_after", "soon", "seconds"),
    ("frame_bytes", "1023", "1024"),
    ("messages_per_second", "-1", "0 to"),
    ("message_burst", "0", "1 to"),
    ("connections", "0", "1 to"),
    ("unfinished_connections", "none", "1 to"),
    ("request_timeout", "0", "from 1 to 3600"),
    ("idle_timeout", "3601", "from 1 to 3600"),
    ("requests_per_second", "-1", "0 to"),
    ("redirect_port", "65536", "0 to 65535"),
    ("frame_ancestors", "https://a.example; script-src *", "https://example.org"),
    ("frame_ancestors", "'self'", "https://example.org"),
    ("name_length", "257", "1 to 256"),
    ("description_length", "0", "1 to 4000"),
    ("chat_length", "8193", "1 to 8192"),
]


@pytest.mark.parametrize(("name", "value", "expected"), WRONG)
def test_wrong_value_names_where_it_was_set_and_what_it_should_be(
    name: str, value: str, expected: str
) -> None:
    setting = next(setting for setting in SETTINGS if setting.name == name)
    for variable in setting.variables:
        text = complaint({variable: value})
        assert text.startswith(f"{variable}: ")
        assert expected in text
    text = complaint({}, **{name: value})
    assert text.startswith(f"{setting.flag}: ")
    assert expected in text


@pytest.mark.parametrize("value", ["open", "token", "TOKEN"])
def test_access(value: str) -> None:
    assert load({"CROSSOVER_ACCESS": value}, {}).access == value.lower()


def test_token_secret_has_to_be_long() -> None:
    text = complaint({"CROSSOVER_TOKEN_SECRET": "too short"})
    assert "CROSSOVER_TOKEN_SECRET" in text
    assert "too short" not in text
    assert load({"CROSSOVER_TOKEN_SECRET": "x" * 32}, {}).token_secret == "x" * 32


def test_secrets_are_not_shown() -> None:
    text = complaint({"CROSSOVER_SECRET": "too short"})
    assert "CROSSOVER_SECRET" in text
    assert "too short" not in text
    assert {s.name for s in SETTINGS if s.secret} == {
        "secret",
        "token_secret",
        "admin_token",
        "metrics_token",
        "turn_credential",
        "turn_secret",
    }


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"TURN_SERVERS": "turn:a.example"}, "TURN_SECRET"),
        ({"TURN_SERVERS": "turn:a.example", "TURN_USERNAME": "u"}, "TURN_CREDENTIAL"),
        ({"TURN_SERVERS": "turn:a.example", "TURN_CREDENTIAL": "c"}, "TURN_USERNAME"),
        ({"CROSSOVER_MESH_CAP": "5"}, "CROSSOVER_MESH_LIMIT"),
        ({"CROSSOVER_MESH_LIMIT": "9"}, "CROSSOVER_MESH_CAP"),
        ({"CROSSOVER_RETURN_AT": "7"}, "CROSSOVER_RETURN_AT"),
        ({"CROSSOVER_SECRET": "x" * 31}, "CROSSOVER_SECRET"),
    ],
)
def test_settings_that_contradict_each_other(environment: dict[str, str], named: str) -> None:
    assert named in complaint(environment)


@pytest.mark.parametrize(
    "environment",
    [
        {"TURN_SERVERS": "turn:a.example", "TURN_SECRET": "s"},
        {"TURN_SERVERS": "turn:a.example", "TURN_USERNAME": "u", "TURN_CREDENTIAL": "c"},
        {"CROSSOVER_SECRET": "x" * 32},
        {"CROSSOVER_MESH_LIMIT": "8", "CROSSOVER_RETURN_AT": "8"},
    ],
)
def test_settings_that_go_together(environment: dict[str, str]) -> None:
    load(environment, flags())


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_defaults_are_understood_and_described(setting: Setting) -> None:
    setting.parse(setting.default)
    assert setting.help.endswith((".", "..."))
    assert setting.flag == "--" + setting.name.replace("_", "-")
