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
from sfu.wire.rtx import ORIGINAL_SIZE
from sfu.wire.serial import difference

_LONGEST: Final = ROW_BYTES - MOST_OVERHEAD - ORIGINAL_SIZE
"""Bytes of a packet that can be sent again."""


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

    def send(
        self,
        lost: Sequence[int],
        destination: tuple[int, SrtpSession],
        rtt: Seconds | None,
        now: Seconds,
    ) -> None:
        """Send packets again, as they were, if they are kept and it is not too often.

        About 10 µs for a packet, 0.5 µs for a number that means none.

        Args:
            lost: sequence numbers as on the wire.
            destination: slot and session of the transport.
            rtt: its round-trip time, if it is known.
            now: monotonic.
        """
        slot, session = destination
        newest, sent = self._feed.newest_number, self._feed.packets
        numbers = self._feed.numbers
        by_source = {stream.source: stream.store for stream in self._streams}
        for wire_number in lost:
            number = newest + difference(wire_number, newest & 0xFFFF)
            origin, shift = numbers.source_of(number), numbers.shift_of(number)
            if number > newest or origin is None or shift is None:
                continue
            store = by_source.get(origin[0])
            packet = store.packet(origin[1]) if store is not None else None
            if packet is None or len(packet) > _LONGEST:
                continue
            if not self._resent.permit(number, sent, rtt, now):
                self._shared.counts.repairs_denied += 1
                continue
            transport_number = self._shared.destinations.take_number(slot)
            repeated = self._resent.repeat(
                packet.data, number, shift.timestamp, transport_number, now
            )
            self._shared.ring.append(repeated, slot, session)
            self._shared.counts.repaired_out += 1
