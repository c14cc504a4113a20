"""What goes out of an association, and when: the lowest of the layers on aiortc's SCTP.

aiortc sends a chunk to a packet, has a small first window, repeats nothing in less than a second,
always waits as long as that, and gives up a peer whose SCTP starts later than its DTLS. Here
packets hold as many chunks as go in, the window is a browser's, timers follow the round trip and
back off (RFC 9260 §6.3.3), and the peer may take its time.

Private parts of aiortc that are used, each held in place by ``tests/sfu/worker/test_sctp_core.py``:

* called: ``_flight_size_increase  _t3_restart  _t3_start``
* replaced: ``_receive_sack_chunk  _transmit  _update_rto  _t1_expired  _t3_expired``
* read or set: ``_cwnd  _fast_recovery_exit  _fast_recovery_transmit  _flight_size
  _forward_tsn_chunk  _local_port  _local_tsn  _outbound_queue  _outbound_stream_seq  _remote_port
  _remote_verification_tag  _rto  _rttvar  _sent_queue  _srtt  _t1_failures  _t1_handle
  _t3_handle``
* of a chunk to be sent: ``_abandoned  _acked  _book_size  _expiry  _in_flight  _max_retransmits
  _misses  _retransmit  _sent_count  _sent_time``
* of the transport below it calls: ``state  _role  _register_data_receiver
  _unregister_data_receiver  _send_data``
"""

from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Final, cast

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    SCTP_DATA_UNORDERED,
    SCTP_MAX_INIT_RETRANS,
    SCTP_TSN_MODULO,
    USERDATA_MAX_LENGTH,
    DataChunk,
    RTCSctpTransport,
    SackChunk,
)
from typing_extensions import override

from sfu.worker.sctp_bundle import COMMON_HEADER, Bundle, sealed
from sfu.worker.sctp_clock import wall_clock
from sfu.worker.sctp_outbox import OutgoingMessage

MOST_WINDOW: Final = 256 * 1024
"""Bytes in flight: aiortc walks through all of them at every acknowledgement."""

FIRST_WINDOW: Final = 10 * USERDATA_MAX_LENGTH
LEAST_WINDOW: Final = 4 * USERDATA_MAX_LENGTH
"""Bytes in flight at first, and after a timeout, as browsers have it (RFC 6928): with aiortc's, a
peer that looks away for a moment holds up short messages for ten times as long."""

SHORTEST_TIMEOUT: Final = 0.4
"""Seconds: longer than a peer may keep an acknowledgement back (0.2, RFC 9260 §6.2)."""

FIRST_TIMEOUT: Final = 1.0
LONGEST_TIMEOUT: Final = 10.0

_DATA_HEADER = Struct("!BBHLHHL")
_BURST, _RECOVERING_BURST = 4 * USERDATA_MAX_LENGTH, 2 * USERDATA_MAX_LENGTH
_MOST_ADDED = _BURST
_MOST_IN_FLIGHT = 512


class _Below:
    """As much of a DTLS transport as ``RTCSctpTransport`` asks for."""

    state = "connected"
    _role = "server"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._taker = send

    def _register_data_receiver(self, receiver: RTCSctpTransport) -> None: ...

    def _unregister_data_receiver(self, receiver: RTCSctpTransport) -> None: ...

    async def _send_data(self, data: bytes) -> None:
        self._taker(data)


class _Fragment(DataChunk):
    """A chunk to be sent, made at once."""

    def __init__(
        self, message: OutgoingMessage, flags: int, tsn: int, number: int, data: bytes
    ) -> None:
        self.flags = flags
        self.tsn = tsn
        self.stream_id = message.stream
        self.stream_seq = number
        self.protocol = message.ppid
        self.user_data = data
        self._abandoned = False
        self._acked = False
        self._book_size = len(data)
        self._expiry = message.expires
        self._in_flight = False
        self._max_retransmits = message.max_retransmits
        self._misses = 0
        self._retransmit = False
        self._sent_count = 0
        self._sent_time = None

    @property
    def is_lost(self) -> bool:
        """Whether it has to be sent again."""
        return self._retransmit

    def note_sent(self, now: float) -> int:
        """It is sent for the first time; the bytes that are in flight now besides others."""
        self._in_flight = True
        self._sent_count = 1
        self._sent_time = now
        return self._book_size

    def note_sent_again(self) -> None:
        """It is sent once more."""
        self._misses = 0
        self._retransmit = False
        self._sent_count += 1

    @override
    def __bytes__(self) -> bytes:
        data = self.user_data
        head = _DATA_HEADER.pack(
            0,
            self.flags,
            _DATA_HEADER.size + len(data),
            self.tsn,
            self.stream_id,
            self.stream_seq,
            self.protocol,
        )
        return head + data + bytes(-len(data) & 3)


class SendingSctp(RTCSctpTransport):
    """aiortc's association, but as it sends here.

    Args:
        send: takes packets for the peer.
        local_port: ours.
    """

    def __init__(self, send: Callable[[bytes], None], local_port: int) -> None:
        super().__init__(cast(RTCDtlsTransport, _Below(send)), local_port)
        self._send_below = send
        self._added = 0  # bytes in the queue of those that are not sent
        self._refused = False  # whether the peer had no room for all of them
        self._has_lost = False  # whether anything may have to be sent again
        self._rto = FIRST_TIMEOUT
        self._cwnd = FIRST_WINDOW

    # ---- messages --------------------------------------------------------------------------

    @property
    def is_congested(self) -> bool:
        """Whether more data would only wait for the peer to acknowledge other data."""
        waiting = len(self._outbound_queue)
        return (waiting > 0 and (self._refused or self._added >= _MOST_ADDED)) or waiting + len(
            self._sent_queue
        ) >= _MOST_IN_FLIGHT

    def add(self, message: OutgoingMessage) -> None:
        """Send a message with the next ``transmit``."""
        data = message.data
        first, size = 0, len(data)
        ordered = message.ordered
        number = self._outbound_stream_seq.get(message.stream, 0) if ordered else 0
        flags = SCTP_DATA_FIRST_FRAG if ordered else SCTP_DATA_FIRST_FRAG | SCTP_DATA_UNORDERED
        queue, tsn = self._outbound_queue, self._local_tsn
        is_more = bool(queue)
        while first < size:
            after = first + USERDATA_MAX_LENGTH
            part = data[first:after] if first or after < size else data
            if after >= size:
                flags |= SCTP_DATA_LAST_FRAG
            queue.append(_Fragment(message, flags, tsn, number, part))
            tsn = (tsn + 1) % SCTP_TSN_MODULO
            flags &= ~SCTP_DATA_FIRST_FRAG
            first = after
        self._local_tsn = tsn
        self._added = self._added + size if is_more else size
        if ordered:
            self._outbound_stream_seq[message.stream] = (number + 1) & 0xFFFF

    def transmit(self) -> None:
        """Send what was added, as far as the peer has room for it."""
        if self._outbound_queue or self._has_lost or self._forward_tsn_chunk is not None:
            self._cwnd = min(self._cwnd, MOST_WINDOW)
            self._transmit_all()

    # ---- packets ---------------------------------------------------------------------------

    @override
    async def _transmit(self) -> None:
        self._transmit_all()

    def _transmit_all(self) -> None:
        """As aiortc does it, but with as many chunks to a packet as go in (RFC 9260 §6.10)."""
        if self._forward_tsn_chunk is not None:
            self._send_packet([bytes(self._forward_tsn_chunk)])
            self._forward_tsn_chunk = None
            if not self._t3_handle:
                self._t3_start()
        recovering = cast("int | None", self._fast_recovery_exit) is not None
        burst = _RECOVERING_BURST if recovering else _BURST
        window = min(self._flight_size + burst, self._cwnd)
        bundle = Bundle(self._send_packet)
        if self._has_lost and not self._repeat_lost(window, bundle):
            bundle.send()
            self._refused = bool(self._outbound_queue)
            return
        queue, sent = cast("deque[_Fragment]", self._outbound_queue), self._sent_queue
        if queue and self._flight_size < window:
            now = wall_clock()
            while queue and self._flight_size < window:
                chunk = queue.popleft()
                sent.append(chunk)
                self._flight_size += chunk.note_sent(now)
                bundle.add(bytes(chunk))
            if not self._t3_handle:
                self._t3_start()
        bundle.send()
        self._refused = bool(queue)

    def _repeat_lost(self, window: int, bundle: Bundle) -> bool:
        """Send again what was lost; False when there is no room for all of it."""
        is_first = True
        for chunk in cast("deque[_Fragment]", self._sent_queue):
            if chunk.is_lost:
                if self._fast_recovery_transmit:
                    self._fast_recovery_transmit = False
                elif self._flight_size >= window:
                    return False
                self._flight_size_increase(chunk)
                chunk.note_sent_again()
                bundle.add(bytes(chunk))
                if is_first:  # the earliest of all: time runs anew
                    self._t3_restart()
            is_first = False
        self._has_lost = False
        return True

    def _send_packet(self, chunks: list[bytes]) -> None:
        header = COMMON_HEADER.pack(
            self._local_port, self._remote_port, self._remote_verification_tag
        )
        self._send_below(sealed(header, chunks))

    # ---- acknowledgements and timers -------------------------------------------------------

    @override
    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        """What was never sent cannot have come: such an acknowledgement is passed over."""
        self._has_lost = self._has_lost or bool(chunk.gaps)
        sent_to = self._local_tsn - 1
        if (sent_to - chunk.cumulative_tsn) % SCTP_TSN_MODULO < SCTP_TSN_MODULO // 2:
            await super()._receive_sack_chunk(chunk)

    @override
    def _t1_expired(self) -> None:
        """Ask a few times; then wait until the peer asks, which may be minutes later."""
        if self._t1_failures < SCTP_MAX_INIT_RETRANS:
            super()._t1_expired()
        else:
            self._t1_handle = None

    @override
    def _t3_expired(self) -> None:
        self._has_lost = True
        super()._t3_expired()
        self._cwnd = LEAST_WINDOW
        self._rto = min(2 * self._rto, LONGEST_TIMEOUT)

    @override
    def _update_rto(self, R: float) -> None:
        super()._update_rto(R)
        if self._srtt is not None and self._rttvar is not None:
            timeout = self._srtt + 4 * self._rttvar
            self._rto = min(max(timeout, SHORTEST_TIMEOUT), LONGEST_TIMEOUT)
