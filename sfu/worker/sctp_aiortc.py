"""The SCTP association of one transport: messages on streams that were agreed on (RFC 8831).

A stream, as we send on it::

    state       open_stream           close_stream, or peer's reset   sent all      reset answered
    closed      open                  closed                          -             -
    open        open, new terms       draining                        -             -
    draining    resetting, reopened   draining                        resetting     -
    resetting   resetting, reopened   resetting, not reopened         -             closed, or open
                                                                                    if reopened

A reset begins the stream's numbers anew, so what is sent on a reopened stream waits for its answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from sfu.wire.sctp_packets import MOST_STREAMS, is_sound
from sfu.worker.sctp_clock import wall_clock
from sfu.worker.sctp_core import SctpCore
from sfu.worker.sctp_outbox import OutgoingMessage, SctpOutbox

TEXT: Final = 51
BINARY: Final = 53
EMPTY_TEXT: Final = 56
EMPTY_BINARY: Final = 57
"""Payload protocol identifiers (RFC 8831 §8). SCTP cannot carry nothing, so an empty message is one
zero byte that the identifier declares empty (§6.6)."""

_EMPTY = {TEXT: EMPTY_TEXT, BINARY: EMPTY_BINARY}
_KINDS = frozenset((TEXT, BINARY, EMPTY_TEXT, EMPTY_BINARY))


@dataclass(frozen=True)
class _Terms:
    """How messages on a stream are sent."""

    ordered: bool
    max_retransmits: int | None
    max_packet_life_time: int | None


class SctpAssociation:
    """One association. What the peer does never raises; at worst it ends the association.

    Args:
        send: takes an SCTP packet, for DTLS to carry.
        on_message: told of a message: stream, payload protocol identifier, data; empty messages
            come as no data, and text is UTF-8.
        on_closed: told of an open stream that the peer has closed, or that ended with all others.
        local_port: ours, of SCTP.
        max_message_size: bytes of a message, either way.
        on_end: told once that the peer has ended the association, or cannot be spoken with.

    Attributes:
        ended: whether it is over.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        on_message: Callable[[int, int, bytes], None],
        on_closed: Callable[[int], None],
        local_port: int = 5000,
        max_message_size: int = 262_144,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        self.ended = False
        self._send = send
        self._on_message = on_message
        self._on_closed = on_closed
        self._on_end = on_end
        self._local_port = local_port
        self._max_message_size = max_message_size
        self._core: SctpCore | None = None
        self._outbox = SctpOutbox()
        self._open: dict[int, _Terms] = {}
        self._draining: set[int] = set()
        self._resetting: set[int] = set()
        self._answers_due: set[int] = set()
        self._events: list[Callable[[], None]] | None = None

    @property
    def buffered(self) -> int:
        """Bytes of messages that wait to be sent."""
        return self._outbox.buffered

    # ---- the association -------------------------------------------------------------------

    def start(self, remote_port: int) -> None:
        """Begin, once DTLS is open; needs a running event loop, for timers."""
        if self._core is None and not self.ended:
            self._core = SctpCore(self._send, self, self._local_port, self._max_message_size)
            for stream in self._open:
                self._core.watch_stream(stream)
            self._core.begin(remote_port)

    def receive(self, data: bytes) -> None:
        """Take a packet from the peer; one that is not well-formed is passed over."""
        if self._core is None or self.ended or not is_sound(data):
            return
        # What the peer caused is told when aiortc is done with it: whoever is told may send.
        self._events = []
        try:
            self._core.receive(data)
        except Exception:  # aiortc asserts, indexes and unpacks what peers send
            self._core.abort()
            self.association_ended()
        self._pump()
        events, self._events = self._events, None
        for event in events:
            event()

    def abort(self) -> None:
        """End the association and tell the peer; nothing more is told to the owner."""
        self.ended = True
        self._open.clear()
        if self._core is not None:
            self._core.abort()

    # ---- streams ---------------------------------------------------------------------------

    def open_stream(
        self,
        stream: int,
        ordered: bool = True,
        max_retransmits: int | None = None,
        max_packet_life_time: int | None = None,
        label: str = "",
        protocol: str = "",
    ) -> None:
        """Send on a stream that the peer has opened, or will, under the same number.

        Args:
            stream: 0 to MOST_STREAMS - 1.
            ordered: whether messages arrive in the order in which they were sent.
            max_retransmits: how often a message is sent again at most; None for always.
            max_packet_life_time: milliseconds in which it may be sent; None for ever.
            label: of the data channel; SCTP does not carry it.
            protocol: of the data channel; SCTP does not carry it.

        Raises:
            ValueError: ``stream`` is out of range.
        """
        if not 0 <= stream < MOST_STREAMS:
            raise ValueError(f"there is no SCTP stream {stream}")
        if self.ended:
            return
        self._open[stream] = _Terms(ordered, max_retransmits, max_packet_life_time)
        if self._core is not None:
            self._core.watch_stream(stream)
        if stream in self._draining:
            self._outbox.discard(stream)
            self._pump()

    def close_stream(self, stream: int) -> None:
        """End a stream once all has been sent that waits; harmless when it is not open."""
        if self._open.pop(stream, None) is None:
            return
        if self._core is None or not self._core.is_established or stream in self._resetting:
            self._outbox.discard(stream)
            return
        self._answers_due.add(stream)
        self._draining.add(stream)
        self._pump()

    def send_message(self, stream: int, ppid: int, data: bytes) -> bool:
        """Send a message now, or as soon as there is room; see ``queue_message``."""
        if not self.queue_message(stream, ppid, data):
            return False
        if self._events is None:
            self._pump()
        return True

    def queue_message(self, stream: int, ppid: int, data: bytes) -> bool:
        """Send a message with the next ``flush``, or drop it.

        Args:
            stream: an open one.
            ppid: TEXT, BINARY, or one of their empty forms.
            data: empty data takes the empty form by itself.

        Returns:
            False when it was dropped: too much waits already, it is too long, or the stream is not
            open.
        """
        terms = self._open.get(stream)
        if terms is None or ppid not in _KINDS or len(data) > self._max_message_size:
            return False
        if not data:
            ppid, data = _EMPTY.get(ppid, ppid), b"\0"
        life_time = terms.max_packet_life_time
        message = OutgoingMessage(
            stream,
            ppid,
            data,
            terms.ordered,
            terms.max_retransmits,
            None if life_time is None else wall_clock() + life_time / 1000,
        )
        core = self._core
        if (
            core is None
            or self._resetting
            or len(self._outbox)
            or not core.is_established
            or core.is_congested
        ):
            return self._outbox.put(message)
        core.add(message)  # the outbox would only pass it on
        return True

    def flush(self) -> None:
        """Send what was queued, as far as there is room."""
        self._pump()

    def _pump(self) -> None:
        """Hand over what there is room for, and reset streams that have sent all."""
        core = self._core
        if core is None or not core.is_established:
            return
        core.transmit()
        while self._refill(core):
            core.transmit()
        if not self._draining:
            return
        for stream in [one for one in self._draining if not self._outbox.holds(one)]:
            self._draining.discard(stream)
            self._resetting.add(stream)
            core.reset_stream(stream)

    def _refill(self, core: SctpCore) -> bool:
        """Take messages out of the outbox, as many as go at once; whether there were any."""
        some = False
        while len(self._outbox) and not core.is_congested:
            message = self._outbox.take(self._resetting, wall_clock())
            if message is None:
                break
            core.add(message)
            some = True
        return some

    # ---- told by the association -----------------------------------------------------------

    def take_message(self, stream: int, ppid: int, data: bytes) -> None:
        """See ``SctpOwner``."""
        if ppid in (EMPTY_TEXT, EMPTY_BINARY):
            data = b""
        elif ppid == TEXT:
            try:
                data.decode()
            except UnicodeDecodeError:
                return  # a receiver may be less careful
        elif ppid != BINARY:
            return  # DCEP, which nobody needs here, or what nobody knows
        self._tell(partial(self._on_message, stream, ppid, data))

    def peer_reset(self, stream: int) -> None:
        """See ``SctpOwner``. A peer whose stream we have reset resets it too (RFC 8831 §6.7)."""
        if stream in self._answers_due:
            self._answers_due.discard(stream)
        elif stream in self._open:
            self.close_stream(stream)
            self._answers_due.discard(stream)
            self._tell(partial(self._on_closed, stream))

    def reset_done(self, stream: int) -> None:
        """See ``SctpOwner``."""
        self._resetting.discard(stream)
        self._pump()

    def has_room(self) -> None:
        """See ``SctpOwner``."""
        self._pump()

    def association_ended(self) -> None:
        """See ``SctpOwner``."""
        if self.ended:
            return
        self.ended = True
        for stream in self._open:
            self._tell(partial(self._on_closed, stream))
        self._open.clear()
        if self._on_end is not None:
            self._tell(self._on_end)

    def _tell(self, event: Callable[[], None]) -> None:
        if self._events is None:
            event()
        else:
            self._events.append(event)
