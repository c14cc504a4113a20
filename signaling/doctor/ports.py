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


def sfu_tcp_verdicts(
    ports: Sequence[PortFacts], running: Running | None, *, is_chosen: bool
) -> list[Finding]:
    """Whether those without UDP reach each worker.

    Args:
        ports: One per worker; none where TCP is switched off.
        running: Who serves now, and so may have them.
        is_chosen: Whether the port was asked for, so that a worker does not start without it.
    """
    return [_sfu_tcp_verdict(one, running, is_chosen=is_chosen) for one in ports]


def _sfu_tcp_verdict(facts: PortFacts, running: Running | None, *, is_chosen: bool) -> Finding:
    subject = f"TCP port {facts.port} (SFU)"
    if facts.is_free:
        return ok(
            subject,
            "It is free for media of people whose network lets no UDP through; whether firewalls "
            "let it in cannot be seen from here.",
        )
    if facts.is_taken and running is not None and running.workers:
        return ok(subject, "It is in use, while the Crossover that runs here has its workers.")
    why = "Another program has it" if facts.is_taken else f"It may not be used ({facts.detail})"
    cure = "Choose another port with CROSSOVER_SFU_TCP_PORT, or off."
    if is_chosen:
        return fail(subject, f"{why}: the worker does not start.", cure)
    return warn(subject, f"{why}: people without UDP do not reach this worker.", cure)


def announced_tcp_verdict(address: str, port: int, answers: bool | None) -> Finding:
    """Whether a worker that runs is reached where browsers are told to connect by TCP.

    Args:
        address: As it is announced.
        port: As it is announced.
        answers: Whether something that speaks as a worker does took a connection from this machine;
            None when the connection was refused or not answered.
    """
    subject = f"TCP {f'[{address}]' if ':' in address else address}:{port}"
    if answers:
        return ok(subject, "The worker answers there, asked from this machine.")
    if answers is None:
        return warn(
            subject,
            "Nobody answers there, asked from this machine: people without UDP may not get in.",
            "Open the port in the firewall, and forward it to the worker where there is NAT; a "
            "router that does not send its own address back (hairpin) looks the same from here.",
        )
    return warn(
        subject,
        "Something else answers there: people without UDP do not get in.",
        "Correct CROSSOVER_ANNOUNCED_IPS, CROSSOVER_SFU_TCP_PORT or CROSSOVER_ANNOUNCED_TCP_PORT.",
    )


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
