"""Verdicts on the addresses that browsers are told to send media to."""

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from signaling.doctor.finding import Finding, fail, ok, warn

SUBJECT = "announced addresses"


@dataclass(frozen=True)
class AddressFacts:
    """Who we say we are, who we are, and who others say we are.

    Attributes:
        announced: What browsers are told.
        own: All addresses of this machine.
        seen: What STUN servers see, as far as any was asked and answered.
        asked: Whether a STUN server was configured to be asked.
    """

    announced: Sequence[str]
    own: Collection[str]
    seen: Sequence[str] = ()
    asked: bool = False


def address_verdicts(facts: AddressFacts) -> list[Finding]:
    """Whether media can come in, and from how far."""
    return [*_each(facts), *_together(facts)]


def _each(facts: AddressFacts) -> Iterator[Finding]:
    for one in facts.announced:
        subject = f"announced {one}"
        if one in facts.own:
            yield ok(subject, "It is this machine's own.")
        elif one in facts.seen:
            yield ok(
                subject,
                "It is where STUN sees this machine: its router must pass the SFU's UDP ports on.",
            )
        elif facts.seen:
            yield warn(
                subject,
                "It is neither this machine's nor where STUN sees it.",
                "Correct CROSSOVER_ANNOUNCED_IPS, unless a router passes the SFU's UDP ports on "
                "from there.",
            )
        else:
            yield warn(
                subject,
                "It is not this machine's own, and no STUN server confirms it.",
                "See that its router passes the SFU's UDP ports on; set STUN_SERVERS to have it "
                "compared.",
            )


def _together(facts: AddressFacts) -> Iterator[Finding]:
    announced = [ipaddress.ip_address(one) for one in facts.announced]
    listed = ",".join(facts.announced)
    if all(one.is_loopback for one in announced):
        yield fail(
            SUBJECT,
            "Only this machine itself is told where to send media.",
            "Set CROSSOVER_ANNOUNCED_IPS to addresses that members can reach.",
        )
        return
    missing = [
        one
        for one in facts.seen
        if one not in facts.announced and not ipaddress.ip_address(one).is_loopback
    ]
    if missing:
        yield warn(
            SUBJECT,
            f"STUN sees this machine at {', '.join(missing)}, which is not announced: members who "
            "are not in its network may get no media.",
            f"Set CROSSOVER_ANNOUNCED_IPS={','.join([*missing, *facts.announced])} and pass the "
            "SFU's UDP ports on at the router.",
        )
    elif any(one.is_global for one in announced):
        yield ok(SUBJECT, f"Members everywhere are told where to send media: {listed}.")
    elif facts.seen:
        yield ok(SUBJECT, f"STUN agrees with what is announced: {listed}.")
    else:
        yield warn(
            SUBJECT,
            f"All are private ({listed}): members in other networks get no media.",
            "If there are any, set CROSSOVER_ANNOUNCED_IPS to the public address as well; "
            "STUN_SERVERS lets this check see it.",
        )
