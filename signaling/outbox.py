"""What the core wants done on the network; the shell carries it out in order."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from sfu.control.messages import Command
from signaling.peer_session import Connection


class Write(msgspec.Struct, frozen=True):
    """Send one text frame to each of these connections."""

    connections: Sequence[Connection]
    payload: bytes


class Close(msgspec.Struct, frozen=True):
    """Close a connection after what was written; codes as RFC 6455 §7.4, 4000 and up ours."""

    connection: Connection
    code: int
    reason: str


class Submit(msgspec.Struct, frozen=True):
    """Pass a command to an SFU worker; what becomes of it the worker answers."""

    worker: str
    command: Command


Effect: TypeAlias = Write | Close | Submit
