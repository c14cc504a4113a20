"""Verdicts on what was configured and installed."""

import pytest

from signaling.doctor import installation
from signaling.doctor.finding import Finding, Level, exit_code, fail, ok, warn
from signaling.doctor.installation import PathFacts
from signaling.setting_values import networks

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL

MISSING = PathFacts("/state", exists=False, is_usable=True)
NOWHERE = PathFacts("/state", exists=False, is_usable=False, detail="nothing can be made in /")
LOCKED = PathFacts("/state", exists=True, is_usable=False, detail="permission denied")
OPEN = PathFacts("/state", exists=True, is_usable=True, is_shared=True, length=64)
PRIVATE = PathFacts("/state", exists=True, is_usable=True, length=64)
SHORT = PathFacts("/state", exists=True, is_usable=True, length=31)


@pytest.mark.parametrize(
    ("facts", "level"),
    [(MISSING, OK), (NOWHERE, FAIL), (LOCKED, FAIL), (OPEN, WARN), (PRIVATE, OK)],
)
def test_state_folder(facts: PathFacts, level: Level) -> None:
    verdict = installation.folder_verdict(facts)
    assert verdict.level is level
    assert "/state" in verdict.subject


@pytest.mark.parametrize(
    ("configured", "kept", "level"),
    [
        (40, NOWHERE, OK),
        (0, MISSING, OK),
        (0, NOWHERE, FAIL),
        (0, LOCKED, FAIL),
        (0, OPEN, FAIL),
        (0, SHORT, FAIL),
        (0, PRIVATE, OK),
    ],
)
def test_signing_secret(configured: int, kept: PathFacts, level: Level) -> None:
    assert installation.signing_verdict(configured, kept).level is level


def test_chosen_secrets() -> None:
    found = list(installation.strength_verdicts([("TURN_SECRET", 32), ("TOKEN", 31)]))
    assert [one.level for one in found] == [OK, WARN]
    assert list(installation.strength_verdicts([])) == []


def test_page() -> None:
    assert installation.page_verdict(True).level is OK
    assert installation.page_verdict(False).advice == "Run `make page`."


@pytest.mark.parametrize(
    ("origins", "level"),
    [
        ((), OK),
        (("https://calls.example",), OK),
        (("http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:80"), OK),
        (("http://calls.example",), WARN),
        (("https://calls.example", "*"), WARN),
        (("https://calls.example/page",), FAIL),
        (("https://",), FAIL),
    ],
)
def test_origins(origins: tuple[str, ...], level: Level) -> None:
    assert installation.origin_verdict(origins).level is level


@pytest.mark.parametrize(
    ("host", "proxies", "websocket_url", "levels"),
    [
        ("", "10.0.0.1", "", [OK]),
        ("", "", "", [WARN]),
        ("127.0.0.1", "", "", [WARN]),
        ("", "0.0.0.0/0", "", [FAIL]),
        ("", "10.0.0.0/8, ::/0", "", [FAIL]),
        ("", "10.0.0.1", "wss://calls.example/ws", [OK]),
        ("", "10.0.0.1", "ws://localhost:3000/ws", [OK]),
        ("", "10.0.0.1", "ws://calls.example/ws", [OK, WARN]),
    ],
)
def test_proxies(host: str, proxies: str, websocket_url: str, levels: list[Level]) -> None:
    found = installation.proxy_verdict(host, networks(proxies), websocket_url)
    assert [one.level for one in found] == levels


def test_no_proxy_is_needed_where_tls_is_spoken() -> None:
    (found,) = installation.proxy_verdict("", (), "", has_tls=True)
    assert found.level is OK


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], 0),
        ([ok("a", "b")], 0),
        ([ok("a", "b"), warn("a", "b", "c")], 0),
        ([warn("a", "b", "c"), fail("a", "b", "c"), ok("a", "b")], 1),
    ],
)
def test_exit_code(findings: list[Finding], code: int) -> None:
    assert exit_code(findings) == code
