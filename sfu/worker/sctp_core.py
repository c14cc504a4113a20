"""SCTP of one transport (RFC 8831), on aiortc's: what is made of it here, in three layers.

=============  ==========================================================================
sctp_core      the association as its owner sees it: begins, ends, resets streams
sctp_bounds    what comes in: no more than a peer may make us keep or walk through
sctp_sending   what goes out, and when: full packets, a window, timers that back off
=============  ==========================================================================

aiortc brings the rest: handshake, ordering, retransmission, congestion control. Its data channels
are left aside: streams are agreed on by way of signaling (``negotiated``), messages are passed on
unread, and what DCEP and its channels would do with a hostile peer's bytes is not done. Its
coroutines never wait, as sending a packet here does not; so they are run to their end at once.

These three modules are the only ones that reach into aiortc. Each lists the private parts it uses;
``tests/sfu/worker/test_sctp_core.py`` holds the lists complete, and the parts in place. Used here:

* called: ``_handle_data  _transmit_reconfig``
* replaced: ``_data_channel_flush  _data_channel_close  _data_channel_closed  _data_channel_reset
  _set_state``
* read or set: ``_association_state  _data_channels  _data_channel_inbound_reset
  _data_channel_outbound_reset  _inbound_streams_max  _outbound_streams_count  _reconfig_queue``

A message of 100 bytes that is alone in its packet costs us 9 µs to send and 7 µs to be told that it
came; with seven others in its packet 3 and 1.3 µs; to receive one costs 14 µs. All that on one core
of a Milan server, without DTLS (``python -m benchmarks.data_parts``).
"""

from collections.abc import Callable, Coroutine
from typing import Any, cast

from aiortc.rtcsctptransport import RTCSctpTransport
from typing_extensions import override

from sfu.wire.sctp_packets import MOST_STREAMS
from sfu.worker.sctp_bounds import BoundedSctp
from sfu.worker.sctp_owner import SctpOwner


class _AgreedStream:
    """Stands where aiortc has a data channel: it asks whether there is one, and this."""

    negotiated = False


class SctpCore(BoundedSctp):
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
        super().__init__(send, owner.take_message, local_port, most_bytes)
        self._owner = owner
        self._ended = False
        self._inbound_streams_max = MOST_STREAMS
        self._outbound_streams_count = MOST_STREAMS

    # ---- the association -------------------------------------------------------------------

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

    def abort(self) -> None:
        """End the association and tell the peer; the owner is not told."""
        self._ended = True
        _run(self.stop())

    @override
    def _set_state(self, state: RTCSctpTransport.State) -> None:
        super()._set_state(state)
        if state is self.State.CLOSED and not self._ended:
            self._ended = True
            self._owner.association_ended()

    @override
    async def _data_channel_flush(self) -> None:
        if self.is_established:
            self._owner.has_room()

    # ---- streams ---------------------------------------------------------------------------

    def watch_stream(self, stream: int) -> None:
        """Tell of the peer's resets of a stream from now on."""
        self._data_channels[stream] = cast(Any, _AgreedStream())

    def reset_stream(self, stream: int) -> None:
        """End our direction of a stream, after what has been sent on it."""
        self._reconfig_queue.append(stream)
        _run(self._transmit_reconfig())

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


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("aiortc waits where it did not")
