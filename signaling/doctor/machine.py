"""Verdicts on the machine: clock, files, kernel, cores, memory."""

from dataclasses import dataclass
from typing import Final

from signaling.doctor.finding import Finding, fail, ok, warn

WANTED_BUFFER: Final = 8 << 20
"""Bytes of kernel buffer that a worker asks for, in each direction."""

OWN_FILES: Final = 100
"""Files that are no connections."""

MEMORY_EACH: Final = 200 << 20
"""Bytes for signaling, and for each worker, with some hundred people."""


@dataclass(frozen=True)
class ClockFacts:
    """What the kernel says of its clock (adjtimex(2)).

    Attributes:
        is_synchronised: NTP or PTP keeps it in step; None where the kernel does not tell.
        worst: Seconds that it may be wrong by, as the kernel believes.
    """

    is_synchronised: bool | None
    worst: float = 0.0


@dataclass(frozen=True)
class SocketFacts:
    """What a UDP socket gets that asks as a worker's does.

    Attributes:
        receive_buffer: Bytes for what comes in.
        send_buffer: Bytes for what goes out.
        segments: UDP_SEGMENT works: one call, many datagrams.
        coalesces: UDP_GRO is known.
        batches: ``recvmmsg`` and ``sendmmsg`` are there.
    """

    receive_buffer: int
    send_buffer: int
    segments: bool
    coalesces: bool
    batches: bool


def clock_verdict(facts: ClockFacts) -> Finding:
    """Whether credentials and tokens end when they should; no other clock is asked."""
    subject = "clock"
    if facts.is_synchronised is None:
        return warn(
            subject,
            "The system does not tell whether it is kept in step.",
            "See that it is: TURN credentials live by it.",
        )
    if not facts.is_synchronised:
        return warn(
            subject,
            "The kernel's clock is not kept in step (adjtimex): TURN credentials may end too "
            "early or too late.",
            "Run an NTP client, such as systemd-timesyncd or chrony.",
        )
    return ok(subject, f"It is kept in step, and wrong by {facts.worst:.3f} s at most (adjtimex).")


def files_verdict(limit: int, connections: int) -> Finding:
    """Whether there may be so many connections.

    Args:
        limit: Most open files of one process, as far as a service may raise it; 0 = endless.
        connections: That are expected.
    """
    subject = "open files"
    room = limit - OWN_FILES
    if limit <= 0 or room >= connections:
        shown = f"{limit} may be open" if limit > 0 else "There is no limit"
        return ok(subject, f"{shown}, and {connections} connections are expected.")
    advice = f"Raise it to {connections + OWN_FILES}: LimitNOFILE= of the service, or ulimit -n."
    if room < 1:
        return fail(subject, f"Only {limit} may be open.", advice)
    return warn(subject, f"{limit} may be open: from {room} connections on, more fail.", advice)


def buffers_verdict(facts: SocketFacts) -> Finding:
    """Whether bursts fit between two looks at the port."""
    subject = "UDP buffers"
    smaller = min(facts.receive_buffer, facts.send_buffer)
    if smaller >= WANTED_BUFFER:
        return ok(subject, f"A worker gets {_mib(smaller)} each way.")
    return warn(
        subject,
        f"A worker gets {_mib(facts.receive_buffer)} in and {_mib(facts.send_buffer)} out of "
        f"{_mib(WANTED_BUFFER)}: bursts may be lost.",
        f"sysctl -w net.core.rmem_max={WANTED_BUFFER} net.core.wmem_max={WANTED_BUFFER}, or give "
        "the service CAP_NET_ADMIN.",
    )


def kernel_verdict(facts: SocketFacts) -> Finding:
    """Whether the fast ways in and out of the kernel are there."""
    subject = "UDP in batches"
    missing = [
        name
        for name, there in (
            ("UDP_SEGMENT", facts.segments),
            ("UDP_GRO", facts.coalesces),
            ("recvmmsg and sendmmsg", facts.batches),
        )
        if not there
    ]
    if not missing:
        return ok(subject, "UDP_SEGMENT, UDP_GRO, recvmmsg and sendmmsg are there.")
    return warn(
        subject,
        f"{', '.join(missing)} cannot be used: each packet costs several times more.",
        "Use Linux 5.0 or newer on a 64-bit machine, without a sandbox that hides them.",
    )


def loop_verdict(installed: bool) -> Finding:
    """Whether the fast event loop is there."""
    if installed:
        return ok("uvloop", "It is installed.")
    return warn("uvloop", "It is missing: signaling is slower without it.", "Install uvloop.")


def cores_verdict(cores: int, workers: int) -> Finding:
    """Whether the SFU's workers and signaling have a core each."""
    subject = "CPU cores"
    shown = f"{cores} for {workers} SFU worker{'s' if workers != 1 else ''} and signaling"
    if workers + 1 <= cores or (workers, cores) == (1, 1):
        return ok(subject, f"{shown}.")
    return warn(
        subject,
        f"{shown}: under load they will wait for each other.",
        "Set CROSSOVER_WORKERS to auto, or to one less than there are cores.",
    )


def memory_verdict(available: int | None, workers: int) -> Finding:
    """Whether there is memory for everybody.

    Args:
        available: Bytes that can still be had, the limits of a container included; None where the
            system does not tell.
        workers: Of the SFU.
    """
    subject = "memory"
    needed = MEMORY_EACH * (workers + 1)
    if available is None:
        return warn(subject, "The system does not tell how much is left.", "See that it suffices.")
    if available >= needed:
        return ok(subject, f"{_mib(available)} can be had, and {_mib(needed)} will do.")
    return warn(
        subject,
        f"{_mib(available)} can be had, and {_mib(needed)} are advisable.",
        "Give the machine or the container more, or run fewer workers.",
    )


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.{0 if size >= 10 << 20 else 1}f} MiB"
