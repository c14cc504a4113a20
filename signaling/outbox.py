"""What the core wants done on the network; the shell carries it out in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from signaling.peer_session import Connection


@dataclass(frozen=True, slots=True)
class Write:
    """Send one text frame to each of these connections."""

    connections: Sequence[Connection]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Close a connection after what was written; codes as RFC 6455 §7.4, 4000 and up ours."""

    connection: Connection
    code: int
    reason: str


Effect: TypeAlias = Write | Close
