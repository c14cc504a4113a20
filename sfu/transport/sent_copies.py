"""Sound as it was sent, encrypted: what is lost is sent again byte for byte.

Hot path. Browsers ask for lost sound again but know no RTX for it, so a repetition has the number
of the original; and under one number nothing else may ever be protected (with AES-GCM, two packets
would give the authentication key away). The same bytes may be sent as often as one likes. So they
are kept as they left: five slices are copied per burst of sound, for all its subscribers.
"""

from typing import Final

import numpy as np

from sfu.transport.packet_ring import ROW_BYTES
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I32, I64, U8, U16, U32
from sfu.wire.header_rewriter import TRANSPORT_SEQUENCE_OFFSET

LONGEST: Final = 512
"""Bytes of a packet that is kept: sound of 20 ms at 180 kbit/s."""

ROWS: Final = 1 << 15
"""Packets kept, in 16 MiB: a second of thirty voices for twenty people each."""

_PAYLOAD_TYPE: Final = 0x7F


class SentCopies:
    """The newest packets of some payload types, of all destinations.

    Memory is touched only as packets are sent.

    Args:
        ring: from which they are sent; it is told to show them with the first ``begin``.
        payload_types: which ones, in the ring.
        rows: packets kept.
    """

    def __init__(self, ring: TransmitRing, payload_types: frozenset[int], rows: int = ROWS) -> None:
        self._ring = ring
        self._payload_types = payload_types
        self._ring_bytes = ring.rows.reshape(-1).data
        self._ring_ssrcs = ring.column(8, ">u4")[:, 0]
        self._ring_numbers = ring.column(2, ">u2")[:, 0]
        self._packets: U8 = np.zeros((rows, LONGEST), np.uint8)
        self._slots: I64 = np.zeros(rows, np.int64)
        self._ssrcs: U32 = np.zeros(rows, np.uint32)
        self._numbers: U16 = np.zeros(rows, np.uint16)
        self._lengths: I32 = np.zeros(rows, np.int32)
        self._next = 0

    def begin(self) -> None:
        """Keep what is sent from now on; harmless when it is kept already."""
        self._ring.keeper = self.keep

    def keep(self, ring: TransmitRing) -> None:
        """Copy what has just been protected and sent."""
        for start, subscribers, packets in ring.spans:
            if self._ring_bytes[start * ROW_BYTES + 1] & _PAYLOAD_TYPE in self._payload_types:
                self._keep_rows(start, start + subscribers * packets)

    def _keep_rows(self, start: int, stop: int) -> None:
        lengths = self._ring.lengths[start:stop]
        width = int(lengths.max())
        if width > LONGEST:
            return
        place = self._next
        if place + stop - start > len(self._packets):
            place = 0
        end = self._next = place + stop - start
        self._packets[place:end, :width] = self._ring.rows[start:stop, :width]
        self._slots[place:end] = self._ring.slots[start:stop]
        self._ssrcs[place:end] = self._ring_ssrcs[start:stop]
        self._numbers[place:end] = self._ring_numbers[start:stop]
        self._lengths[place:end] = lengths

    def find(self, slot: int, ssrc: int) -> dict[int, int]:
        """Where the packets of a stream to a destination stand, by their numbers on the wire.

        10 µs, however many there are.
        """
        places = np.flatnonzero(self._ssrcs == np.uint32(ssrc))
        places = places[(self._slots[places] == slot) & (self._lengths[places] > 0)]
        return dict(zip(self._numbers[places].tolist(), places.tolist(), strict=True))

    def packet(self, place: int) -> tuple[bytes, int]:
        """A packet as it was sent, and its transport-wide sequence number."""
        data = self._packets[place, : self._lengths[place]].tobytes()
        at = TRANSPORT_SEQUENCE_OFFSET
        return data, int.from_bytes(data[at : at + 2], "big")
