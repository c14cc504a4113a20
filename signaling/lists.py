"""Lists of rooms and counts of clients, sent to whoever wants them, and not too often."""

from signaling.dialects.channels import rooms as channel_rooms
from signaling.dialects.channels.subscriptions import client_count
from signaling.dialects.rooms import membership
from signaling.exchange import Exchange
from signaling.messages import channels

LIST_INTERVAL = 0.1
"""Seconds between two lists (or client counts) to the same subscribers, at least."""

LIST_REPEAT = 5.0
"""Seconds after which channel-dialect subscribers get the list again, while there are rooms."""


class Lists:
    """Notes that a list would read differently, and sends it when its time has come."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._listed_version = exchange.registry.index.version
        self._listed_at = float("-inf")
        self._counted_at = float("-inf")

    def rooms_changed(self, now: float) -> None:
        """Something has happened; perhaps the public list reads differently."""
        version, deadlines = self._exchange.registry.index.version, self._exchange.deadlines
        if version != self._listed_version:
            self._listed_version = version
            if ("lists", "") not in deadlines:
                deadlines.set(("lists", ""), max(now, self._listed_at + LIST_INTERVAL))

    def count_changed(self, now: float) -> None:
        """Somebody has connected or is gone."""
        deadlines = self._exchange.deadlines
        if self._exchange.channel_connections and ("count", "") not in deadlines:
            deadlines.set(("count", ""), max(now, self._counted_at + LIST_INTERVAL))

    def send(self, kind: str, now: float) -> None:
        """Sends what is due: ``count``, ``lists``, or ``repeat`` for the same list again."""
        if kind == "count":
            self._counted_at = now
            count = client_count(self._exchange, now)
            self._exchange.write(self._exchange.channel_connections, count)
        else:
            self._send_rooms(now, repeat=kind == "repeat")

    def _send_rooms(self, now: float, repeat: bool) -> None:
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
        if len(exchange.registry.index):
            exchange.deadlines.set(("repeat", ""), now + LIST_REPEAT)
        else:
            exchange.deadlines.cancel(("repeat", ""))
