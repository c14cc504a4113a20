"""A server for one synthetic peer: answers checks and DTLS, and sends back what it is sent."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import cast

from typing_extensions import override

from benchmarks.peers.synthetic.connection import Desk, RemoteTransport
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.ice_agent import Credentials
from sfu.transport.destinations import pack_address
from sfu.transport.ice_lite import IceCredentials, IceLite
from sfu.transport.srtp import SrtpSession
from sfu.units import Seconds
from sfu.wire.demux import Protocol, protocol_of
from sfu.wire.stun import parse_stun
from sfu.worker.dtls import DtlsCertificate, DtlsFingerprint, DtlsOutput, DtlsServer

ADDRESS = ("127.0.0.1", 5000)
SOURCE = (b"\x7f\x00\x00\x01", 5000)
PEER = pack_address("127.0.0.1", 4000)


class Reflector:
    """Sans-I/O.

    Attributes:
        rtp: decrypted RTP that came.
        rtcp: decrypted RTCP that came.
        reflects: whether RTP goes back as it came.
    """

    def __init__(self, fingerprint: str, now: float = 0.0, reflects: bool = True) -> None:
        rng = random.Random(3)
        self.ice = IceLite(IceCredentials.generate(rng), Seconds(now))
        certificate = DtlsCertificate.generate()
        self._dtls = DtlsServer(certificate)
        self._dtls.expect([DtlsFingerprint("sha-256", fingerprint)])
        self.fingerprints = tuple((one.algorithm, one.value) for one in certificate.fingerprints)
        self.inbound: SrtpSession | None = None
        self.outbound: SrtpSession | None = None
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.reflects = reflects
        self.ended: str | None = None
        self._desk = Desk()

    def remote(self, address: tuple[str, int] = ADDRESS) -> RemoteTransport:
        """What a peer is told of us."""
        credentials = self.ice.credentials
        return RemoteTransport(
            Credentials(credentials.username_fragment, credentials.password),
            *address,
            self.fingerprints,
        )

    def receive(self, datagram: bytes, now: float, source: bytes = PEER) -> list[bytes]:
        """Take a datagram; what goes back."""
        match protocol_of(datagram):
            case Protocol.STUN:
                answer = self.ice.receive(parse_stun(datagram), source, Seconds(now)).response
                return [] if answer is None else [answer]
            case Protocol.DTLS:
                return self._take(self._dtls.receive(datagram, Seconds(now)))
            case Protocol.RTP if self.inbound is not None:
                packet = self._desk.unprotect_rtp(datagram, self.inbound)
                assert packet is not None
                self.rtp.append(packet)
                return self.rtp_datagrams([packet]) if self.reflects else []
            case Protocol.RTCP if self.inbound is not None:
                compound = self._desk.unprotect_rtcp(datagram, self.inbound)
                assert compound is not None
                self.rtcp.append(compound)
        return []

    def rtp_datagrams(self, packets: list[bytes]) -> list[bytes]:
        """SRTP of these packets."""
        assert self.outbound is not None
        sent = (self._desk.protect_rtp(packet, self.outbound) for packet in packets)
        return [one for one in sent if one is not None]

    def rtcp_datagram(self, compound: bytes) -> bytes:
        """SRTCP of this compound."""
        assert self.outbound is not None
        datagram = self._desk.protect_rtcp(compound, self.outbound)
        assert datagram is not None
        return datagram

    def _take(self, output: DtlsOutput) -> list[bytes]:
        if output.keys is not None:
            self.inbound = SrtpSession.inbound(output.keys.profile, output.keys.remote)
            self.outbound = SrtpSession.outbound(output.keys.profile, output.keys.local)
        self.ended = output.ended or self.ended
        return output.datagrams


def exchange(
    reflector: Reflector,
    out: list[bytes],
    give: Callable[[bytes], object],
    now: float,
) -> None:
    """Carry datagrams to and fro until nobody has any."""
    while out:
        sent = list(out)
        out.clear()
        for datagram in sent:
            for back in reflector.receive(datagram, now):
                give(back)


class _Port(asyncio.DatagramProtocol):
    """A reflector's UDP port."""

    def __init__(self, reflector: Reflector) -> None:
        self._reflector = reflector
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        for back in self._reflector.receive(data, time.monotonic(), pack_address(*addr)):
            self._transport.sendto(back, addr)


@contextlib.asynccontextmanager
async def reflecting(identity: Identity) -> AsyncIterator[RemoteTransport]:
    """A reflector on 127.0.0.1."""
    reflector = Reflector(identity.fingerprint, time.monotonic())
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Port(reflector), local_addr=("127.0.0.1", 0)
    )
    try:
        yield reflector.remote(transport.get_extra_info("sockname"))
    finally:
        transport.close()
