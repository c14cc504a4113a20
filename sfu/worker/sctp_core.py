"""SCTP of one transport (RFC 8831), on aiortc's: the one module that reaches into aiortc.

aiortc brings the association: handshake, ordering, retransmission, congestion control. Its data
channels are left aside: streams are agreed on by way of signaling (``negotiated``), messages are
passed on unread, and what DCEP and its channels would do with a hostile peer's bytes is not done.
Its coroutines never wait, as sending a packet here does not; so they are run to their end at once.

Private parts that are used, each held in place by ``tests/sfu/worker/test_sctp_aiortc.py``:

* called: ``_handle_data  _send  _set_state  _transmit_reconfig``
* replaced: ``_receive  _receive_data_chunk  _receive_sack_chunk  _mark_received  _send_sack
  _data_channel_flush  _data_channel_close  _data_channel_closed  _data_channel_reset  _update_rto
  _t1_expired  _t3_expired  _set_state``
* read or set: ``_advertised_rwnd  _association_state  _cwnd  _data_channels
  _data_channel_inbound_reset  _data_channel_outbound_reset  _inbound_streams
  _inbound_streams_max  _last_received_tsn  _local_tsn  _outbound_queue  _outbound_streams_count
  _reconfig_queue  _rto  _rttvar  _sack_duplicates  _sack_misordered  _sack_needed  _sent_queue
  _srtt  _t1_failures  _t1_handle``
* of the transport below it calls: ``state  _role  _register_data_receiver
  _unregister_data_receiver  _send_data``

What is added to it: bounds on all that a peer can make it keep or walk through, patience with a
peer whose SCTP starts later than its DTLS, a retransmission timer that backs off (RFC 9260 §6.3.3)
and is not as slow as a second, and streams that can be used again after a reset. A message of 100
bytes costs each end 16 µs, one of 16 kB 200 µs, on one core of a Milan server, without DTLS.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcsctptransport import (
    SCTP_MAX_INIT_RETRANS,
    DataChunk,
    RTCSctpTransport,
    SackChunk,
    tsn_plus_one,
)
from aiortc.utils import uint32_gte
from typing_extensions import override

from sfu.wire.sctp_packets import MOST_GAP, MOST_STREAMS
from sfu.worker.sctp_owner import SctpOwner

MOST_WINDOW: Final = 256 * 1024
"""Bytes in flight: aiortc walks through all of them at every acknowledgement."""

SHORTEST_TIMEOUT: Final = 0.4
"""Seconds: longer than a peer may keep an acknowledgement back (0.2, RFC 9260 §6.2)."""

LONGEST_TIMEOUT: Final = 10.0
_FIRST_TIMEOUT = 1.0

_MOST_IN_FLIGHT = 512
_MOST_MISORDERED = 512
_MOST_HELD = 1024
_MOST_BLOCKS = 64
_MOST_DUPLICATES = 30
_COUNT_EVERY = 256
_TSN_MODULO = 1 << 32


class SctpRuleError(Exception):
    """The peer does what no SCTP does; the association ends."""


class _Below:
    """As much of a DTLS transport as ``RTCSctpTransport`` asks for."""

    state = "connected"
    _role = "server"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send

    def _register_data_receiver(self, receiver: RTCSctpTransport) -> None: ...

    def _unregister_data_receiver(self, receiver: RTCSctpTransport) -> None: ...

    async def _send_data(self, data: bytes) -> None:
        self._send(data)


class _AgreedStream:
    """Stands where aiortc has a data channel: it asks whether there is one, and this."""

    negotiated = False


class SctpCore(RTCSctpTransport):
    """One association; makes its timers on the running loop.

    Args:
        send: takes packets for the peer.
        owner: is told.
        local_port: ours.
        most_bytes: of a message, either way.
    """

    def __init__(
        self, send: Callable[[bytes], None], owner: SctpOwner, local_port: int, most_bytes: int
    ) -> None:
        super().__init__(cast(RTCDtlsTransport, _Below(send)), local_port)
        self._owner = owner
        self._most_bytes = most_bytes
        self._data_chunks = 0
        self._ended = False
        self._inbound_streams_max = MOST_STREAMS
        self._outbound_streams_count = MOST_STREAMS
        self._rto = _FIRST_TIMEOUT

    # ---- for the owner ---------------------------------------------------------------------

    def begin(self, remote_port: int) -> None:
        """Ask the peer for an association."""
        _run(self.start(None, remote_port))

    def receive(self, packet: bytes) -> None:
        """Take a sound packet. Raises whatever comes of a peer that breaks the rules."""
        _run(self._handle_data(packet))

    @property
    def is_established(self) -> bool:
        """Whether messages can be sent."""
        return self._association_state is self.State.ESTABLISHED

    @property
    def is_congested(self) -> bool:
        """Whether more data would only wait for the peer to acknowledge other data."""
        return bool(self._outbound_queue) or len(self._sent_queue) >= _MOST_IN_FLIGHT

    def send_message(
        self,
        stream: int,
        ppid: int,
        data: bytes,
        *,
        ordered: bool,
        max_retransmits: int | None,
        expires: float | None,
    ) -> None:
        """Send a message, which is not empty; ``expires`` in the wall clock, as aiortc has it."""
        self._cwnd = min(self._cwnd, MOST_WINDOW)
        _run(self._send(stream, ppid, data, expires, max_retransmits, ordered))

    def watch_stream(self, stream: int) -> None:
        """Tell of the peer's resets of a stream from now on."""
        self._data_channels[stream] = cast(Any, _AgreedStream())

    def reset_stream(self, stream: int) -> None:
        """End our direction of a stream, after what has been sent on it."""
        self._reconfig_queue.append(stream)
        _run(self._transmit_reconfig())

    def abort(self) -> None:
        """End the association and tell the peer; the owner is not told."""
        self._ended = True
        _run(self.stop())

    # ---- what comes in ---------------------------------------------------------------------

    @override
    async def _receive(self, stream_id: int, pp_id: int, data: bytes) -> None:
        if len(data) > self._most_bytes:
            raise SctpRuleError(f"message of {len(data)} bytes")
        self._owner.take_message(stream_id, pp_id, data)

    @override
    async def _receive_data_chunk(self, chunk: DataChunk) -> None:
        if self._last_received_tsn is None:
            return
        ahead = (chunk.tsn - self._last_received_tsn) % _TSN_MODULO
        is_new = 0 < ahead < _TSN_MODULO // 2
        size = len(chunk.user_data)
        if is_new and ahead > 1:
            if (
                ahead > MOST_GAP
                or len(self._sack_misordered) >= _MOST_MISORDERED
                or size > self._advertised_rwnd
            ):
                self._sack_needed = True  # not taken, so it will come again
                return
        elif is_new and self._advertised_rwnd < -self._most_bytes:
            raise SctpRuleError("window ignored")
        self._data_chunks += 1
        if not self._data_chunks % _COUNT_EVERY and self._held() > _MOST_HELD:
            raise SctpRuleError("fragments without end")
        await super()._receive_data_chunk(chunk)

    @override
    def _mark_received(self, tsn: int) -> bool:
        """Whether a number came before; aiortc sorts all that are ahead, and not across 2³²."""
        last, ahead = self._last_received_tsn, self._sack_misordered
        assert last is not None
        if uint32_gte(last, tsn) or tsn in ahead:
            self._sack_duplicates.append(tsn)
            return True
        ahead.add(tsn)
        while (following := tsn_plus_one(last)) in ahead:
            ahead.discard(following)
            self._last_received_tsn = last = following
        return False

    def _held(self) -> int:
        """Chunks that wait for others of their message, or before it."""
        return sum(len(stream.reassembly) for stream in self._inbound_streams.values())

    @override
    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        sent_to = self._local_tsn - 1
        if (sent_to - chunk.cumulative_tsn) % _TSN_MODULO < _TSN_MODULO // 2:
            await super()._receive_sack_chunk(chunk)

    @override
    async def _send_sack(self) -> None:
        """Acknowledge as much as fits into a packet: aiortc would not mind its size."""
        everything = self._sack_misordered
        if self._last_received_tsn is not None and len(everything) > _MOST_BLOCKS:
            self._sack_misordered = _first_blocks(everything, self._last_received_tsn)
        del self._sack_duplicates[_MOST_DUPLICATES:]
        await super()._send_sack()
        self._sack_misordered = everything

    # ---- streams ---------------------------------------------------------------------------

    @override
    async def _data_channel_flush(self) -> None:
        if self.is_established:
            self._owner.has_room()

    @override
    def _data_channel_close(self, channel: object) -> None:
        """Called when the peer has reset a stream, just before ``_data_channel_reset``."""

    @override
    def _data_channel_reset(self, stream_id: int) -> None:
        if stream_id in self._data_channel_inbound_reset:
            self._data_channel_inbound_reset.discard(stream_id)
            self._owner.peer_reset(stream_id)
        if stream_id in self._data_channel_outbound_reset:
            self._data_channel_outbound_reset.discard(stream_id)
            self._owner.reset_done(stream_id)

    @override
    def _data_channel_closed(self, stream_id: int) -> None:
        """Called when the peer refuses a reset, and for all streams at the end."""
        if self._association_state is self.State.CLOSED:
            self._data_channels.pop(stream_id, None)
        else:
            self._owner.reset_done(stream_id)

    # ---- states and timers -----------------------------------------------------------------

    @override
    def _set_state(self, state: RTCSctpTransport.State) -> None:
        super()._set_state(state)
        if state is self.State.CLOSED and not self._ended:
            self._ended = True
            self._owner.association_ended()

    @override
    def _t1_expired(self) -> None:
        """Ask a few times; then wait until the peer asks, which may be minutes later."""
        if self._t1_failures < SCTP_MAX_INIT_RETRANS:
            super()._t1_expired()
        else:
            self._t1_handle = None

    @override
    def _t3_expired(self) -> None:
        super()._t3_expired()
        self._rto = min(2 * self._rto, LONGEST_TIMEOUT)

    @override
    def _update_rto(self, R: float) -> None:
        super()._update_rto(R)
        if self._srtt is not None and self._rttvar is not None:
            timeout = self._srtt + 4 * self._rttvar
            self._rto = min(max(timeout, SHORTEST_TIMEOUT), LONGEST_TIMEOUT)


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("aiortc waits where it did not")


def _first_blocks(misordered: set[int], last: int) -> set[int]:
    """Those numbers after ``last`` that make up the first _MOST_BLOCKS runs."""
    kept: set[int] = set()
    blocks = 0
    for ahead in sorted((tsn - last) % _TSN_MODULO for tsn in misordered):
        tsn = (last + ahead) % _TSN_MODULO
        blocks += (tsn - 1) % _TSN_MODULO not in kept
        if blocks > _MOST_BLOCKS:
            break
        kept.add(tsn)
    return kept
