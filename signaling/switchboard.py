"""Frames and the clock in, effects out: the whole service but for its sockets.

Pure: the shell calls ``connect``, ``receive``, ``disconnect`` and ``tick`` with ``now`` (Unix
seconds on a clock that never steps) and carries out ``take_effects`` after each.
"""

import random
from collections.abc import Iterable

import msgspec

from signaling.dialects.channels import dialect as channel_dialect
from signaling.dialects.channels import rooms as channel_rooms
from signaling.dialects.channels.subscriptions import client_count
from signaling.dialects.rooms import announce, identity, membership
from signaling.dialects.rooms import dialect as room_dialect
from signaling.dialects.views import summary
from signaling.events import Event, MemberJoined
from signaling.exchange import Exchange, SwitchboardConfig
from signaling.limits import TokenBucket
from signaling.messages import channels, notices, records, requests
from signaling.messages.wire import Error, ErrorCode, Refused
from signaling.outbox import Effect
from signaling.peer_session import Connection, Dialect, PeerSession
from signaling.registry import Registry
from signaling.tokens import Signer

LIST_INTERVAL = 0.1
"""Seconds between two lists (or client counts) to the same subscribers, at least."""

LIST_REPEAT = 5.0
"""Seconds after which channel-dialect subscribers get the list again, while there are rooms."""

PAGE_GONE = 1001
"""RFC 6455 §7.4.1 "going away": the page was closed, left or reloaded."""

FLOOD = 4008
SHUTDOWN = 4012
"""Close codes of our own, beside ``identity.REPLACED``."""

_peek = msgspec.json.Decoder(channels.Peek).decode


class Switchboard:
    """Routes every frame to its dialect and every event to those it concerns."""

    def __init__(
        self, config: SwitchboardConfig, registry: Registry, signer: Signer, rng: random.Random
    ) -> None:
        self.registry = registry
        self._exchange = Exchange(config, registry, signer, rng)
        self._limits = config.limits
        self._next_number = 0
        self._per_address: dict[str, int] = {}
        self._listed_version = registry.index.version
        self._listed_at = float("-inf")
        self._counted_at = float("-inf")

    # ---- from the shell ------------------------------------------------------------------

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._exchange.connections)

    def has_place_for(self, address: str) -> bool:
        """Whether one more connection from this address is within the limit."""
        return self._per_address.get(address, 0) < self._limits.connections_per_address

    def connect(self, address: str, origin: str, local: bool, now: float) -> Connection:
        """A new WebSocket; it is greeted at once."""
        self._next_number += 1
        bucket = TokenBucket(self._limits.message_burst, now)
        connection = Connection(self._next_number, address, origin, local, bucket)
        self._exchange.connections[connection.number] = connection
        self._per_address[address] = self._per_address.get(address, 0) + 1
        member_id = self._exchange.new_member_id()
        self._exchange.open_session(connection, member_id, Dialect.ROOM)
        identity.greet(self._exchange, connection, resumed=False, now=now)
        self._count_changed(now)
        return connection

    def receive(self, connection: Connection, text: str, now: float) -> None:
        """One text frame. Whatever it holds, nothing is raised and nobody else is harmed."""
        if not self._admits(connection, now):
            return
        peek: channels.Peek | None = None
        try:
            if len(text) * 4 > self._limits.frame_bytes:
                self._check_size(text)
            peek = _peek(text)
            self._publish(self._dispatch(connection, text, peek, now), now)
        except Refused as refusal:
            self._refuse(connection, peek, refusal)
        except (msgspec.MsgspecError, UnicodeError) as error:
            self._refuse(connection, peek, Refused(ErrorCode.BAD_MESSAGE, _sentence(error)))
        except RecursionError:
            too_deep = Refused(ErrorCode.BAD_MESSAGE, "The message nests too deeply.")
            self._refuse(connection, peek, too_deep)

    def reject_frame(
        self, connection: Connection, code: ErrorCode, message: str, now: float
    ) -> None:
        """Answers a frame that is no text at all."""
        if self._admits(connection, now):
            self._refuse(connection, None, Refused(code, message))

    def disconnect(self, connection: Connection, close_code: int, now: float) -> None:
        """A WebSocket is gone. Its person keeps its place for the grace time."""
        exchange = self._exchange
        if exchange.connections.pop(connection.number, None) is None:
            return
        exchange.channel_connections.pop(connection, None)
        self._per_address[connection.address] -= 1
        if not self._per_address[connection.address]:
            del self._per_address[connection.address]
        session, connection.session = connection.session, None
        if session is not None:
            session.connections.remove(connection)
            if not session.connections:
                self._away(session, close_code, now)
        self._count_changed(now)

    def tick(self, now: float) -> None:
        """Does what has become due."""
        self._publish(self.registry.tick(now), now)
        for kind, key in self._exchange.deadlines.due(now):
            if kind == "grace":
                self._time_out(self._exchange.sessions[key], now)
            elif kind == "count":
                self._counted_at = now
                count = client_count(self._exchange, now)
                self._exchange.write(self._exchange.channel_connections, count)
            else:
                self._send_lists(now, repeat=kind == "repeat")

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do."""
        sessions, rooms = self._exchange.deadlines.next(), self.registry.next_deadline()
        if sessions is None or rooms is None:
            return rooms if sessions is None else sessions
        return min(sessions, rooms)

    def take_effects(self) -> list[Effect]:
        """What has to be done on the network, in order."""
        return self._exchange.take_effects()

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

    def _admits(self, connection: Connection, now: float) -> bool:
        """Whether a frame is looked at: its connection is open and within the rate."""
        if connection.closed or connection.number not in self._exchange.connections:
            return False
        if connection.bucket.take(self._limits, now):
            return True
        self._too_many(connection)
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
        answer = Error(
            code=refusal.code,
            message=refusal.message,
            id=peek.id if peek else msgspec.UNSET,
            channel=(peek.channel if peek else None) or msgspec.UNSET,
            room_id=refusal.room_id or msgspec.UNSET,
            to=refusal.to or msgspec.UNSET,
        )
        self._exchange.reply(connection, answer)

    def _too_many(self, connection: Connection) -> None:
        """Says so once per strike; a flood ends the connection."""
        strikes, most = connection.bucket.strikes, self._limits.flood_strikes
        if strikes >= most:
            text = "Too many messages; this connection is closed."
            goodbye = notices.Goodbye(code="flood", message=text, reconnect=True)
            self._exchange.reply_uncounted(connection, goodbye)
            self._exchange.close(connection, FLOOD, "flood")
        elif strikes == 1 or strikes == most // 2:
            message = f"More than {self._limits.messages_per_second:g} messages a second."
            self._refuse(connection, None, Refused(ErrorCode.TOO_MANY_REQUESTS, message))

    # ---- consequences --------------------------------------------------------------------

    def _publish(self, events: Iterable[Event], now: float) -> None:
        for event in events:
            announce.tell(self._exchange, event)
            if isinstance(event, MemberJoined):
                channel_rooms.tell_joined(self._exchange, event)
        if self.registry.index.version != self._listed_version:
            self._listed_version = self.registry.index.version
            if ("lists", "") not in self._exchange.deadlines:
                at = max(now, self._listed_at + LIST_INTERVAL)
                self._exchange.deadlines.set(("lists", ""), at)

    def _send_lists(self, now: float, repeat: bool) -> None:
        exchange = self._exchange
        if repeat and ("lists", "") in exchange.deadlines:
            return  # a newer list is about to follow
        self._listed_at = now
        on_channel = [c for c in exchange.channel_connections if channels.ROOMS in c.channels]
        if on_channel:
            exchange.write(on_channel, channel_rooms.room_list(exchange, now))
        if not repeat:
            asked = [session for session in exchange.list_subscribers if session.connections]
            if asked:
                exchange.deliver(asked, membership.rooms_list(exchange))
        if len(self.registry.index):
            exchange.deadlines.set(("repeat", ""), now + LIST_REPEAT)
        else:
            exchange.deadlines.cancel(("repeat", ""))

    def _count_changed(self, now: float) -> None:
        if self._exchange.channel_connections and ("count", "") not in self._exchange.deadlines:
            self._exchange.deadlines.set(("count", ""), max(now, self._counted_at + LIST_INTERVAL))

    def _away(self, session: PeerSession, close_code: int, now: float) -> None:
        if not self.registry.index.rooms_of(session.member_id):
            self._exchange.forget(session)
            return
        config = self._exchange.config
        grace = config.resume_grace
        if close_code == PAGE_GONE:
            grace = min(grace, config.reload_grace)
        self._exchange.deadlines.set(("grace", session.member_id), now + grace)
        self._publish(self.registry.set_presence(session.member_id, "reconnecting"), now)

    def _time_out(self, session: PeerSession, now: float) -> None:
        events = self.registry.leave_all(session.member_id, "timed-out", now)
        self._exchange.forget(session)
        self._publish(events, now)


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"The message is not understood: {text}"[:300]
