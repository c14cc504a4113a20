"""What a worker is told when it is started."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_PORT: Final = 40_000
"""UDP port of the first worker of a machine; the others follow it."""


@dataclass(frozen=True)
class WorkerConfig:
    """One worker's place in the world.

    Attributes:
        control: Unix socket on which signaling finds the worker.
        name: in reports, logs and metrics.
        host: address to listen at; "" is every address, of IPv4 and IPv6.
        port: UDP port for all peers; 0 for any.
        port_fallback: whether any other port will do when that one is taken.
        announced: addresses that peers are told to send to; empty for the machine's own.
        tcp: whether to listen for peers that have no UDP.
        tcp_port: where; 0 for the number of the UDP port.
        announced_tcp_port: that peers are told, where something in front of the machine has another
            one; 0 for the one that is listened at.
        portable: use plain sockets even where the kernel offers better.
        most_transports: open at a time; more are refused.
        loudest: voices of a room that are forwarded where there are more than one above it; 0 for
            all.
        drain_seconds: from SIGTERM until it ends though transports are open.
        orphan_grace: seconds after which a worker without signaling and transports ends.
        orphan_limit: seconds after which a worker without signaling ends in any case.
    """

    control: Path
    name: str = "worker-0"
    host: str = ""
    port: int = DEFAULT_PORT
    port_fallback: bool = False
    announced: tuple[str, ...] = ()
    tcp: bool = True
    tcp_port: int = 0
    announced_tcp_port: int = 0
    portable: bool = False
    most_transports: int = 4096
    loudest: int = 4
    drain_seconds: float = 30.0
    orphan_grace: float = 60.0
    orphan_limit: float = 600.0
