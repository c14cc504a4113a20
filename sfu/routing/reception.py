"""From a batch of SRTP datagrams to bursts of canonical packets, stored and fanned out.

Hot path. Nearly all packets are the next of a known stream, with a header extension of a known
shape and nothing unusual in their header: they pass through ``receive`` and ``_take``, which with
all that these call takes 5 to 6 µs besides decryption and fan-out, 3 µs without subscribers
(``python -m benchmarks.reception``). All others (late, repeated, repairing, padding, of an unknown
SSRC) leave that way in methods of their own. Whatever a peer sends, nothing is raised, and no other
stream is harmed.

Headers are unpacked one by one: parsed as columns, they would have to be looked at one by one after
all, at twice the price (64 rows: 11 µs in place of 6).

Packets that follow each other in the ring and in their stream are one burst. Nothing is forwarded
before its burst ends, so whatever depends on order (a subscriber who joins at a key frame, a
duplicate of a packet in the burst) ends the burst first.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import Final, TypeAlias

from sfu.media.arrival_log import ARRIVAL_MASK
from sfu.media.receive_log import NOTHING
from sfu.routing.burst_builder import BurstBuilder, Content
from sfu.routing.inbound import Inbound
from sfu.routing.route import Route
from sfu.routing.shared import Shared
from sfu.transport.packet_ring import ROW_BYTES, PacketRing
from sfu.transport.srtp import Context, unprotect_all
from sfu.units import Seconds
from sfu.wire.extensions import ABS_SEND_TIME_UNITS, Extension
from sfu.wire.header_rewriter import HEADROOM, Shape
from sfu.wire.rtx import ORIGINAL_SIZE

_USUAL: Final = 0x90
"""First byte of version 2 with a header extension, without padding and CSRC."""

_SEQUENCE: Final = int(Extension.TRANSPORT_SEQUENCE)
_DESCRIPTOR: Final = int(Extension.DEPENDENCY_DESCRIPTOR)
_LEVEL: Final = int(Extension.AUDIO_LEVEL)
_FIXED_SIZE: Final = 12
_STRANGE: Final = 0
"""In place of the first two bytes: the payload type is not the stream's."""

_unpack_header = struct.Struct("!BBHII2xH").unpack_from

Layout: TypeAlias = tuple[int, int, int]
"""Where a packet's extension block and payload begin in its row, and where its payload ends."""

Header: TypeAlias = tuple[int, int, int, int, int, int]
"""First byte, marker and payload type, number, timestamp, SSRC, words of extension if any."""


@dataclass(slots=True)
class ReceptionCounts:
    """What has come so far.

    Attributes:
        packets: SRTP packets received.
        bytes: in them, encrypted.
        refused: packets that did not decrypt, or were not decrypted.
        malformed: packets whose header makes no sense.
        unknown: packets that belong to no stream.
        repairs: packets that retransmission brought back.
        dropped: packets that came twice, too late, or as padding only.
    """

    packets: int = 0
    bytes: int = 0
    refused: int = 0
    malformed: int = 0
    unknown: int = 0
    repairs: int = 0
    dropped: int = 0


class Reception:
    """Receives for all transports of a worker.

    Args:
        received: the ring into which datagrams are received, with HEADROOM in front of its rows.
        shared: what all rooms share.

    Attributes:
        counts: what has come so far.
    """

    def __init__(self, received: PacketRing, shared: Shared) -> None:
        if received.headroom < HEADROOM:
            raise ValueError(f"headers need {HEADROOM} bytes to grow into")
        self.counts = ReceptionCounts()
        self._ring = received
        self._headroom = received.headroom
        self._data = received.whole.reshape(-1).data
        self._rows = [row.data for row in received.whole]
        self._bursts = BurstBuilder(received)
        self._now = Seconds(0.0)

    def receive(
        self,
        rows: list[int],
        inbounds: Sequence[Inbound],
        now: Seconds,
        arrivals_us: Sequence[int] | None,
    ) -> None:
        """Decrypt, note, store and forward a batch; the transmit ring is not flushed.

        Args:
            rows: of the ring, that hold SRTP: rising.
            inbounds: whose each row is.
            now: monotonic.
            arrivals_us: of each row, in microseconds of any clock; None for ``now``.
        """
        data, headroom = self._data, self._headroom
        headers: list[Header] = [_unpack_header(data, row * ROW_BYTES + headroom) for row in rows]
        routes = [
            inbound.routes.get(header[4]) for inbound, header in zip(inbounds, headers, strict=True)
        ]
        contexts = [inbound.context for inbound in inbounds]
        if None in routes or not all(contexts):
            kept = self._admitted(inbounds, headers, routes, now)
            if len(kept) < len(rows):
                self._receive_some(kept, rows, inbounds, now, arrivals_us)
                return
        self._now = now
        self._bursts.send_time = (int(now * ABS_SEND_TIME_UNITS) & 0xFFFFFF).to_bytes(3, "big")
        statuses = self._decrypt(rows, contexts)
        sizes = self._ring.lengths[: rows[-1] + 1].tolist() if rows else []
        arrivals = repeat(int(now * 1_000_000)) if arrivals_us is None else arrivals_us
        for status, row, inbound, route, header, arrival in zip(
            statuses, rows, inbounds, routes, headers, arrivals, strict=False
        ):
            end = headroom + sizes[row]
            payload = headroom + 16 + 4 * header[5]
            if status:
                self.counts.refused += 1
            elif route is not None and header[0] == _USUAL and payload < end:
                self._take(row, (headroom + 12, payload, end), inbound, route, header, arrival)
            else:
                self._receive_unusual(row, end, inbound, header, arrival)
        if self._bursts.stream is not None:
            self._bursts.finish()
        self.counts.packets += len(rows)
        self.counts.bytes += sum(map(sizes.__getitem__, rows))

    def _decrypt(self, rows: list[int], contexts: list[Context]) -> bytes:
        """Unprotect the rows in place; a status for each."""
        ring = self._ring
        if not rows or rows[-1] == len(rows) - 1:
            return unprotect_all(contexts, ring.packets, ring.packet_lengths)
        places = itemgetter(*rows, 0)  # one more, so that it is always a tuple
        return unprotect_all(contexts, places(ring.packets), places(ring.packet_lengths))

    def _admitted(
        self,
        inbounds: Sequence[Inbound],
        headers: list[Header],
        routes: list[Route | None],
        now: Seconds,
    ) -> list[int]:
        """Which entries of a batch are worth being decrypted."""
        return [
            index
            for index, (inbound, header, route) in enumerate(
                zip(inbounds, headers, routes, strict=True)
            )
            if inbound.context is not None and (route is not None or inbound.admits(header[4], now))
        ]

    def _receive_some(
        self,
        kept: list[int],
        rows: list[int],
        inbounds: Sequence[Inbound],
        now: Seconds,
        arrivals_us: Sequence[int] | None,
    ) -> None:
        """Receive some entries of a batch and refuse the others."""
        refused = len(rows) - len(kept)
        self.counts.packets += refused
        self.counts.refused += refused
        if kept:
            self.receive(
                [rows[index] for index in kept],
                [inbounds[index] for index in kept],
                now,
                None if arrivals_us is None else [arrivals_us[index] for index in kept],
            )

    # ---- one packet ------------------------------------------------------------------------

    def _take(
        self,
        row: int,
        layout: Layout,
        inbound: Inbound,
        route: Route,
        header: Header,
        arrival: int,
    ) -> None:
        """Note a decrypted packet of a known SSRC, and forward it if it is to be."""
        extension, payload, end = layout
        now = self._now
        block = self._rows[row][extension:payload].tobytes()
        shape = route.rewriter.find(block) or inbound.new_shape(route.rewriter, block, now)
        if shape is None:
            self.counts.refused += 1
            return
        fresh = inbound.fresh_arrivals
        if fresh is not None and shape.length[_SEQUENCE] >= 2:
            first = shape.offset[_SEQUENCE]
            fresh.append((arrival & ARRIVAL_MASK) << 16 | block[first] << 8 | block[first + 1])
        if inbound.feedback.asleep:
            inbound.wake(now)
        _, second, wire_number, timestamp, _, _ = header
        number = route.log.take(wire_number, timestamp, arrival)
        flags = route.flags.get(second, _STRANGE)
        if route.repairs:
            self._repair(row, payload, end, inbound, route, (block, shape, flags, timestamp))
            return
        levels = route.levels
        if levels is not None and shape.length[_LEVEL]:
            levels.append(block[shape.offset[_LEVEL]])
        stream = route.stream
        if number == stream.expected and payload < end and flags != _STRANGE:
            stream.expected = number + 1
            forwarded = number + stream.shift
        else:
            forwarded = self._place(route, number, timestamp, payload < end and flags != _STRANGE)
            if forwarded == NOTHING:
                self.counts.dropped += 1
                return
        stream.newest_arrival = now
        stream.bytes += end - payload
        if timestamp != stream.frame_timestamp or stream.waiting:
            self._begin_frame(row, layout, route, number, timestamp, (block, shape))
        self._bursts.add(row, payload, end, stream, forwarded, (block, shape, flags, timestamp))

    def _place(self, route: Route, number: int, timestamp: int, is_media: bool) -> int:
        """The number under which a packet that is not the next of its stream is forwarded.

        Padding only, and payload types that are not the stream's, leave no gap.
        """
        stream, log = route.stream, route.log
        if number == NOTHING or stream.log is not log:
            return NOTHING
        if number == log.highest:
            forwarded = number + stream.shift
            if number == stream.expected:
                stream.expected = number + 1
            else:
                forwarded = stream.advance(number, timestamp, self._now)
            if is_media:
                stream.newest_arrival = self._now  # even if the stream is paused
                return forwarded
            stream.skip(number)
            return NOTHING
        if stream is self._bursts.stream:
            self._bursts.finish()
        if stream.missing is not None:
            stream.missing.found(number, self._now)
        return stream.place(number) if is_media else NOTHING

    def _repair(
        self, row: int, payload: int, end: int, inbound: Inbound, route: Route, content: Content
    ) -> None:
        """Put a retransmitted packet in the place of the lost one (RFC 4588)."""
        stream = route.stream
        log = stream.log
        view = self._rows[row]
        media = payload + ORIGINAL_SIZE
        if media >= end or log is None or log.highest < 0 or content[2] == _STRANGE:
            self.counts.dropped += 1  # a probe
            return
        behind = (log.highest - (view[payload] << 8 | view[payload + 1])) & 0xFFFF
        forwarded = NOTHING
        if 0 < behind < 0x8000:
            number = log.highest - behind
            if stream is self._bursts.stream:
                self._bursts.finish()
            if stream.missing is not None:
                took = stream.missing.found(number, self._now)
                if took is not None:
                    inbound.feedback.note_round_trip(took)
            forwarded = stream.place(number)
        if forwarded == NOTHING:
            self.counts.dropped += 1
            return
        stream.bytes += end - media
        self.counts.repairs += 1
        self._bursts.add(row, media, end, stream, forwarded, content)

    def _receive_unusual(
        self, row: int, end: int, inbound: Inbound, header: Header, arrival: int
    ) -> None:
        """A packet with an unusual header, or of an SSRC that was unknown when the batch began."""
        view = self._rows[row]
        layout = _layout(view, self._headroom, end, header[0])
        if layout is None:
            self.counts.malformed += 1
            return
        if inbound.feedback.asleep:
            inbound.wake(self._now)
        _, second, _, _, ssrc, _ = header
        route = inbound.routes.get(ssrc)
        if route is None:
            block = view[layout[0] : layout[1]].tobytes()
            route = inbound.discover(ssrc, second & 0x7F, block, arrival, self._now)
            if route is None:
                self.counts.unknown += 1
                return
        self._take(row, layout, inbound, route, header, arrival)

    def _begin_frame(
        self,
        row: int,
        layout: Layout,
        route: Route,
        number: int,
        timestamp: int,
        extensions: tuple[bytes, Shape],
    ) -> None:
        """Look whether a key frame begins here, and tell those who wait for one."""
        stream = route.stream
        if number != route.log.highest:
            return  # late, or a repair: nobody can begin in the past
        stream.frame_timestamp = timestamp
        if stream.detect is None:
            is_key_frame = bool(stream.waiting)
        elif timestamp == stream.key_frame_timestamp:
            return  # a later packet of the same key frame
        else:
            block, shape = extensions
            first = shape.offset[_DESCRIPTOR]
            descriptor = block[first : first + shape.length[_DESCRIPTOR]] if first else b""
            is_key_frame = stream.detect(self._rows[row][layout[1] : layout[2]], descriptor)
            if is_key_frame:
                stream.descriptor = descriptor
        if is_key_frame:
            if self._bursts.stream is not None:
                self._bursts.finish()
            stream.key_frame_came(timestamp)


def _layout(row: memoryview, start: int, end: int, first: int) -> Layout | None:
    """Where extension and payload of a packet begin, and where it ends without its padding.

    Args:
        row: of the ring, with its headroom.
        start: where the packet begins in it.
        end: and where it ends.
        first: its first byte.

    Returns:
        None when the header does not fit the packet (RFC 3550 §5.1).
    """
    extension = payload = start + _FIXED_SIZE + 4 * (first & 0x0F)
    if first >> 6 != 2 or end < extension:
        return None
    if first & 0x10:
        if end < extension + 4:
            return None
        payload += 4 + 4 * (row[extension + 2] << 8 | row[extension + 3])
    if first & 0x20:
        padding = row[end - 1]
        if not padding:
            return None
        end -= padding
    return (extension, payload, end) if payload <= end else None
