"""Who is connected: connections, and the peer sessions that outlive them."""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from signaling.limits import Limits, TokenBucket


class Dialect(Enum):
    """Which messages a connection speaks."""

    ROOM = "room"
    CHANNEL = "channel"


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket, as the core knows it.

    Attributes:
        number: Names it between shell and core.
        address: The client's, after trusted proxies.
        origin: The page's origin; empty for clients that are no browsers.
        local: Whether client and server are on one machine.
        channels: What a channel connection has subscribed to.
        session: Whose it is; a channel connection may belong to nobody (yet).
        bucket: Admits its messages, all but those about media, which have...
        media_bucket: ...their own: who joins a large room asks for hundreds of things at once.
        closed: The server has closed it; what still arrives from it is ignored.
    """

    number: int
    address: str
    origin: str
    local: bool
    bucket: TokenBucket
    media_bucket: TokenBucket
    dialect: Dialect = Dialect.ROOM
    channels: frozenset[str] = frozenset()
    session: "PeerSession | None" = None
    closed: bool = False

    @property
    def holder(self) -> "PeerSession":
        """Its session, which a room-dialect connection always has."""
        assert self.session is not None
        return self.session


@dataclass(slots=True, eq=False)
class PeerSession:
    """A person's signaling session: one connection in the room dialect, several in the other.

    Attributes:
        secret: What further channel sockets may prove themselves with.
        replay: What a resuming client may have missed; None until it is known to resume.
        era: Grows when the client begins anew: answers to what it asked before are no use to it.
    """

    member_id: str
    dialect: Dialect
    address: str
    origin: str
    secret: str | None = None
    connections: list[Connection] = field(default_factory=list)
    replay: "ReplayBuffer | None" = None
    sent: int = 0
    era: int = 0

    def note(self, payload: bytes, limits: Limits) -> None:
        """Counts a frame, and keeps it where the client may ask for it again."""
        self.sent += 1
        if self.replay is not None:
            self.replay.keep(payload, limits)

    def acknowledge(self, received: int) -> None:
        """The client has the first ``received`` frames; it is one that resumes."""
        if self.replay is None:
            self.replay = ReplayBuffer(first=self.sent)
        self.replay.forget_before(received)

    def restart_count(self) -> None:
        """Forgets what was sent: the client counts from nothing again."""
        self.sent = 0
        self.era += 1
        if self.replay is not None:
            self.replay = ReplayBuffer(first=0)

    def missed_after(self, received: int) -> list[bytes] | None:
        """The frames beyond ``received``; None when they are not all there any more."""
        if self.replay is None:
            return [] if received == self.sent else None
        return self.replay.after(received, self.sent)


class ReplayBuffer:
    """The last frames of a session, bounded in number and bytes."""

    __slots__ = ("_bytes", "_first", "_frames")

    def __init__(self, first: int) -> None:
        self._first = first
        self._frames: deque[bytes] = deque()
        self._bytes = 0

    def keep(self, payload: bytes, limits: Limits) -> None:
        """Adds the newest frame; forgets the oldest beyond the limits."""
        self._frames.append(payload)
        self._bytes += len(payload)
        while len(self._frames) > limits.replay_frames or self._bytes > limits.replay_bytes:
            self._drop()

    def forget_before(self, received: int) -> None:
        """Drops what the client has."""
        while self._frames and self._first < received:
            self._drop()

    def after(self, received: int, sent: int) -> list[bytes] | None:
        """The frames from number ``received`` up to ``sent``; None when some are gone."""
        if not self._first <= received <= sent:
            return None
        return list(self._frames)[received - self._first :]

    def _drop(self) -> None:
        self._bytes -= len(self._frames.popleft())
        self._first += 1
