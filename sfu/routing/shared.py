"""What all rooms of a worker share: the way out, the memory, and who has RTCP to send."""

import itertools
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from sfu.congestion.pacer import Pacer
from sfu.media.packet_store import PacketMemory
from sfu.ortc.codecs import CODECS
from sfu.routing.counts import RoutingCounts
from sfu.transport.destinations import Destinations
from sfu.transport.sent_copies import SentCopies
from sfu.transport.srtp import SrtpSession
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds

WITHOUT_RTX: Final = frozenset(one.payload_type for one in CODECS if one.rtx_payload_type is None)
"""Payload types whose packets are sent again as they were: browsers know no RTX for sound."""


@dataclass(frozen=True)
class Crowds:
    """What is done about rooms with many people.

    Attributes:
        loudest: voices that are forwarded where there are more than one above it; 0 for all.
    """

    loudest: int = 4


class Urgent(Protocol):
    """One direction of a transport, with feedback that should not wait for the next round."""


class Repeats(Protocol):
    """What sends packets of a consumer again."""

    def repeat(self, number: int, destination: tuple[int, SrtpSession], now: Seconds) -> int:
        """Send a packet again; its bytes, or 0 if it is kept no longer."""


Repetition: TypeAlias = tuple[Repeats, int, tuple[int, SrtpSession]]
"""Who sends a packet again, the packet's outgoing number, slot and session of the transport."""


class Restless(Protocol):
    """A room that has something to do, or to tell, sooner than it said."""


class Shared:
    """The worker's parts that every stream uses.

    Args:
        ring: where outgoing packets are written.
        destinations: the transports, by slot.
        memory: of packets that may have to be sent again.
        crowds: what is done about rooms with many people.

    Attributes:
        urgent: who has RTCP to send as soon as the batch is done; the worker empties it.
        pacers: by slot, of transports whose networks are estimated: what is sent again waits there.
        waiting: those of them in which something waits; the worker empties it.
        copies: sound as it was sent.
        again: sound to be sent again as it is: slot, transport-wide sequence number and datagram;
            the worker empties it.
        restless: rooms that are to be looked at likewise.
        counts: of what goes wrong, and is asked for.
    """

    def __init__(
        self,
        ring: TransmitRing,
        destinations: Destinations,
        memory: PacketMemory,
        crowds: Crowds | None = None,
    ) -> None:
        self.ring = ring
        self.destinations = destinations
        self.memory = memory
        self.crowds = crowds or Crowds()
        self.urgent: dict[Urgent, None] = {}
        self.pacers: dict[int, Pacer[Repetition]] = {}
        self.waiting: dict[int, Pacer[Repetition]] = {}
        self.copies = SentCopies(ring, WITHOUT_RTX)
        self.again: list[tuple[int, int, bytes]] = []
        self.restless: dict[Restless, None] = {}
        self.counts = RoutingCounts()
        self._sources = itertools.count(1)
        self._groups = itertools.count(1)

    def new_source(self) -> int:
        """A number for a received stream, never given before."""
        return next(self._sources)

    def new_group(self) -> int:
        """A number for a room, by which the socket knows streams with common destinations."""
        return next(self._groups)
