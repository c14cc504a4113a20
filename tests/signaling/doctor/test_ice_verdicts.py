"""Verdicts on STUN and TURN servers and their certificates."""

import pytest

from signaling.doctor.finding import Level
from signaling.doctor.ice import (
    SOON,
    CertificateFacts,
    StunFacts,
    Trouble,
    TurnFacts,
    certificate_verdict,
    servers_verdict,
    stun_verdict,
    turn_verdicts,
)
from signaling.ice_urls import parse_ice_url

NOW = 1_800_000_000.0
DAY = 86400.0
URL = "turn:turn.example"


@pytest.mark.parametrize(
    ("facts", "level", "said"),
    [
        (TurnFacts(URL, Trouble.NONE, relayed="8.8.4.4"), Level.OK, "relays from 8.8.4.4"),
        (TurnFacts(URL, Trouble.REFUSED, "Unauthorized", 401), Level.FAIL, "use-auth-secret"),
        (TurnFacts(URL, Trouble.REFUSED, "Wrong Credentials", 441), Level.FAIL, "TURN_SECRET"),
        (TurnFacts(URL, Trouble.REFUSED, "Quota", 486), Level.WARN, "user-quota"),
        (TurnFacts(URL, Trouble.REFUSED, "Capacity", 508), Level.WARN, "min-port"),
        (TurnFacts(URL, Trouble.REFUSED, "Forbidden", 403), Level.FAIL, "403 Forbidden"),
        (TurnFacts(URL, Trouble.REFUSED, "no code", 0), Level.FAIL, "log"),
        (TurnFacts(URL, Trouble.UNRESOLVED, "unknown name"), Level.FAIL, "resolved"),
        (TurnFacts(URL, Trouble.UNREACHABLE, "connection refused"), Level.FAIL, "Start it"),
        (TurnFacts(URL, Trouble.SILENT), Level.FAIL, "does not answer"),
        (TurnFacts(URL, Trouble.MALFORMED, "'turn:'"), Level.FAIL, "Correct TURN_SERVERS"),
        (TurnFacts(URL, Trouble.UNTESTED, "DTLS"), Level.WARN, "not tried"),
    ],
)
def test_turn(facts: TurnFacts, level: Level, said: str) -> None:
    (verdict,) = turn_verdicts(facts)
    assert verdict.level is level
    assert said in f"{verdict.found} {verdict.advice}"
    assert URL in verdict.subject


def test_a_relay_that_does_not_reach_the_sfu() -> None:
    facts = TurnFacts(URL, Trouble.NONE, relayed="8.8.4.4", forbidden=("10.0.0.5", "10.0.0.6"))
    fine, broken = turn_verdicts(facts)
    assert (fine.level, broken.level) == (Level.OK, Level.FAIL)
    assert "10.0.0.5, 10.0.0.6" in broken.found
    assert "allowed-peer-ip" in broken.advice


@pytest.mark.parametrize(
    ("facts", "level", "said"),
    [
        (StunFacts("stun:a", Trouble.NONE, seen="8.8.4.4"), Level.OK, "8.8.4.4"),
        (StunFacts("stun:a", Trouble.SILENT), Level.FAIL, "does not answer"),
        (StunFacts("stun:a", Trouble.UNRESOLVED, "unknown"), Level.FAIL, "STUN_SERVERS"),
    ],
)
def test_stun(facts: StunFacts, level: Level, said: str) -> None:
    verdict = stun_verdict(facts)
    assert verdict.level is level
    assert said in f"{verdict.found} {verdict.advice}"


@pytest.mark.parametrize(
    ("left", "distrust", "level", "said"),
    [
        (60 * DAY, "", Level.OK, "60 days"),
        (SOON, "", Level.OK, "14 days"),
        (SOON - 1, "", Level.WARN, "13 days"),
        (1.5 * DAY, "", Level.WARN, "1 day."),
        (0, "certificate has expired", Level.FAIL, "0 days ago"),
        (-3 * DAY, "certificate has expired", Level.FAIL, "3 days ago"),
        (60 * DAY, "self-signed certificate", Level.FAIL, "self-signed"),
        (None, "", Level.FAIL, "There is none"),
    ],
)
def test_certificates(left: float | None, distrust: str, level: Level, said: str) -> None:
    expires = None if left is None else NOW + left
    facts = CertificateFacts(URL, Trouble.NONE, distrust=distrust, expires=expires)
    verdict = certificate_verdict(facts, NOW)
    assert verdict.level is level
    assert said in verdict.found


def test_a_certificate_that_was_not_seen() -> None:
    facts = CertificateFacts(URL, Trouble.UNREACHABLE, "connection refused")
    assert certificate_verdict(facts, NOW).level is Level.FAIL
    unread = CertificateFacts("/tls/chain.pem", Trouble.MALFORMED, "permission denied")
    assert "CROSSOVER_TLS_CERTIFICATE" in certificate_verdict(unread, NOW).advice


@pytest.mark.parametrize(
    ("stun", "turn", "levels", "said"),
    [
        ([], [], ["warn", "warn"], "STUN_SERVERS"),
        (["stun:a"], [], ["warn"], "crossover coturn"),
        ([], ["turn:a"], ["warn"], "TCP (?transport=tcp), TLS (turns:)"),
        ([], ["turn:a", "turns:a"], ["warn"], "TCP"),
        ([], ["turn:a", "turn:a?transport=tcp", "turns:a"], ["ok"], "UDP, TCP and TLS"),
    ],
)
def test_the_list_as_a_whole(
    stun: list[str], turn: list[str], levels: list[str], said: str
) -> None:
    verdicts = servers_verdict(stun, [parse_ice_url(one) for one in turn])
    assert [one.level.value for one in verdicts] == levels
    assert said in " ".join(f"{one.found} {one.advice}" for one in verdicts)
