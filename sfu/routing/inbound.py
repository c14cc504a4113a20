"""A transport's receiving side: which stream its SSRCs belong to, and what is told its publisher.

Feedback is collected as packets come and taken when it is due: how they are received once a second
(RFC 3550), when each came ten times a second (transport-wide congestion control), what is missing
after a few milliseconds (RFC 4585), and wishes for a key frame at once. A transport from which
nothing comes has no deadline.
"""

from collections import deque
from typing import Final

from sfu.media.allowance import Allowance
from sfu.media.arrival_log import ARRIVAL_MASK, ArrivalLog
from sfu.routing.producer import Producer
from sfu.routing.publisher_feedback import PublisherFeedback
from sfu.routing.route import Route
from sfu.routing.shared import Shared
from sfu.routing.stream_discovery import Signs, find_place
from sfu.transport.srtp import Context, SrtpSession
from sfu.units import Seconds
from sfu.wire.errors import WireError
from sfu.wire.extensions import Extension, parse_identifier
from sfu.wire.header_rewriter import HeaderRewriter, Shape
from sfu.wire.rtcp import Goodbye, RtcpPacket
from sfu.wire.rtcp_reports import SenderReport

NEW_SSRCS_PER_SECOND: Final = 1.0
MOST_NEW_SSRCS: Final = 64
MOST_SSRCS: Final = 2048
"""SSRCs a peer may use while it is connected: libsrtp forgets none of them."""

NEW_SHAPES_PER_SECOND: Final = 32.0
MOST_NEW_SHAPES: Final = 256
"""Shapes of header extensions that a peer may show; a new one costs 10 to 20 µs."""

_MOST_RETIRED: Final = 256
_MOST_UNPLACED: Final = 64


class Inbound:
    """What a transport's peer sends.

    Args:
        shared: what all rooms share.

    Attributes:
        context: C pointer of the session; None before there is one.
        routes: what is known of each SSRC.
        fresh_arrivals: takes arrivals for transport-wide feedback; None when that is not wanted.
        feedback: what the peer is told of its packets.
    """

    def __init__(self, shared: Shared) -> None:
        self.context: Context | None = None
        self.routes: dict[int, Route] = {}
        self.fresh_arrivals: deque[int] | None = None
        self._shared = shared
        self._session: SrtpSession | None = None
        self._producers: list[Producer] = []
        self._arrivals = ArrivalLog()
        self._strangers = HeaderRewriter({})
        self._retired: dict[int, None] = {}
        self._unplaced: dict[int, None] = {}
        self._new_ssrcs = Allowance(NEW_SSRCS_PER_SECOND, MOST_NEW_SSRCS)
        self._new_shapes = Allowance(NEW_SHAPES_PER_SECOND, MOST_NEW_SHAPES)
        self._ssrcs_seen = 0
        self.feedback = PublisherFeedback(self._producers, self.routes, shared.counts)

    @property
    def session(self) -> SrtpSession | None:
        """Decrypts what the peer sends; None before the handshake is done."""
        return self._session

    @session.setter
    def session(self, session: SrtpSession | None) -> None:
        self._session = session
        self.context = session.context if session is not None else None

    # ---- producers -------------------------------------------------------------------------

    def add(self, producer: Producer) -> None:
        """Receive a producer's encodings.

        Raises:
            ValueError: another producer of the transport has one of its SSRCs, or its mid.
        """
        parameters = producer.parameters
        declared = [
            ssrc
            for encoding in parameters.encodings
            for ssrc in (encoding.ssrc, encoding.rtx_ssrc)
            if ssrc is not None
        ]
        if len(set(declared)) < len(declared) or any(ssrc in self.routes for ssrc in declared):
            raise ValueError("An SSRC is declared twice on one transport.")
        if parameters.mid is not None and any(
            one.parameters.mid == parameters.mid for one in self._producers
        ):
            raise ValueError(f"The mid {parameters.mid} is declared twice on one transport.")
        self._producers.append(producer)
        for stream in producer.streams:
            stream.mark_urgent = self.mark_urgent
        for ssrc in declared:
            self._retired.pop(ssrc, None)
        for layer, encoding in enumerate(parameters.encodings):
            if encoding.ssrc is not None:
                route = self._bind(encoding.ssrc, producer, layer, repairs=False)
                route.stream.log = route.log
            if encoding.rtx_ssrc is not None:
                self._bind(encoding.rtx_ssrc, producer, layer, repairs=True)
        if parameters.transport_cc:
            self.feedback.arrivals = self._arrivals
            self.fresh_arrivals = self._arrivals.fresh
        self._learn_identifiers()

    def remove(self, producer: Producer) -> None:
        """Receive a producer no more."""
        if producer not in self._producers:
            return
        self._producers.remove(producer)
        for ssrc, route in list(self.routes.items()):
            if route.producer is producer:
                del self.routes[ssrc]
        self._learn_identifiers()

    def _learn_identifiers(self) -> None:
        ids: dict[int, Extension] = {}
        for producer in self._producers:
            ids.update(producer.parameters.extension_ids)
        self._strangers = HeaderRewriter(ids)

    def _bind(self, ssrc: int, producer: Producer, layer: int, *, repairs: bool) -> Route:
        route = Route(producer, producer.streams[layer], ssrc, repairs=repairs)
        self.routes[ssrc] = route
        return route

    # ---- packets of unknown SSRC -----------------------------------------------------------

    def admits(self, ssrc: int, now: Seconds) -> bool:
        """Whether packets of an SSRC that is not among ``routes`` are decrypted at all.

        libsrtp keeps half a kilobyte for every SSRC that it has decrypted a packet of.
        """
        if ssrc in self._retired:
            return False
        if ssrc in self._unplaced:
            return True
        return self._ssrcs_seen < MOST_SSRCS and self._new_ssrcs.ready_at() <= now

    def discover(
        self, ssrc: int, payload_type: int, block: bytes, arrival_us: int, now: Seconds
    ) -> Route | None:
        """Find out where an SSRC belongs.

        Args:
            ssrc: not among ``routes``; the packet was decrypted.
            payload_type: of the packet.
            block: its extension block, header included.
            arrival_us: when the packet came, noted for feedback where nobody else will.
            now: monotonic.

        Returns:
            None when the packet does not say, or the peer has shown too many SSRCs.
        """
        if ssrc in self._retired:
            return None
        if ssrc not in self._unplaced:
            if not self._new_ssrcs.take(now):
                return None
            self._ssrcs_seen += 1
            self._unplaced[ssrc] = None
            if len(self._unplaced) > _MOST_UNPLACED:
                del self._unplaced[next(iter(self._unplaced))]
        shape = self.new_shape(self._strangers, block, now)
        if shape is None:
            return None
        route = self._place(ssrc, payload_type, block, shape, now)
        if route is None:
            self.note_arrival(block, shape, arrival_us)
        return route

    def note_arrival(self, block: bytes, shape: Shape, arrival_us: int) -> None:
        """Remember for feedback when a packet with this extension block came."""
        first = shape.offset[Extension.TRANSPORT_SEQUENCE]
        if self.fresh_arrivals is not None and shape.length[Extension.TRANSPORT_SEQUENCE] >= 2:
            number = block[first] << 8 | block[first + 1]
            self.fresh_arrivals.append((arrival_us & ARRIVAL_MASK) << 16 | number)

    def _place(
        self, ssrc: int, payload_type: int, block: bytes, shape: Shape, now: Seconds
    ) -> Route | None:
        signs = Signs(
            payload_type,
            _identifier(block, shape, Extension.MID),
            _identifier(block, shape, Extension.RID),
            _identifier(block, shape, Extension.REPAIRED_RID),
        )
        place = find_place(self._producers, signs)
        if place is None:
            return None
        stream = place.producer.streams[place.layer]
        before = [r for r in self.routes.values() if r.stream is stream]
        before = [route for route in before if route.repairs == place.repairs]
        if before and not place.certain:
            return None
        for route in before:
            self._retire(route.ssrc)
        route = self._bind(ssrc, place.producer, place.layer, repairs=place.repairs)
        self._unplaced.pop(ssrc, None)
        if not place.repairs:
            stream.come_from(route.log, now)
            if stream.waiting:
                self.mark_urgent()
        return route

    def new_shape(self, rewriter: HeaderRewriter, block: bytes, now: Seconds) -> Shape | None:
        """The shape of an extension block; None when the peer has shown too many."""
        shape = rewriter.find(block)
        if shape is None and self._new_shapes.take(now):
            return rewriter.shape_of(block)
        return shape

    def _retire(self, ssrc: int) -> None:
        """What still comes of an SSRC that was replaced is not to bring it back."""
        del self.routes[ssrc]
        self._retired[ssrc] = None
        if len(self._retired) > _MOST_RETIRED:
            del self._retired[next(iter(self._retired))]

    # ---- RTCP ------------------------------------------------------------------------------

    def mark_urgent(self) -> None:
        """Have ``take_rtcp`` called, and the deadline read, as soon as the batch is done."""
        self._shared.urgent[self] = None

    def wake(self, now: Seconds) -> None:
        """Packets come again, after a while without."""
        self.feedback.wake(now)
        self.mark_urgent()

    def receive_rtcp(self, packets: list[RtcpPacket], now: Seconds) -> None:
        """Take the peer's reports about what it sends; anything else is passed over."""
        for packet in packets:
            if isinstance(packet, SenderReport):
                route = self.routes.get(packet.ssrc)
                if route is not None:
                    route.log.note_sender_report(packet.ntp_time, now)
                    if not route.repairs and route.stream.log is route.log:
                        route.stream.note_sender_report(packet.ntp_time, packet.rtp_timestamp, now)
            elif isinstance(packet, Goodbye):
                for ssrc in packet.ssrcs:
                    ended = self.routes.get(ssrc)
                    if ended is not None and not ended.repairs:
                        ended.stream.note_end(now)

    def next_deadline(self) -> Seconds | None:
        """When ``take_rtcp`` has something to give; None when nothing is under way."""
        return self.feedback.next_deadline()

    def take_rtcp(self, now: Seconds) -> list[RtcpPacket]:
        """What is due, as one compound of at most 1200 bytes; the rest stays due."""
        return self.feedback.take(now)


def _identifier(block: bytes, shape: Shape, extension: Extension) -> str:
    first = shape.offset[extension]
    if not first:
        return ""
    try:
        return parse_identifier(block[first : first + shape.length[extension]])
    except WireError:
        return ""
