"""Frames and the clock in, effects out: the whole service but for its sockets.

Pure: the shell calls ``connect``, ``receive``, ``disconnect`` and ``tick`` with ``now`` (Unix
seconds on a clock that never steps) and carries out ``take_effects`` after each.
"""

import random
from collections.abc import Iterable

import msgspec

from sfu.control.messages import FromWorker
from signaling.dialects.channels import dialect as channel_dialect
from signaling.dialects.channels import rooms as channel_rooms
from signaling.dialects.rooms import (
    announce,
    identity,
    media_answers,
    media_moves,
    media_reports,
    media_upkeep,
    membership,
)
from signaling.dialects.rooms import dialect as room_dialect
from signaling.dialects.views import summary
from signaling.events import Event, MemberJoined
from signaling.exchange import Exchange, SwitchboardConfig
from signaling.limits import TokenBucket, address_key
from signaling.lists import Lists
from signaling.media.workers import Workers
from signaling.messages import channels, notices, records, requests
from signaling.messages.wire import Error, ErrorCode, Refused
from signaling.outbox import Effect
from signaling.peer_session import Connection, Dialect, PeerSession
from signaling.registry import Registry
from signaling.retirement import Retirement
from signaling.tokens import Signer

PAGE_GONE = 1001
"""RFC 6455 §7.4.1 "going away": the page was closed, left or reloaded."""

FLOOD = 4008
SHUTDOWN = 4012
"""Close codes of our own, beside ``identity.REPLACED``."""

JOINS = frozenset({"create-room", "join-room", "room-created", "user-joined-room"})
"""Requests to be in a room, in either dialect."""

KNOWN_TYPES = room_dialect.TYPES | channel_dialect.TYPES
OTHER = "other"
"""Under which messages are counted that are only relayed, or not understood."""

_peek = msgspec.json.Decoder(channels.Peek).decode


class Switchboard:
    """Routes every frame to its dialect and every event to those it concerns.

    Args:
        workers: The SFU, where the registry's media plane is one.

    Attributes:
        registry: Rooms; others look, the switchboard asks it.
        workers: The same, for looking only.
        tally: What has happened so far.
        journal: What is worth a line in the log; the shell takes it out.
        retirement: Whether the service is about to end.
    """

    def __init__(
        self,
        config: SwitchboardConfig,
        registry: Registry,
        signer: Signer,
        rng: random.Random,
        workers: Workers | None = None,
    ) -> None:
        self.registry = registry
        self.workers = workers or Workers()
        self.tally = registry.tally
        self._exchange = Exchange(config, registry, self.workers, signer, rng)
        self._lists = Lists(self._exchange)
        self.journal = self._exchange.journal
        self.retirement = Retirement(self._exchange)
        self._limits = config.limits
        self._next_number = 0
        self._per_address: dict[str, int] = {}

    # ---- from the shell ------------------------------------------------------------------

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._exchange.connections)

    def has_place_for(self, address: str) -> bool:
        """Whether one more connection from this address is within the limit."""
        return self._per_address.get(address_key(address), 0) < self._limits.connections_per_address

    def connect(self, address: str, origin: str, local: bool, now: float) -> Connection:
        """A new WebSocket; it is greeted at once."""
        self._next_number += 1
        limits = self._limits
        bucket = TokenBucket(limits.messages_per_second, limits.message_burst, now)
        rate, burst = limits.media_requests_per_second, limits.media_request_burst
        media_bucket = TokenBucket(rate, burst, now)
        connection = Connection(self._next_number, address, origin, local, bucket, media_bucket)
        self._exchange.connections[connection.number] = connection
        self.tally.connections += 1
        key = address_key(address)
        self._per_address[key] = self._per_address.get(key, 0) + 1
        member_id = self._exchange.new_member_id()
        self._exchange.open_session(connection, member_id, Dialect.ROOM)
        identity.greet(self._exchange, connection, resumed=False, now=now)
        self._lists.count_changed(now)
        return connection

    def receive(self, connection: Connection, text: str, now: float) -> None:
        """One text frame. Whatever it holds, nothing is raised and nobody else is harmed."""
        peek: channels.Peek | None = None
        try:
            if len(text) * 4 > self._limits.frame_bytes:
                self._check_size(text)
            peek = _peek(text)
            if not self._admits(connection, peek.type, now):
                return
            self.tally.received[peek.type if peek.type in KNOWN_TYPES else OTHER] += 1
            self._publish(self._dispatch(connection, text, peek, now), now)
        except (Refused, msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            if peek is not None or self._admits(connection, "", now):
                refusal = _refusal(error)
                if peek is not None and peek.type in JOINS:
                    self._exchange.note_refused_join(connection, text, refusal.code, peek.id)
                self._refuse(connection, peek, refusal)

    def reject_frame(
        self, connection: Connection, code: ErrorCode, message: str, now: float
    ) -> None:
        """Answers a frame that is no text at all."""
        if self._admits(connection, "", now):
            self._refuse(connection, None, Refused(code, message))

    def disconnect(self, connection: Connection, close_code: int, now: float) -> None:
        """A WebSocket is gone. Its person keeps its place for the grace time."""
        exchange = self._exchange
        if exchange.connections.pop(connection.number, None) is None:
            return
        exchange.channel_connections.pop(connection, None)
        key = address_key(connection.address)
        self._per_address[key] -= 1
        if not self._per_address[key]:
            del self._per_address[key]
        session, connection.session = connection.session, None
        if session is not None:
            session.connections.remove(connection)
            if not session.connections:
                self._away(session, close_code, now)
        self._lists.count_changed(now)

    def tick(self, now: float) -> None:
        """Does what has become due."""
        self._publish(self.registry.tick(now), now)
        for kind, key in self._exchange.deadlines.due(now):
            match kind:
                case "grace":
                    self._time_out(self._exchange.sessions[key], now)
                case "answers":
                    media_answers.give_up_due(self._exchange, now)
                case "strays":
                    media_upkeep.close_strays(self._exchange, key)
                case "linger":
                    media_upkeep.release_unused(self._exchange, key)
                case "move":
                    self._publish(media_moves.go_on(self._exchange, key, now), now)
                case "moved":
                    media_moves.finish(self._exchange, key)
                case "reclaim":
                    media_reports.reclaim(self._exchange, key)
                case "sfu":
                    self._publish(media_reports.despair(self._exchange, now), now)
                case _:
                    self._lists.send(kind, now)

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do."""
        sessions, rooms = self._exchange.deadlines.next(), self.registry.next_deadline()
        if sessions is None or rooms is None:
            return rooms if sessions is None else sessions
        return min(sessions, rooms)

    def take_effects(self) -> list[Effect]:
        """What has to be done on the network, in order."""
        return self._exchange.take_effects()

    def await_workers(self, until: float) -> None:
        """Workers of the SFU are being started: they count as there until then."""
        self._exchange.sfu.workers.expect()
        self._exchange.deadlines.set(("sfu", ""), until)

    def hear(self, worker: str, message: FromWorker, now: float) -> None:
        """What a worker of the SFU says; it is there from its first sign of life."""
        self._publish(media_reports.hear(self._exchange, worker, message, now), now)

    def lose(self, worker: str, now: float) -> None:
        """A worker of the SFU is gone, or cannot be reached; harmless when it never came."""
        self._publish(media_reports.lost(self._exchange, worker, now), now)

    def close_room(self, room_id: str, now: float) -> None:
        """The operator ends a room; raises ``Refused`` when there is none."""
        self._publish(self.registry.close(room_id), now)

    def remove_member(self, room_id: str, member_id: str, now: float) -> None:
        """The operator takes somebody out; raises ``Refused``."""
        session = self._exchange.sessions.get(member_id)
        room = self.registry.index.get(room_id)
        events = self.registry.leave(room_id, member_id, "removed", now)
        if session is not None and session.dialect is Dialect.ROOM:
            left = notices.MemberLeft(
                room_id=room_id,
                member_id=member_id,
                participants=list(room.members),
                reason="removed",
            )
            self._exchange.deliver([session], left)
        self._publish(events, now)

    def open_room(self, wish: requests.CreateRoomPayload, now: float) -> records.RoomSummary:
        """The operator makes a room that waits for its members; raises ``Refused``."""
        room = self.registry.open(membership.spec_of(self._exchange, wish, ""), now)
        self.journal.opened(room, "")
        self._publish([], now)
        return summary(room, self.registry)

    def shut_down(self) -> None:
        """Says goodbye to everybody; clients come back when the server does."""
        text = "The server restarts; your call goes on and the connection comes back by itself."
        goodbye = notices.Goodbye(code="shutdown", message=text, reconnect=True)
        connections = list(self._exchange.connections.values())
        self._exchange.write(connections, goodbye)
        for connection in connections:
            self._exchange.close(connection, SHUTDOWN, "shutdown")

    # ---- frames --------------------------------------------------------------------------

    def _admits(self, connection: Connection, kind: str, now: float) -> bool:
        """Whether a frame is looked at: its connection is open and within the rate for its kind."""
        if connection.closed or connection.number not in self._exchange.connections:
            return False
        is_media = kind in room_dialect.MEDIA_TYPES and connection.dialect is Dialect.ROOM
        bucket = connection.media_bucket if is_media else connection.bucket
        if bucket.take(now):
            return True
        self.tally.over_rate["media" if is_media else "messages"] += 1
        self._too_many(connection, bucket)
        return False

    def _dispatch(
        self, connection: Connection, text: str, peek: channels.Peek, now: float
    ) -> list[Event]:
        if channel_dialect.belongs_here(connection, peek):
            return channel_dialect.handle(self._exchange, connection, text, peek, now)
        if peek.type not in room_dialect.TYPES:
            message = f"Nothing is known of messages of type {peek.type}."
            raise Refused(ErrorCode.UNKNOWN_TYPE, message)
        return room_dialect.handle(self._exchange, connection, text, now)

    def _check_size(self, text: str) -> None:
        most = self._limits.frame_bytes
        if len(text.encode(errors="replace")) > most:
            message = f"The frame is too large; {most} bytes are allowed."
            raise Refused(ErrorCode.FRAME_TOO_LARGE, message)

    def _refuse(self, connection: Connection, peek: channels.Peek | None, refusal: Refused) -> None:
        self.tally.refused[refusal.code] += 1
        if peek is not None and peek.type in JOINS:
            self.tally.not_joined[refusal.code] += 1
        answer = Error(
            code=refusal.code,
            message=refusal.message,
            id=peek.id if peek else msgspec.UNSET,
            channel=(peek.channel if peek else None) or msgspec.UNSET,
            room_id=refusal.room_id or msgspec.UNSET,
            to=refusal.to or msgspec.UNSET,
        )
        self._exchange.reply(connection, answer)

    def _too_many(self, connection: Connection, bucket: TokenBucket) -> None:
        """Says so once per strike; a flood ends the connection."""
        strikes, most = bucket.strikes, self._limits.flood_strikes
        if strikes >= most:
            text = "Too many messages; this connection is closed."
            goodbye = notices.Goodbye(code="flood", message=text, reconnect=True)
            self._exchange.reply_uncounted(connection, goodbye)
            self._exchange.close(connection, FLOOD, "flood")
        elif strikes == 1 or strikes == most // 2:
            message = f"More than {bucket.rate:g} messages a second."
            self._refuse(connection, None, Refused(ErrorCode.TOO_MANY_REQUESTS, message))

    # ---- consequences --------------------------------------------------------------------

    def _publish(self, events: Iterable[Event], now: float) -> None:
        for event in events:
            self._exchange.note_event(event, now)
            media_upkeep.follow(self._exchange, event, now)
            announce.tell(self._exchange, event, now)
            if isinstance(event, MemberJoined):
                channel_rooms.tell_joined(self._exchange, event)
        self._lists.rooms_changed(now)

    def _away(self, session: PeerSession, close_code: int, now: float) -> None:
        if not self.registry.index.rooms_of(session.member_id):
            self._exchange.forget(session)
            return
        config = self._exchange.config
        grace = config.resume_grace
        if close_code == PAGE_GONE:
            grace = min(grace, config.reload_grace)
        self._exchange.deadlines.set(("grace", session.member_id), now + grace)
        self._publish(self.registry.set_presence(session.member_id, "reconnecting", now), now)

    def _time_out(self, session: PeerSession, now: float) -> None:
        events = self.registry.leave_all(session.member_id, "timed-out", now)
        self._exchange.forget(session)
        self._publish(events, now)


def _refusal(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, RecursionError):
        return Refused(ErrorCode.BAD_MESSAGE, "The message nests too deeply.")
    text = f"The message is not understood: {error}"[:300]
    return Refused(ErrorCode.BAD_MESSAGE, text)
