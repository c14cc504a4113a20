"""What UDP sockets have carried, told apart by what the datagrams are. Pure."""

from typing import Final, NamedTuple

from sfu.units import Octets
from sfu.wire.demux import Protocol, protocol_of

IPV4_UDP_BYTES: Final = 20 + 8
"""Headers around every datagram: IPv4 without options (RFC 791 §3.1) and UDP (RFC 768)."""


class Load(NamedTuple):
    """So many datagrams with so many bytes of payload.

    Attributes:
        datagrams: packets on the wire; none of ours is large enough to be fragmented.
        octets: their UDP payloads.
    """

    datagrams: int = 0
    octets: int = 0

    @property
    def wire_octets(self) -> int:
        """Bytes with the headers of IPv4 and UDP."""
        return self.octets + self.datagrams * IPV4_UDP_BYTES

    def plus(self, other: "Load") -> "Load":
        """Both together."""
        return Load(self.datagrams + other.datagrams, self.octets + other.octets)

    def since(self, before: "Load") -> "Load":
        """What has come after an earlier reading."""
        return Load(self.datagrams - before.datagrams, self.octets - before.octets)


class Carried:
    """One direction of one socket: only what the kernel took, or gave."""

    __slots__ = ("_datagrams", "_octets")

    def __init__(self) -> None:
        self._datagrams = [0] * len(Protocol)
        self._octets = [0] * len(Protocol)

    def add(self, datagram: Octets) -> None:
        """One more."""
        protocol = protocol_of(datagram)
        self._datagrams[protocol] += 1
        self._octets[protocol] += len(datagram)

    def of(self, *protocols: Protocol) -> Load:
        """What there was of some protocols; of all if none is named."""
        chosen = protocols or tuple(Protocol)
        return Load(
            sum(self._datagrams[one] for one in chosen), sum(self._octets[one] for one in chosen)
        )


class Traffic(NamedTuple):
    """Both directions of one socket."""

    sent: Carried
    received: Carried
