"""How much a stranger may ask of the server."""

import ipaddress
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """Every limit, each configurable. Zero messages per second means no limit.

    Attributes:
        frame_bytes: Largest frame that is understood.
        messages_per_second: Sustained rate of frames per connection.
        message_burst: Frames a connection may send at once after being quiet.
        media_requests_per_second: The same for requests about media, which are counted apart:
            who joins a room of a hundred consumes two hundred producers at once.
        media_request_burst: The same of the burst.
        flood_strikes: Refused frames within a burst after which a connection is closed.
        connections_per_address: Open connections from one address.
        rooms_per_address: Rooms that exist and were made from one address.
        rooms_per_member: Rooms one member may be in at once.
        room_members: Members per room, whatever its creator asked for.
        name_length: Characters in a person's or room's name.
        description_length: Characters in a room's description.
        chat_length: Characters in a chat message.
        channels_per_connection: Channels one connection may subscribe to.
        queued_bytes: Bytes that may wait for a client that does not read.
        replay_frames: Frames kept for a session that may resume.
        replay_bytes: The same, in bytes.
        listed_rooms: Rooms in one list.
        transports_per_member: Transports of one member of a room on the SFU.
        producers_per_member: What it may publish there, and as many channels of messages.
        consumers_per_member: What it may receive there, and as many channels of messages.
    """

    frame_bytes: int = 64 * 1024
    messages_per_second: float = 100.0
    message_burst: int = 300
    media_requests_per_second: float = 200.0
    media_request_burst: int = 4000
    flood_strikes: int = 300
    connections_per_address: int = 256
    rooms_per_address: int = 64
    rooms_per_member: int = 16
    room_members: int = 1000
    name_length: int = 64
    description_length: int = 500
    chat_length: int = 4000
    channels_per_connection: int = 32
    queued_bytes: int = 1024 * 1024
    replay_frames: int = 1024
    replay_bytes: int = 512 * 1024
    listed_rooms: int = 500
    transports_per_member: int = 8
    producers_per_member: int = 16
    consumers_per_member: int = 2000


@dataclass(frozen=True)
class DoorLimits:
    """What a connection may take before it is a WebSocket. Zero requests means no limit.

    Attributes:
        connections: TCP connections in all; 0 = as the system's limit of open files allows.
        unfinished_connections: those of them that have not said what they want.
        request_timeout: seconds for the TLS handshake, and for a request's line and headers.
        answer_timeout: seconds for its body, and for each part of our answer to be taken.
        idle_timeout: seconds between two requests.
        requests_per_second: sustained rate of HTTP requests from one address.
        request_burst: requests at once, after being quiet.
    """

    connections: int = 0
    unfinished_connections: int = 2048
    request_timeout: float = 10.0
    answer_timeout: float = 30.0
    idle_timeout: float = 75.0
    requests_per_second: float = 50.0
    request_burst: int = 1000

    def with_connections(self, connections: int) -> "DoorLimits":
        """The same with another number of connections."""
        return replace(self, connections=connections)


def address_key(address: str) -> str:
    """Whom a limit per address counts: an IPv4 address, or the /64 of an IPv6 address.

    Whoever has one IPv6 address has the 2^64 of its network (RFC 6177 §2, RFC 7421). What is no
    address is counted as it is written.
    """
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{ipaddress.IPv6Address(int(parsed) >> 64 << 64)}/64"


class TokenBucket:
    """Admits ``rate`` messages a second after a burst; counts those it refuses.

    A refusal costs nothing but a strike; strikes are forgiven as tokens return. A rate of zero
    admits everything.
    """

    __slots__ = ("_at", "_burst", "_tokens", "rate", "strikes")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self.rate = rate
        self._burst = float(burst)
        self._tokens = self._burst
        self._at = now
        self.strikes = 0

    def take(self, now: float) -> bool:
        """Whether a message that arrives at ``now`` is within the rate."""
        if not self.rate:
            return True
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1.0:
            self.strikes += 1
            return False
        self._tokens -= 1.0
        if self.strikes and self._tokens > self._burst / 2:
            self.strikes = 0
        return True
