"""What both dialects work on: connections, sessions, the registry, and the way out."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from sfu.control.messages import Command
from signaling.deadlines import Deadlines
from signaling.events import Event, MemberJoined
from signaling.ice_servers import IceConfig
from signaling.journal import Journal, asked_room, plain_id
from signaling.limits import Limits
from signaling.media.sfu import Sfu
from signaling.media.workers import Workers
from signaling.messages.wire import ErrorCode, Ok, RequestId, Wire
from signaling.outbox import Close, Effect, Submit, Write
from signaling.peer_session import Connection, Dialect, PeerSession
from signaling.registry import Registry
from signaling.tokens import Signer

ROOM_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is mistaken for another when read aloud or copied by hand."""


@dataclass(frozen=True)
class SwitchboardConfig:
    """What the operator decides about sessions.

    Attributes:
        resume_grace: Seconds for which a dropped connection keeps its membership.
        sfu_grace: Seconds without any worker after which the SFU counts as lost.
        reload_grace: The same when the page went away in good order (close code 1001): a reload
            is back at once, a closed tab never.
        legacy_direct: Relay messages without room id; None = for clients on this machine.
        needs_token: Rooms are made and joined with a join token only.
    """

    limits: Limits = field(default_factory=Limits)
    ice: IceConfig = field(default_factory=IceConfig)
    resume_grace: float = 30.0
    reload_grace: float = 5.0
    sfu_grace: float = 5.0
    legacy_direct: bool | None = None
    needs_token: bool = False
    version: str = ""


class Exchange:
    """Connections and sessions by number and id, the SFU, and what goes out to them."""

    def __init__(
        self,
        config: SwitchboardConfig,
        registry: Registry,
        workers: Workers,
        signer: Signer,
        rng: random.Random,
    ) -> None:
        self.config = config
        self.registry = registry
        self.tally = registry.tally
        self.journal = Journal()
        self.sfu = Sfu(workers, rng)
        self.signer = signer
        self.rng = rng
        self.deadlines: Deadlines[tuple[str, str]] = Deadlines()
        self.connections: dict[int, Connection] = {}
        self.sessions: dict[str, PeerSession] = {}
        self.list_subscribers: dict[PeerSession, None] = {}
        self.channel_connections: dict[Connection, None] = {}
        self._effects: list[Effect] = []
        self._encode = msgspec.json.Encoder().encode

    # ---- out -----------------------------------------------------------------------------

    def take_effects(self) -> list[Effect]:
        """What has to be done on the network, in order; the outbox is empty afterwards."""
        effects, self._effects = self._effects, []
        return effects

    def reply(self, connection: Connection, message: Wire) -> None:
        """Sends to one connection; counted if it is its session's."""
        payload = self._encode(message)
        session = connection.session
        if session is not None and session.dialect is Dialect.ROOM:
            session.note(payload, self.config.limits)
        self._effects.append(Write((connection,), payload))

    def reply_uncounted(self, connection: Connection, message: Wire) -> None:
        """Sends a greeting, ``pong`` or ``goodbye``: frames outside the count of a session."""
        self._effects.append(Write((connection,), self._encode(message)))

    def deliver(self, sessions: Iterable[PeerSession], message: Wire) -> None:
        """Sends to room-dialect sessions; kept for those that are away and may resume."""
        payload = self._encode(message)
        live: list[Connection] = []
        for session in sessions:
            session.note(payload, self.config.limits)
            live += session.connections
        if live:
            self._effects.append(Write(live, payload))

    def write(self, connections: Iterable[Connection], message: Wire | bytes) -> None:
        """Sends to connections as they are, without counting."""
        live = list(connections)
        if live:
            payload = message if isinstance(message, bytes) else self._encode(message)
            self._effects.append(Write(live, payload))

    def acknowledge(self, connection: Connection, request: RequestId | msgspec.UnsetType) -> None:
        """Answers a request that has no answer of its own, if it carried an id."""
        if not isinstance(request, msgspec.UnsetType):
            self.reply(connection, Ok(id=request))

    def replay(self, connection: Connection, payloads: list[bytes]) -> None:
        """Sends again what a resumed session has missed; these count already."""
        self._effects.extend(Write((connection,), payload) for payload in payloads)

    def submit(self, worker: str, command: Command) -> None:
        """Passes a command to a worker of the SFU."""
        self._effects.append(Submit(worker, command))

    def close(self, connection: Connection, code: int, reason: str) -> None:
        """Closes a connection after everything sent so far."""
        connection.closed = True
        self.tally.closed[reason] += 1
        self._effects.append(Close(connection, code, reason))

    # ---- who ------------------------------------------------------------------------------

    def new_member_id(self) -> str:
        """A member id nobody has."""
        while True:
            member_id = f"{self.rng.getrandbits(64):016x}"
            if member_id not in self.sessions:
                return member_id

    def new_room_id(self) -> str:
        """A room id that is easy to read and (59 bits) not to be guessed."""
        while True:
            letters = "".join(self.rng.choices(ROOM_ID_LETTERS, k=12))
            room_id = f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
            if room_id not in self.registry.index:
                return room_id

    def open_session(self, connection: Connection, member_id: str, dialect: Dialect) -> PeerSession:
        """A new session for ``member_id``, held by this connection."""
        session = PeerSession(member_id, dialect, connection.address, connection.origin)
        self.sessions[member_id] = session
        self.attach(connection, session)
        return session

    def attach(self, connection: Connection, session: PeerSession) -> None:
        """Makes a connection one of the session's; its grace time, if running, ends."""
        connection.session = session
        session.connections.append(connection)
        self.deadlines.cancel(("grace", session.member_id))

    def forget(self, session: PeerSession) -> None:
        """Ends a session that is in no room and has no connection."""
        del self.sessions[session.member_id]
        self.list_subscribers.pop(session, None)
        self.deadlines.cancel(("grace", session.member_id))

    def note_event(self, event: Event, now: float) -> None:
        """Notes an event of the registry for the log."""
        member_id = event.member.id if isinstance(event, MemberJoined) else ""
        session = self.sessions.get(member_id)
        self.journal.follow(event, session.address if session is not None else "", now)

    def note_refused_join(
        self,
        connection: Connection,
        text: str,
        code: ErrorCode,
        request: RequestId | msgspec.UnsetType,
    ) -> None:
        """Notes for the log that somebody was not let in; ``text``: the frame that asked."""
        self.journal.note(
            "join-refused",
            code=code.value,
            room=asked_room(text),
            member=None if connection.session is None else connection.session.member_id,
            connection=connection.number,
            request=request if isinstance(request, int) else plain_id(request),
            address=connection.address,
        )

    def allows_legacy(self, connection: Connection) -> bool:
        """Whether a connection may use legacy direct mode."""
        if self.config.needs_token:
            return False
        configured = self.config.legacy_direct
        return connection.local if configured is None else configured

    def members_speaking(self, dialect: Dialect, member_ids: Iterable[str]) -> list[PeerSession]:
        """The sessions among these members that speak a dialect."""
        find = self.sessions.get
        return [
            session
            for member_id in member_ids
            if (session := find(member_id)) is not None and session.dialect is dialect
        ]
