"""Verdicts on the ports that we listen at."""

from collections.abc import Sequence
from dataclasses import dataclass

from signaling.doctor.finding import Finding, fail, ok, warn


@dataclass(frozen=True)
class Running:
    """A Crossover that answers on our port.

    Attributes:
        version: Of its package.
        workers: Of the SFU, that it is connected with.
    """

    version: str
    workers: int


@dataclass(frozen=True)
class PortFacts:
    """What came of taking a port, which was given back at once.

    Attributes:
        port: 1 to 65535; 0 = any.
        is_free: It could be taken.
        is_taken: Somebody else has it; False for other reasons.
        detail: The system's words when it is not free.
    """

    port: int
    is_free: bool
    is_taken: bool = False
    detail: str = ""


def tcp_verdict(facts: PortFacts, running: Running | None) -> Finding:
    """Whether the page and signaling can be served, or already are."""
    subject = f"TCP port {facts.port or '(any)'}"
    if facts.is_free:
        return ok(subject, "It is free for the page and signaling.")
    if running is not None:
        return ok(subject, f"Crossover {running.version} serves there already.")
    if facts.is_taken:
        return fail(
            subject,
            "Another program has it.",
            "Stop that program, or choose another port with CROSSOVER_PORT.",
        )
    return fail(
        subject,
        f"It may not be used ({facts.detail}).",
        "Correct CROSSOVER_HOST to an address of this machine, and CROSSOVER_PORT to one that "
        "this user may use, 1024 or above.",
    )


def udp_verdicts(
    ports: Sequence[PortFacts], running: Running | None, *, fallback: bool
) -> list[Finding]:
    """Whether each worker of the SFU gets its port.

    Args:
        ports: One per worker.
        running: Who serves now, and so may have them.
        fallback: Whether a worker takes another port when its own is taken.
    """
    if not ports:
        return [
            warn(
                "SFU",
                "There are no workers: rooms end at the size of a mesh.",
                "Set CROSSOVER_WORKERS to auto, if larger rooms are wanted.",
            )
        ]
    return [_udp_verdict(one, running, fallback=fallback) for one in ports]


def _udp_verdict(facts: PortFacts, running: Running | None, *, fallback: bool) -> Finding:
    subject = f"UDP port {facts.port or '(any)'}"
    if facts.is_free:
        return ok(
            subject,
            "It is free for media; whether firewalls let it through cannot be seen from here.",
        )
    if facts.is_taken and running is not None and running.workers:
        return ok(subject, "It is in use, while the Crossover that runs here has its workers.")
    if facts.is_taken and fallback:
        return warn(
            subject,
            "Another program has it: the worker takes any other, which firewalls may not let pass.",
            "Choose a port with CROSSOVER_SFU_PORT, and open it.",
        )
    if facts.is_taken:
        return fail(
            subject,
            "Another program has it.",
            "Stop that program, or choose another port with CROSSOVER_SFU_PORT.",
        )
    return fail(
        subject,
        f"It may not be used ({facts.detail}).",
        "Correct CROSSOVER_SFU_HOST to an address of this machine, and CROSSOVER_SFU_PORT to one "
        "that this user may use.",
    )
