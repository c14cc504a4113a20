"""What a worker has counted since it started: part of its sign of life, for whoever watches it.

All figures but those of the moment only grow, until the worker is started anew. Spreads are counted
by the bounds named here, which both ends know.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, Literal, Self, TypeAlias

import msgspec

BATCH_BOUNDS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Datagrams received by one call."""

MESSAGE_BOUNDS: Final = (1, 2, 4, 8, 16, 32, 64)
"""Datagrams in one message, which the kernel cuts up (UDP segmentation)."""

LAG_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds by which an event loop came late to what was due."""

RATE_BOUNDS: Final = (1e5, 2.5e5, 5e5, 1e6, 2e6, 3e6, 5e6, 1e7, 2e7, 5e7)
"""Bits per second that subscribers' networks carry, as estimated."""

Ending: TypeAlias = Literal["peer-closed", "consent-expired", "dtls-failed"]
"""Why a transport ended by itself: the peer said so (DTLS), or nothing was heard of it for too long
(RFC 7675), or the handshake failed."""


class Part(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Configuration shared by all parts of the figures."""


class Spread(Part, kw_only=True):
    """How many values there were, by their size.

    Attributes:
        counts: of values up to each bound and above the one before; the last entry is of those
            above all bounds. Empty where nothing has been counted.
        total: sum of all values.
    """

    counts: list[int] = []
    total: float = 0.0

    @classmethod
    def within(cls, bounds: Sequence[float]) -> Self:
        """Without a value yet."""
        return cls(counts=[0] * (len(bounds) + 1))

    def note(self, value: float, bounds: Sequence[float]) -> None:
        """Count a value; ``bounds`` as of all others."""
        self.counts[bisect_left(bounds, value)] += 1
        self.total += value


class ProcessFigures(Part, kw_only=True):
    """What the worker uses.

    Attributes:
        cpu_seconds: of all its threads, in user and kernel mode.
        resident_bytes: of memory, now.
        loop_lag: how late its event loop was, in seconds, by ``LAG_BOUNDS``.
    """

    cpu_seconds: float = 0.0
    resident_bytes: int = 0
    loop_lag: Spread


class HeldFigures(Part, kw_only=True):
    """What it carries at this moment.

    Attributes:
        microphones: producers of this source, as with the others.
        consumers: of all producers.
    """

    microphones: int = 0
    cameras: int = 0
    screens: int = 0
    screen_audios: int = 0
    consumers: int = 0
    data_producers: int = 0
    data_consumers: int = 0


class TransportFigures(Part, kw_only=True):
    """What became of transports.

    Attributes:
        connected: ICE and DTLS were done.
        peer_closed: ended by the peer (DTLS).
        consent_expired: nothing was heard of the peer any more (RFC 7675).
        dtls_failed: the handshake failed.
    """

    connected: int = 0
    peer_closed: int = 0
    consent_expired: int = 0
    dtls_failed: int = 0

    def note_end(self, reason: Ending) -> None:
        """One ended by itself."""
        match reason:
            case "peer-closed":
                self.peer_closed += 1
            case "consent-expired":
                self.consent_expired += 1
            case "dtls-failed":
                self.dtls_failed += 1


class PortFigures(Part, kw_only=True):
    """The UDP port, whatever the datagrams hold.

    Attributes:
        batches: datagrams received at once, by ``BATCH_BOUNDS``.
        messages: datagrams sent in one message, by ``MESSAGE_BOUNDS``.
        send_batches: calls that sent some.
        strange: datagrams received that belong to nobody, or to no protocol.
        overrun: datagrams that the kernel dropped because its receive buffer was full.
        delayed: datagrams that waited for room in the kernel's send buffer.
        dropped: datagrams given up because too many waited.
        failed: datagrams that the kernel refused to send.
        unprotected: packets not sent because they could not be encrypted.
    """

    batches: Spread
    messages: Spread
    send_batches: int = 0
    strange: int = 0
    overrun: int = 0
    delayed: int = 0
    dropped: int = 0
    failed: int = 0
    unprotected: int = 0


class StreamFigures(Part, kw_only=True):
    """The TCP port, for peers without UDP.

    Attributes:
        connections: that are open now.
        proven: of these, that belong to a peer.
        peers: transports that are sent to by TCP now.
        accepted: connections that were let in.
        refused: connections that were not: too many, of one place or in all.
        overdue: connections ended because nothing of use came on them.
        received: packets.
        sent: packets.
        dropped: packets given up because the peer reads too slowly, or has gone.
        queued_bytes: that wait now.
    """

    connections: int = 0
    proven: int = 0
    peers: int = 0
    accepted: int = 0
    refused: int = 0
    overdue: int = 0
    received: int = 0
    sent: int = 0
    dropped: int = 0
    queued_bytes: int = 0


class MediaFigures(Part, kw_only=True):
    """RTP, as SRTP on the wire, and what the other ends say of it.

    Attributes:
        lost_in: packets of publishers that had not come when they were reported (RFC 3550 A.3).
        lost_out: packets that subscribers reported as lost.
        refused: packets that did not decrypt, or were not decrypted.
        malformed: packets whose header makes no sense.
        unknown: packets of no known stream.
        unneeded: packets that came twice, too late, or as padding only.
        nacked_in: packets that subscribers asked for again.
        nacked_out: packets that publishers were asked for again.
        pictures_in: key-frame requests of subscribers (PLI and FIR).
        pictures_out: key-frame requests to publishers.
        repaired_in: packets that publishers sent again, and that had been missing.
        repaired_out: packets sent again to subscribers.
        repairs_denied: packets not sent again because they had been too often already.
    """

    packets_in: int = 0
    packets_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    lost_in: int = 0
    lost_out: int = 0
    refused: int = 0
    malformed: int = 0
    unknown: int = 0
    unneeded: int = 0
    nacked_in: int = 0
    nacked_out: int = 0
    pictures_in: int = 0
    pictures_out: int = 0
    repaired_in: int = 0
    repaired_out: int = 0
    repairs_denied: int = 0


class NetworkFigures(Part, kw_only=True):
    """Subscribers' networks, and what was done to know them.

    Attributes:
        estimates: of now, by ``RATE_BOUNDS``: of subscribers that give transport-wide feedback.
        limited: of these subscribers, those whose network carries less than they want, now.
        feedbacks: transport-wide feedback that came.
        feedbacks_refused: of it, what could not be read, or was too much.
        probes: times that a network was tried out.
        padding_bytes: sent for that.
        repairs_given_up: repeated packets that had to wait too long for their turn.
    """

    estimates: Spread = msgspec.field(default_factory=Spread)
    limited: int = 0
    feedbacks: int = 0
    feedbacks_refused: int = 0
    probes: int = 0
    padding_bytes: int = 0
    repairs_given_up: int = 0


class DataFigures(Part, kw_only=True):
    """Messages of data channels.

    Attributes:
        received: from data producers.
        relayed: to data consumers.
        dropped: lossy ones, given up for consumers who do not keep up.
        too_slow: data consumers closed because reliable ones did not get through.
    """

    received: int = 0
    relayed: int = 0
    dropped: int = 0
    too_slow: int = 0


class Figures(Part, kw_only=True):
    """Everything a worker counts."""

    process: ProcessFigures
    held: HeldFigures
    transports: TransportFigures
    port: PortFigures
    media: MediaFigures
    data: DataFigures
    streams: StreamFigures = msgspec.field(default_factory=StreamFigures)
    networks: NetworkFigures = msgspec.field(default_factory=NetworkFigures)
