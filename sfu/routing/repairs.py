"""Lost packets of one consumer, found again and sent again."""

from collections.abc import Sequence
from typing import Final

from sfu.media.retransmission import Retransmissions
from sfu.routing.feed import Feed
from sfu.routing.received_stream import ReceivedStream
from sfu.routing.shared import Shared
from sfu.transport.packet_ring import ROW_BYTES
from sfu.transport.srtp import MOST_OVERHEAD, SrtpSession
from sfu.units import Seconds
from sfu.wire.picture_numbers import move_pictures
from sfu.wire.rtx import ORIGINAL_SIZE
from sfu.wire.serial import difference

_LONGEST: Final = ROW_BYTES - MOST_OVERHEAD - ORIGINAL_SIZE
"""Bytes of a packet that can be sent again."""

_MOST_PADDED: Final = 64
"""The newest packets, which serve as padding."""

_SHORTEST_PADDED: Final = 300
"""Bytes of a packet that is worth it."""


class Repairs:
    """Answers to a subscriber's requests (RFC 4585 §6.2.1).

    Args:
        feed: what was sent to the subscriber.
        streams: from which it came: they keep their packets.
        resent: the RTX stream.
        shared: the worker's.
    """

    __slots__ = ("_feed", "_resent", "_shared", "_streams")

    def __init__(
        self,
        feed: Feed,
        streams: Sequence[ReceivedStream],
        resent: Retransmissions,
        shared: Shared,
    ) -> None:
        self._feed = feed
        self._streams = streams
        self._resent = resent
        self._shared = shared

    @property
    def serving(self) -> bool:
        """Whether there are new packets, which can be sent again as padding."""
        return self._feed.stream is not None

    def send(
        self,
        lost: Sequence[int],
        destination: tuple[int, SrtpSession],
        rtt: Seconds | None,
        now: Seconds,
    ) -> None:
        """Send packets again, as they were, if they are kept and it is not too often.

        Where the transport has a pacer, what it does not admit yet waits there. About 10 µs for a
        packet, 0.5 µs for a number that means none.

        Args:
            lost: sequence numbers as on the wire.
            destination: slot and session of the transport.
            rtt: its round-trip time, if it is known.
            now: monotonic.
        """
        newest, sent = self._feed.newest_number, self._feed.packets
        pacer = self._shared.pacers.get(destination[0])
        for wire_number in lost:
            number = newest + difference(wire_number, newest & 0xFFFF)
            if number > newest or self._find(number) is None:
                continue
            if not self._resent.permit(number, sent, rtt, now):
                self._shared.counts.repairs_denied += 1
            elif pacer is None:
                self.repeat(number, destination, now)
            elif len(pacer) or not pacer.admits(now):
                pacer.wait((self, number, destination), now)
                self._shared.waiting[destination[0]] = pacer
            else:
                pacer.spend(self.repeat(number, destination, now))

    def repeat(self, number: int, destination: tuple[int, SrtpSession], now: Seconds) -> int:
        """Send one packet again; its bytes, or 0 if it is kept no longer.

        Args:
            number: its outgoing number, extended.
            destination: slot and session of the transport.
            now: monotonic.
        """
        found = self._find(number)
        if found is None:
            return 0
        packet, shift = found
        number_on_transport = self._shared.destinations.take_number(destination[0])
        repeated = self._resent.repeat(packet, number, shift, number_on_transport, now)
        self._shared.ring.append(repeated, *destination)
        self._shared.counts.repaired_out += 1
        return len(repeated)

    def pad(
        self, octets: int, destination: tuple[int, SrtpSession], now: Seconds
    ) -> list[tuple[int, int]]:
        """Send what tells the subscriber nothing new: its newest packets again, or padding.

        Args:
            octets: to be sent at least.
            destination: slot and session of the transport.
            now: monotonic.

        Returns:
            Transport-wide sequence number and bytes of each packet.
        """
        slot, session = destination
        newest = self._feed.newest_number
        number, padded = newest, []
        while octets > 0:
            found = self._find(number) if newest - number < _MOST_PADDED else None
            number -= 1
            if found is not None and len(found[0]) < _SHORTEST_PADDED:
                continue
            on_transport = self._shared.destinations.take_number(slot)
            if found is None:
                packet = self._resent.padding(on_transport, now)
            else:
                packet = self._resent.repeat(found[0], number + 1, found[1], on_transport, now)
            self._shared.ring.append(packet, slot, session)
            padded.append((on_transport, len(packet)))
            octets -= len(packet)
        return padded

    def _find(self, number: int) -> tuple[bytes, int] | None:
        """A packet as it was sent but for its header, and what was added to its timestamp.

        None if it is kept no longer.
        """
        numbers = self._feed.numbers
        origin, shift = numbers.source_of(number), numbers.shift_of(number)
        if origin is None or shift is None:
            return None
        tables = (table for stream in self._streams for table in stream.tables)
        table = next((one for one in tables if one.source == origin[0]), None)
        packet = table.packet(origin[1]) if table is not None else None
        if table is None or packet is None or len(packet) > _LONGEST:
            return None
        if (shift.picture or shift.base) and table.fan_out.pictures is not None:
            moved = bytearray(packet)
            move_pictures(moved, table.fan_out.pictures, shift.picture, shift.base)
            packet = bytes(moved)
        return packet, shift.timestamp
