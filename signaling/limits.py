"""How much a stranger may ask of the server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Every limit, each configurable. Zero messages per second means no limit.

    Attributes:
        frame_bytes: Largest frame that is understood.
        messages_per_second: Sustained rate of frames per connection.
        message_burst: Frames a connection may send at once after being quiet.
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
    """

    frame_bytes: int = 64 * 1024
    messages_per_second: float = 100.0
    message_burst: int = 300
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


class TokenBucket:
    """Admits ``rate`` messages a second after a burst; counts those it refuses.

    A refusal costs nothing but a strike; strikes are forgiven as tokens return.
    """

    __slots__ = ("_at", "_tokens", "strikes")

    def __init__(self, burst: int, now: float) -> None:
        self._tokens = float(burst)
        self._at = now
        self.strikes = 0

    def take(self, limits: Limits, now: float, cost: float = 1.0) -> bool:
        """Whether a message that arrives at ``now`` is within the rate."""
        rate = limits.messages_per_second
        if not rate:
            return True
        self._tokens = min(float(limits.message_burst), self._tokens + (now - self._at) * rate)
        self._at = now
        if self._tokens < cost:
            self.strikes += 1
            return False
        self._tokens -= cost
        if self.strikes and self._tokens > limits.message_burst / 2:
            self.strikes = 0
        return True
