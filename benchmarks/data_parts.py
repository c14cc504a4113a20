"""What the parts of relaying a message cost: SCTP, DTLS and the system call, each by itself.

One association of a worker's, its DTLS, and a peer at the other end, all in this thread without a
network, so that each part can be timed alone. ``python -m benchmarks.data_parts`` prints them.
"""

import asyncio
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from benchmarks.peers.synthetic.dtls_association import DtlsAssociation, Identity
from benchmarks.peers.synthetic.lean_sctp import PORT, LeanSctp
from benchmarks.stats import median
from sfu.units import Seconds
from sfu.worker.dtls import DtlsServer
from sfu.worker.dtls_certificate import DtlsCertificate, DtlsFingerprint
from sfu.worker.sctp_aiortc import BINARY, SctpAssociation

MESSAGE_BYTES: Final = 100
FULL_PACKET: Final = 8
"""Messages of a packet that is nearly full."""

_PACKETS: Final = 1000
_NOW: Final = Seconds(0.0)
_IN, _OUT = 0, 1023

T = TypeVar("T")


class _Clock:
    """Times what is done with it: the median is what it takes when nobody is in the way."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def __call__(self, what: Callable[[], T]) -> T:
        begun = time.perf_counter()
        result = what()
        self._times.append(time.perf_counter() - begun)
        return result

    @property
    def micros(self) -> float:
        """The median."""
        return 1e6 * median(self._times)


@dataclass(frozen=True)
class Parts:
    """µs of each part.

    Attributes:
        queue: to hand a message to the association and have it written into a packet.
        seal: to encrypt a packet.
        send: to have the kernel send a packet, to a socket of this machine.
        open: to decrypt a packet that came.
        acknowledged: to read an acknowledgement, which comes for every second packet.
        received: to read a message, and to write an acknowledgement.
    """

    queue: float
    seal: float
    send: float
    open: float
    acknowledged: float
    received: float

    def relayed(self, per_packet: float, receivers: int) -> float:
        """µs of these parts for a message to one of its receivers, and its share of receiving it.

        Args:
            per_packet: messages in a packet.
            receivers: of a message.
        """
        incoming = self.open + self.received + self.seal + self.send
        packet = self.seal + self.send + (self.open + self.acknowledged) / 2
        return self.queue + packet / per_packet + incoming / receivers


class _Bench:
    """A worker's end, and a peer's."""

    def __init__(self) -> None:
        certificate, identity = DtlsCertificate.generate(), Identity()
        self.server = DtlsServer(certificate)
        self.server.expect([DtlsFingerprint("sha-256", identity.fingerprint)])
        fingerprints = [(one.algorithm, one.value) for one in certificate.fingerprints]
        self.client = DtlsAssociation(identity, fingerprints, _NOW)
        while self.client.keys is None:
            for datagram in self._take(self.client.out):
                for answer in self.server.receive(datagram, _NOW).datagrams:
                    self.client.receive(answer, _NOW)
        self.outgoing: list[bytes] = []
        self.incoming: list[bytes] = []
        self.association = SctpAssociation(
            self.outgoing.append, lambda *_: None, lambda _: None, local_port=PORT
        )
        self.peer = LeanSctp(self.incoming.append, lambda *_: None, random.Random(1))
        for stream in (_IN, _OUT):
            self.association.open_stream(stream, ordered=False, max_retransmits=0)
        self.association.start(PORT)

    def exchange(self) -> None:
        """Pass on what is under way, untimed."""
        while self.outgoing or self.incoming:
            for packet in self._take(self.outgoing):
                self.peer.receive(packet)
            for packet in self._take(self.incoming):
                self.association.receive(packet)

    def run(self, per_packet: int) -> Parts:
        """Each part once for every packet; the medians."""
        message = bytes(MESSAGE_BYTES)
        queue, seal, opening, acknowledged, received = (
            _Clock(),
            _Clock(),
            _Clock(),
            _Clock(),
            _Clock(),
        )
        for _ in range(_PACKETS):
            queue(partial(self._send, message, per_packet))
            for packet in self._take(self.outgoing):
                [sealed] = seal(partial(self.server.send, packet)).datagrams
                self.client.receive(sealed, _NOW)
                self.peer.receive(self.client.received.pop())
            for packet in self._take(self.incoming):
                acknowledged(partial(self.association.receive, packet))
            self.peer.send(_IN, BINARY, message, ordered=False)
            for packet in self._take(self.incoming):
                self.client.send(packet)
                datagram = self.client.out.pop()
                [opened] = opening(partial(self.server.receive, datagram, _NOW)).received
                received(partial(self.association.receive, opened))
            self.exchange()
        return Parts(
            queue=queue.micros / per_packet,
            seal=seal.micros,
            send=_sending(MESSAGE_BYTES * per_packet + 80),
            open=opening.micros,
            acknowledged=acknowledged.micros,
            received=received.micros,
        )

    def _send(self, message: bytes, count: int) -> None:
        for _ in range(count):
            self.association.queue_message(_OUT, BINARY, message)
        self.association.flush()

    @staticmethod
    def _take(packets: list[bytes]) -> list[bytes]:
        taken = list(packets)
        packets.clear()
        return taken


def measure(per_packet: int) -> Parts:
    """The parts, with so many messages in a packet."""
    return asyncio.run(_measure(per_packet))


async def _measure(per_packet: int) -> Parts:
    bench = _Bench()
    bench.exchange()
    await asyncio.sleep(0)
    bench.exchange()
    assert bench.peer.established
    return bench.run(per_packet)


def _sending(size: int) -> float:
    """µs of one system call that sends a datagram to a socket of this machine."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
    ):
        to.bind(("127.0.0.1", 0))
        address, datagram, clock = to.getsockname(), bytes(size), _Clock()
        for _ in range(_PACKETS):
            clock(partial(out.sendto, datagram, address))
        return clock.micros


def main() -> None:
    """Print the parts."""
    for per_packet in (1, FULL_PACKET):
        parts = measure(per_packet)
        spoken = ", ".join(f"{name} {value:.1f}" for name, value in vars(parts).items())
        print(f"{per_packet} in a packet, µs: {spoken}")


if __name__ == "__main__":
    main()
