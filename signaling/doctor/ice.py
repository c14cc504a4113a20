"""Verdicts on STUN and TURN servers, their certificates, and what they say of our addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from signaling.doctor.finding import Finding, fail, ok, warn
from signaling.ice_urls import IceUrl

SOON: Final = 14 * 86400.0
"""Seconds before its end from which a certificate is warned about: ACME renews at 30 days."""


class Trouble(StrEnum):
    """At which step asking a server came to its end."""

    NONE = "none"
    MALFORMED = "malformed"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    REFUSED = "refused"
    UNTESTED = "untested"


@dataclass(frozen=True)
class StunFacts:
    """What came of a binding request.

    Attributes:
        text: The server's address as configured.
        trouble: How far it got.
        detail: The system's or the server's own words.
        seen: Our address as the server sees it; empty unless it answered.
    """

    text: str
    trouble: Trouble
    detail: str = ""
    seen: str = ""


@dataclass(frozen=True)
class TurnFacts:
    """What came of an allocation with credentials like those a member gets.

    Attributes:
        text: The server's address as configured.
        trouble: How far it got.
        detail: The system's or the server's own words.
        code: STUN error code of a refusal, else 0.
        relayed: Address of the allocation; empty unless there was one.
        forbidden: Addresses of the SFU that the server would not relay to.
    """

    text: str
    trouble: Trouble
    detail: str = ""
    code: int = 0
    relayed: str = ""
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class CertificateFacts:
    """What a server showed when TLS was spoken to it.

    Attributes:
        text: The server's address as configured, or the path of our own.
        trouble: Whether it was shown at all.
        detail: Why it was not.
        distrust: Why this machine does not trust it; empty when it does.
        expires: Unix seconds of its end; None when it was not seen.
    """

    text: str
    trouble: Trouble
    detail: str = ""
    distrust: str = ""
    expires: float | None = None


def stun_verdict(facts: StunFacts) -> Finding:
    """Whether a STUN server answers."""
    subject = f"STUN {facts.text}"
    if facts.trouble is Trouble.NONE:
        return ok(subject, f"It answers, and sees this machine as {facts.seen}.")
    return _unreached(subject, facts.trouble, facts.detail, "STUN_SERVERS")


def turn_verdicts(facts: TurnFacts) -> list[Finding]:
    """Whether a TURN server gives our members a relay, and one that reaches the SFU."""
    subject = f"TURN {facts.text}"
    if facts.trouble is Trouble.NONE:
        found = [ok(subject, f"It takes our credentials and relays from {facts.relayed}.")]
        if facts.forbidden:
            named = ", ".join(facts.forbidden)
            found.append(
                fail(
                    subject,
                    f"It does not relay to the SFU at {named}: who needs it gets no media there.",
                    "Add allowed-peer-ip to its configuration for each; `crossover coturn` "
                    "writes them.",
                )
            )
        return found
    if facts.trouble is Trouble.UNTESTED:
        return [warn(subject, f"It was not tried: {facts.detail}.", "Try a call over it.")]
    if facts.trouble is not Trouble.REFUSED:
        return [_unreached(subject, facts.trouble, facts.detail, "TURN_SERVERS")]
    return [_refused(subject, facts)]


def _refused(subject: str, facts: TurnFacts) -> Finding:
    said = f"{facts.code} {facts.detail}".strip()
    match facts.code:
        case 401 | 441:
            return fail(
                subject,
                f"It refuses our credentials ({said}).",
                "Give it the same secret as TURN_SECRET, with use-auth-secret (`crossover coturn` "
                "writes both), and see that its clock is right.",
            )
        case 486:
            return warn(
                subject,
                f"It takes our credentials, and has no allocation left ({said}).",
                "Raise user-quota and total-quota.",
            )
        case 508:
            return warn(
                subject,
                f"It takes our credentials, and has no relay port left ({said}).",
                "Widen min-port to max-port, or add a server.",
            )
        case _:
            return fail(subject, f"It refuses an allocation ({said}).", "Look into its log.")


def _unreached(subject: str, trouble: Trouble, detail: str, setting: str) -> Finding:
    match trouble:
        case Trouble.MALFORMED:
            return fail(subject, f"Browsers will not understand {detail}.", f"Correct {setting}.")
        case Trouble.UNRESOLVED:
            return fail(
                subject,
                f"Its name cannot be resolved ({detail}).",
                f"Correct {setting}, or the name's record.",
            )
        case Trouble.UNREACHABLE:
            return fail(
                subject,
                f"No connection can be made ({detail}).",
                "Start it, open its port in firewalls, and see that the port is the right one.",
            )
        case _:
            return fail(
                subject,
                "It does not answer.",
                "Start it, open its port in firewalls, and see that the port is the right one.",
            )


def certificate_verdict(facts: CertificateFacts, now: float) -> Finding:
    """Whether browsers will trust a server, and for how long.

    Args:
        facts: What it showed.
        now: Unix seconds.
    """
    subject = f"certificate of {facts.text}"
    if facts.trouble is Trouble.MALFORMED:
        return fail(
            subject,
            f"It cannot be read ({facts.detail}).",
            "Correct CROSSOVER_TLS_CERTIFICATE, or who may read that file.",
        )
    if facts.trouble is not Trouble.NONE:
        return _unreached(subject, facts.trouble, facts.detail, "TURN_SERVERS")
    if facts.expires is not None and facts.expires <= now:
        return fail(subject, f"It ended {_days(now - facts.expires)} ago.", "Renew it.")
    if facts.distrust:
        return fail(
            subject,
            f"It is not trusted ({facts.distrust}), and browsers will not use the server.",
            "Get one for the name in the address from an authority that browsers know.",
        )
    if facts.expires is None:
        return fail(subject, "There is none.", "See cert and pkey in its configuration.")
    left = facts.expires - now
    if left < SOON:
        return warn(
            subject,
            f"It ends in {_days(left)}.",
            "Renew it, and see that it is renewed by itself, and the server told.",
        )
    return ok(subject, f"It is good for {_days(left)}.")


def _days(seconds: float) -> str:
    days = int(seconds // 86400)
    return f"{days} days" if days != 1 else "1 day"


def servers_verdict(stun: Sequence[str], turn: Sequence[IceUrl]) -> list[Finding]:
    """What the list of servers, as a whole, cannot do."""
    subject = "STUN and TURN"
    if not turn:
        return [
            warn(
                subject,
                "No TURN server is configured: members behind strict firewalls get no media.",
                "Run coturn (`crossover coturn` writes its configuration) and set TURN_SERVERS "
                "and TURN_SECRET.",
            ),
            *(
                []
                if stun
                else [
                    warn(
                        subject,
                        "No STUN server is configured: in different networks a mesh cannot form.",
                        "Set STUN_SERVERS; coturn is one as well.",
                    )
                ]
            ),
        ]
    transports = {one.transport for one in turn}
    missing = [
        name
        for name, known in (
            ("UDP", {"udp"}),
            ("TCP (?transport=tcp)", {"tcp"}),
            ("TLS (turns:)", {"tls"}),
        )
        if not known & transports
    ]
    if not missing:
        return [ok(subject, "TURN is offered over UDP, TCP and TLS.")]
    return [
        warn(
            subject,
            f"TURN is not offered over {', '.join(missing)}: some networks let only that through.",
            "Add such addresses to TURN_SERVERS, at best turns: on port 443.",
        )
    ]
