"""The one place that peers send to and are sent to from: a UDP port, and a TCP port beside it.

Hot path. Where no slot leads to a TCP connection, a flush costs one comparison more than with UDP
alone, and what is received nothing.
"""

from sfu.transport.destinations import Destinations
from sfu.transport.packet_ring import PacketRing
from sfu.transport.stream_addresses import is_stream
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds
from sfu.worker.tcp_port import TcpPort
from sfu.worker.udp_socket import SocketCounts, UdpSocket


class PeerPort:
    """Sends to whichever port a peer is at.

    Args:
        udp: the UDP port, which receives by itself.
        tcp: the TCP port; None without.
        destinations: where the slots of the transmit ring lead.
        ring: the transmit ring; it sends here from now on.

    Attributes:
        received: the ring that both ports receive into.
        counts: of the UDP port.
    """

    def __init__(
        self, udp: UdpSocket, tcp: TcpPort | None, destinations: Destinations, ring: TransmitRing
    ) -> None:
        self.udp = udp
        self.tcp = tcp
        self.received: PacketRing = udp.received
        self.counts: SocketCounts = udp.counts
        self._destinations = destinations
        if tcp is not None:
            ring.sender = self.send

    def send(self, ring: TransmitRing) -> None:
        """Send the rows in use of the ring; never waits or raises."""
        if self.tcp is None or not self._destinations.streams:
            self.udp.send(ring)
            return
        apart = self._destinations.is_stream[ring.slots[: len(ring)]]
        streams = apart.nonzero()[0]
        if not len(streams):
            self.udp.send(ring)
            return
        if len(streams) < len(apart):
            self.udp.send(ring, (~apart).nonzero()[0])
        self.tcp.send_rows(ring, streams)

    def send_datagram(self, data: bytes, address: bytes) -> None:
        """Send one datagram that is not media; never waits, never raises."""
        if not is_stream(address):
            self.udp.send_datagram(data, address)
        elif self.tcp is not None:
            self.tcp.send_packet(data, address)

    def prove(self, address: bytes, now: Seconds) -> None:
        """A valid check has come from an address."""
        if self.tcp is not None and is_stream(address):
            self.tcp.prove(address, now)

    def release(self, address: bytes) -> None:
        """An address is nobody's any more."""
        if self.tcp is not None and is_stream(address):
            self.tcp.release(address)

    def close(self) -> None:
        """Close both."""
        if self.tcp is not None:
            self.tcp.close()
        self.udp.close()
