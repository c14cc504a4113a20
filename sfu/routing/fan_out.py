"""One stream to all of its subscribers, by columns.

Hot path. Subscribers are a structure of arrays; a burst (consecutive packets of the stream) is
written for all of them with some twenty array operations, whatever their number: 4 to 6 µs for ten
subscribers. What the operations need that changes only with the subscribers is prepared in a *plan*
per burst length, in the shape of the result, because an operation on arrays of one shape costs
0.28 µs and one that has to broadcast 0.7 to 1.3 µs.

The first two words of an outgoing header are sums, subscriber by subscriber:

    word 0, low half    flags, marker and payload type  + difference of payload types
    word 0, high half   sequence number                 + shift; what overflows falls off
    word 1              timestamp                       + shift; what overflows falls off

Numbers given here are for good: a subscriber never gets two packets with one number, and a packet
from before its first is not for it. Packets that none of a stream's subscribers is to get are left
out by the caller, who closes the gap with a ``SequenceMap`` of the stream itself.
"""

import struct
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sfu.media.sequence_map import SequenceMap
from sfu.routing.burst_plan import BurstPlan
from sfu.routing.picture_columns import PictureColumns
from sfu.transport.destinations import Destinations
from sfu.transport.srtp import Context, SrtpSession
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I32, I64, U8, U16, U32
from sfu.wire.picture_numbers import PictureReader

MOST_PACKETS = 16
"""Packets of a burst."""

pack_head = struct.Struct("=HHI").pack_into
"""Writes a row of ``heads`` into a buffer at an offset: the header's first two bytes as a number,
the sequence number, the timestamp."""

Indices = npt.NDArray[np.intp]

_NOTHING = -1 << 62
_PICTURE_MASK = 0x7FFF
_BASE_MASK = 0xFF
_WORD = 0xFFFFFFFF


@dataclass(slots=True, eq=False)
class Subscription:
    """A consumer as the fan-out sees it; it may move from stream to stream.

    Attributes:
        slot: of its transport in ``Destinations``.
        session: protects what is sent to it.
        ssrc: of the outgoing stream; never used before with this session.
        payload_type: of the outgoing stream.
        numbers: its sequence numbers and timestamps.
        pause: by how much timestamps advance when it comes from another stream, in units of the
            clock rate; None when they carry on by themselves.
        picture: what is added to the picture ids of the stream that it joins next.
        base: what is added to its TL0PICIDX.
        shown: picture id and TL0PICIDX that were sent last, on which those of the stream that it
            joins next are to follow; None when they are taken as they are.
        packets: sent so far.
    """

    slot: int
    session: SrtpSession
    ssrc: int
    payload_type: int
    numbers: SequenceMap
    pause: int | None = 0
    picture: int = 0
    base: int = 0
    shown: tuple[int, int] | None = None
    packets: int = 0


class FanOut:
    """A stream's subscribers.

    Args:
        source: number of the stream, by which ``SequenceMap`` tells sources apart.
        group: of streams that have subscribers in common: a number per room.
        payload_type: of the stream's packets.
        ring: where outgoing packets are written.
        destinations: the transports, whose transport-wide sequence numbers are counted up.
        pictures: finds the numbers of pictures in a packet; None when there are none.
    """

    def __init__(
        self,
        source: int,
        group: int,
        payload_type: int,
        ring: TransmitRing,
        destinations: Destinations,
        pictures: PictureReader | None = None,
    ) -> None:
        self.source = source
        self.pictures = pictures
        self._group = group
        self._payload_type = payload_type
        self._ring = ring
        self._destinations = destinations
        self._joining: list[Subscription] = []
        self._active: list[Subscription] = []
        # Columns: entry i of each belongs to subscriber i of ``_active``.
        self._contexts: list[Context] = []
        self._slots: I64 = np.zeros(0, np.int64)
        self._ssrcs: U32 = np.zeros(0, np.uint32)
        self._shifts: U32 = np.zeros((0, 2), np.uint32)
        self._firsts: I64 = np.zeros(0, np.int64)
        self._pictures: U16 = np.zeros(0, np.uint16)
        self._bases: U8 = np.zeros(0, np.uint8)
        self._settled = _NOTHING  # from this number on, a packet is for every active subscriber
        self._newest = _NOTHING
        self._newest_timestamp = 0
        self._packets = 0  # forwarded so far, to every active subscriber
        self._plans: dict[int, list[BurstPlan]] = {}

    def __len__(self) -> int:
        """Subscribers, those included who wait for their first packet."""
        return len(self._active) + len(self._joining)

    def add(self, subscription: Subscription) -> None:
        """Forward to the subscriber, beginning with the next packet that is the newest so far.

        After a pause, or coming from another stream, its numbers carry on where they were.
        """
        self._joining.append(subscription)

    def remove(self, subscription: Subscription) -> None:
        """Forward no more to the subscriber, who may be added again, here or elsewhere.

        Raises:
            ValueError: it is not subscribed.
        """
        if subscription in self._joining:
            self._joining.remove(subscription)
            return
        index = self._active.index(subscription)
        subscription.numbers.leave(self._newest, self._newest_timestamp)
        subscription.packets += self._packets
        del self._active[index], self._contexts[index]
        self._slots = np.delete(self._slots, index)
        self._ssrcs = np.delete(self._ssrcs, index)
        self._shifts = np.delete(self._shifts, index, axis=0)
        self._firsts = np.delete(self._firsts, index)
        self._pictures = np.delete(self._pictures, index)
        self._bases = np.delete(self._bases, index)
        self._changed()

    def packets_sent(self, subscription: Subscription) -> int:
        """Packets sent to one of the subscribers, here and by streams before."""
        return subscription.packets + (self._packets if subscription.numbers.following else 0)

    def forward(self, packets: U8, heads: U32, lengths: I32, number: int) -> None:
        """Write a burst for every subscriber into the transmit ring.

        The packets are either all newer than every packet so far, or all late.

        Args:
            packets: uint8, shape (n, length), canonical packets with consecutive sequence numbers,
                n at most MOST_PACKETS; all equally long, but the last may be shorter.
            heads: uint32, shape (n, 2), the first two words of their headers, made by
                ``pack_head``.
            lengths: int32, shape (n,), bytes per packet, at most ROW_BYTES - MOST_OVERHEAD.
            number: extended sequence number of the first packet.
        """
        count = len(heads)
        if number > self._newest:
            if self._joining:
                self._follow_pictures(packets[0])
                self.start(number, int(heads[0, 1]))
            self._newest = number + count - 1
            self._newest_timestamp = int(heads[-1, 1])
        if not self._active:
            return
        self._packets += count
        if number < self._settled:
            self._forward_late(packets, heads, lengths, number)
            return
        plans = self._plans.get(count)
        if plans is None:
            plans = self._plans[count] = self._plan(np.arange(len(self._active)), count)
        for plan in plans:
            plan.write(packets, heads, lengths, self._group, self._ring)

    def sibling(self, source: int) -> "FanOut":
        """One without subscribers, for a part of the same stream."""
        return FanOut(
            source,
            self._group,
            self._payload_type,
            self._ring,
            self._destinations,
            self.pictures,
        )

    def pass_over(self, number: int) -> None:
        """What comes before this packet, which is newer than all, has been lost or is late."""
        self._newest = max(self._newest, number - 1)

    def start(self, number: int, timestamp: int) -> None:
        """Let those who wait follow the stream from this packet on, which is newer than all."""
        joining = self._joining
        shifts = []
        for one in joining:
            shift = one.numbers.follow(
                self.source, number, timestamp, one.pause, one.picture, one.base
            )
            types = one.payload_type - self._payload_type
            shifts.append(((shift.sequence << 16) + types & _WORD, shift.timestamp & _WORD))
            one.packets -= self._packets
        self._active += joining
        self._contexts += [one.session.context for one in joining]
        self._slots = np.append(self._slots, [one.slot for one in joining])
        self._ssrcs = np.append(self._ssrcs, np.array([one.ssrc for one in joining], np.uint32))
        self._shifts = np.append(self._shifts, np.array(shifts, np.uint32), axis=0)
        self._firsts = np.append(self._firsts, [number] * len(joining))
        pictures = np.array([one.picture & _PICTURE_MASK for one in joining], np.uint16)
        bases = np.array([one.base & _BASE_MASK for one in joining], np.uint8)
        self._pictures = np.append(self._pictures, pictures)
        self._bases = np.append(self._bases, bases)
        joining.clear()
        self._changed()

    def _follow_pictures(self, packet: U8) -> None:
        """Have the pictures of those who wait go on, with this packet's, where theirs ended."""
        numbers = None
        for one in self._joining:
            if one.shown is not None and self.pictures is not None:
                numbers = numbers or self.pictures(packet.tobytes())
                if numbers is not None:
                    one.picture = one.shown[0] + 1 - numbers.picture
                    one.base = one.shown[1] + 1 - numbers.base
            one.shown = None

    def _forward_late(self, packets: U8, heads: U32, lengths: I32, number: int) -> None:
        """Forward packets of which some subscribers came after: rare, and one by one."""
        for place in range(len(heads)):
            early = self._firsts <= number + place
            for index in np.flatnonzero(~early):
                self._active[index].packets -= 1
            for plan in self._plan(np.flatnonzero(early), 1):
                one = slice(place, place + 1)
                plan.write(packets[one], heads[one], lengths[one], self._group, self._ring)

    def _changed(self) -> None:
        self._plans.clear()
        self._settled = int(self._firsts.max(initial=_NOTHING))

    def _plan(self, chosen: Indices, packets: int) -> list[BurstPlan]:
        """Plans that together serve the chosen subscribers; none has more rows than the ring."""
        most = self._ring.capacity // packets
        plans = []
        for layer in _without_repetition(self._slots, chosen):
            for first in range(0, len(layer), most):
                some = layer[first : first + most]
                plans.append(
                    BurstPlan(
                        self._slots[some],
                        self._ssrcs[some],
                        self._shifts[some],
                        [self._contexts[index] for index in some.tolist()],
                        packets,
                        self._destinations,
                        self._picture_columns(some, packets),
                    )
                )
        return plans

    def _picture_columns(self, some: Indices, packets: int) -> PictureColumns | None:
        pictures, bases = self._pictures[some], self._bases[some]
        if self.pictures is None or not (pictures.any() or bases.any()):
            return None
        return PictureColumns(self.pictures, pictures, bases, packets)


def _without_repetition(slots: I64, chosen: Indices) -> list[Indices]:
    """Split subscribers so that no part has two with one destination.

    A transport may consume a stream twice, but a plan counts its transport-wide numbers up once.
    """
    destinations = slots[chosen].tolist()
    if len(set(destinations)) == len(destinations):
        return [chosen]
    parts: list[list[int]] = [[]]
    seen: Counter[int] = Counter()
    for index, slot in zip(chosen.tolist(), destinations, strict=True):
        part = seen[slot]
        seen[slot] += 1
        if part == len(parts):
            parts.append([])
        parts[part].append(index)
    return [np.array(part, np.intp) for part in parts]
