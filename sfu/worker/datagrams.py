"""A batch of datagrams, told apart and handed on.

Hot path. Media goes on as columns; the rest (STUN, DTLS, RTCP: one datagram in fifty) is looked at
one by one, after the media has been sent on its way. Whatever a datagram holds, nothing is raised.
"""

from typing import Protocol as Interface

from sfu.routing.inbound import Inbound
from sfu.routing.reception import Reception
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds
from sfu.wire.demux import Protocol, ProtocolColumn
from sfu.worker.udp_socket import UdpSocket

_RTP = int(Protocol.RTP)
_NANOSECONDS_PER_MICROSECOND = 1000


class ColdPath(Interface):
    """Takes what is not media."""

    def receive_stun(self, data: bytes, source: bytes, now: Seconds) -> None:
        """A STUN message."""

    def receive_dtls(self, data: bytes, source: bytes, now: Seconds) -> None:
        """A DTLS datagram."""

    def receive_rtcp(self, row: int, source: bytes, now: Seconds) -> None:
        """An SRTCP datagram, in a row of the receive ring."""


class Datagrams:
    """Splits what the port receives.

    Args:
        port: where datagrams come from.
        reception: takes the media.
        ring: where forwarded media was written, to be sent at the end of a batch.
        cold: takes the rest.

    Attributes:
        senders: by address row, who sends media from there; whoever knows keeps it up to date.
        media: RTP datagrams that came from known senders.
        strange: datagrams that belong to nobody or to no protocol.
    """

    def __init__(
        self, port: UdpSocket, reception: Reception, ring: TransmitRing, cold: ColdPath
    ) -> None:
        self.senders: dict[bytes, Inbound] = {}
        self.media = 0
        self.strange = 0
        self._port = port
        self._reception = reception
        self._ring = ring
        self._cold = cold
        self._protocols = ProtocolColumn(port.received.rows, port.received.lengths)
        capacity = port.received.capacity
        self._all_rows = list(range(capacity))
        self._rows = [row.data for row in port.received.rows]
        self._arrivals = port.arrivals.data if port.arrivals is not None else None

    def receive(self, now: Seconds) -> int:
        """Receive a batch, forward its media, handle the rest; the number of datagrams."""
        count = self._port.receive()
        if count:
            self.take(count, self._port.sources(count), now)
        return count

    def take(self, count: int, sources: list[bytes], now: Seconds) -> None:
        """Take the datagrams in the first rows of the ring: forward media, handle the rest.

        Args:
            count: datagrams, at least 1.
            sources: where each came from.
            now: monotonic.
        """
        protocols = self._protocols.classify(count)
        inbounds = list(map(self.senders.get, sources))
        if protocols.count(_RTP) == count and None not in inbounds:
            self._forward(self._all_rows[:count], inbounds, now)  # type: ignore[arg-type]
            return
        rows: list[int] = []
        senders: list[Inbound] = []
        for row, (protocol, sender) in enumerate(zip(protocols, inbounds, strict=True)):
            if protocol == _RTP and sender is not None:
                rows.append(row)
                senders.append(sender)
        if rows:
            self._forward(rows, senders, now)
        for row, protocol in enumerate(protocols):
            if protocol != _RTP:
                self._receive_other(row, protocol, sources[row], now)
            elif inbounds[row] is None:
                self.strange += 1

    def _forward(self, rows: list[int], senders: list[Inbound], now: Seconds) -> None:
        self.media += len(rows)
        arrivals = self._arrivals
        if arrivals is None:
            self._reception.receive(rows, senders, now, None)
        else:
            stamps = [arrivals[row] // _NANOSECONDS_PER_MICROSECOND for row in rows]
            self._reception.receive(rows, senders, now, stamps)
        self._ring.flush()

    def _receive_other(self, row: int, protocol: int, source: bytes, now: Seconds) -> None:
        if protocol == Protocol.RTCP:
            self._cold.receive_rtcp(row, source, now)
            return
        data = bytes(self._rows[row][: int(self._port.received.lengths[row])])
        if protocol == Protocol.STUN:
            self._cold.receive_stun(data, source, now)
        elif protocol == Protocol.DTLS:
            self._cold.receive_dtls(data, source, now)
        else:
            self.strange += 1
