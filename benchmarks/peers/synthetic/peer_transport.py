"""A synthetic transport on a UDP socket of its own, in an asyncio loop."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.peers.synthetic.answering import Answers
from benchmarks.peers.synthetic.connection import Connection, Desk, RemoteTransport
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.ice_agent import Credentials
from benchmarks.peers.synthetic.media import Media
from benchmarks.peers.synthetic.peer_socket import PeerSocket
from benchmarks.peers.synthetic.published import OPUS
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.signaling import Consumption
from benchmarks.peers.synthetic.stream_socket import StreamSocket
from benchmarks.peers.synthetic.transports import ConnectFailed
from benchmarks.traffic import Carried, Traffic
from sfu.wire.demux import Protocol
from sfu.wire.header_rewriter import TRANSPORT_SEQUENCE_OFFSET

_SEALED: Final = 200
_ROUND: Final = 0.02
_NUMBER_AT: Final = TRANSPORT_SEQUENCE_OFFSET
"""Seconds between two looks for losses to ask for."""


@dataclass(frozen=True)
class OwnEnd:
    """Our end of a connection, where the other has to be told of it before it answers.

    Attributes:
        socket: where we are.
        credentials: for ICE.
        leads: whether we control ICE and begin DTLS.
    """

    socket: PeerSocket
    credentials: Credentials
    leads: bool


class PeerTransport:
    """One connection to a server or to another member, and the media on it.

    Args:
        identity: our certificate; many transports may share one.
        cname: of what is published.
        host: our own address; empty for whichever leads to the other end.
        rng: draws ids; seeded, a test repeats.
        end: ours, where it has been told already.

    Attributes:
        media: what is sent and received.
        traffic: what our sockets have carried, one after the other if we moved.
        on_data: called with every SCTP packet.
        drop_incoming: decides whether a datagram is lost before we see it.
        answers: its transport-wide feedback; None while it gives none.
        drop_outgoing: decides whether an RTP packet (not yet encrypted) is lost after we sent it.
        received_datagrams: datagrams that came.
        refused: SRTP or SRTCP that did not decrypt.
    """

    def __init__(
        self,
        identity: Identity,
        cname: str = "synthetic",
        host: str = "",
        rng: random.Random | None = None,
        end: OwnEnd | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._identity = identity
        self._end = end
        self._rng = rng or random.Random()
        self._host = host
        self._desk = Desk()
        self._connection: Connection | None = None
        self._socket: PeerSocket | None = None if end is None else end.socket
        self.traffic = Traffic(Carried(), Carried()) if end is None else end.socket.traffic
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._sealed: dict[bytes, bytes] = {}
        self.media = Media(cname, self._now())
        self.on_data: Callable[[bytes], None] | None = None
        self.drop_incoming: Callable[[bytes], bool] | None = None
        self.answers: Answers | None = None
        self.drop_outgoing: Callable[[bytes], bool] | None = None
        self.received_datagrams = 0
        self.refused = 0

    # ---- the connection ----------------------------------------------------------------------

    @property
    def connection(self) -> Connection:
        """ICE, DTLS and SRTP.

        Raises:
            RuntimeError: ``begin`` was not called.
        """
        if self._connection is None:
            raise RuntimeError("the transport has not begun")
        return self._connection

    @property
    def local_address(self) -> tuple[str, int]:
        """Host and port of our socket."""
        if self._socket is None:
            raise RuntimeError("the transport has not begun")
        return self._socket.address

    @property
    def failure(self) -> str | None:
        """Why there is no connection any more; None while there is, or may be."""
        return None if self._connection is None else self._connection.failure

    def begin(self, remote: RemoteTransport) -> None:
        """Start the checks; ``until_connected`` waits for the end of the handshake."""
        end, now = self._end, self._now()
        if end is None:
            self._socket = socket_class(remote).towards(remote.host, self._host)
            self._socket.traffic = self.traffic
            self._connection = Connection(remote, self._identity, self._rng, now)
        else:
            self._socket = end.socket
            self._connection = Connection(
                remote, self._identity, self._rng, now, end.credentials, end.leads
            )
        self._socket.connect(remote.host, remote.port, self._receive)
        self._timer = self._loop.call_later(0.0, self._tick)

    async def connect(self, remote: RemoteTransport, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """``begin`` and ``until_connected``.

        Raises:
            ConnectFailed: there is no connection.
        """
        self.begin(remote)
        await self.until_connected(timeout)

    async def until_connected(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait until media may flow.

        Raises:
            ConnectFailed: it will not.
        """
        await self.until(lambda: self.connection.connected or self.failure is not None, timeout)
        if self.failure is not None:
            raise ConnectFailed(self.failure)

    async def until(self, condition: Callable[[], bool], timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait until something holds; looked at whenever something has come or time has passed.

        Raises:
            ConnectFailed: it did not within ``timeout`` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            why = f" ({self.failure})" if self.failure else ""
            raise ConnectFailed(f"it did not happen within {timeout:g} s{why}") from None

    def move(self, host: str | None = None) -> None:
        """Go on from another address, as a phone that leaves the house: no restart, new port."""
        self._host = host or self._host
        remote = self.connection.remote
        if self._socket is not None:
            self._socket.close()
        self._socket = socket_class(remote).towards(remote.host, self._host)
        self._socket.traffic = self.traffic
        self._socket.connect(remote.host, remote.port, self._receive)
        self.connection.ice.check_now(self._now())
        self._tick()

    def expect(self, consumption: Consumption) -> ReceivedStream:
        """Count the packets of a consumer from now on."""
        stream = received_stream(consumption)
        self.media.receiving.add(stream)
        return stream

    def restart_ice(self, remote: RemoteTransport) -> None:
        """Check again with new credentials; DTLS and media go on."""
        self.connection.ice.restart(remote.credentials, self._now())
        self._tick()

    def send_data(self, data: bytes) -> None:
        """An SCTP packet."""
        self.connection.send_data(data)
        self._flush()

    def note_change(self) -> None:
        """Have ``until`` look again."""
        self._changed.set()

    def send_raw(self, datagram: bytes) -> None:
        """Any bytes, as they are."""
        if self._socket is not None:
            self._send(datagram)

    def close(self) -> None:
        """Say goodbye (DTLS close_notify) and be gone; harmless when done twice."""
        if self._connection is not None and self._socket is not None:
            self._connection.close()
            self._flush()
        self.vanish()

    def vanish(self) -> None:
        """Be gone without a word, as a tab that is killed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # ---- time --------------------------------------------------------------------------------

    @staticmethod
    def _now() -> float:
        return time.monotonic()

    def wake(self) -> None:
        """Look at what is due: call it after a track was added."""
        if self._socket is not None and self._connection is not None:
            self._tick()

    def _tick(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        now = self._now()
        connection = self.connection
        connection.tick(now)
        if connection.connected:
            for packet in self.media.publishing.frames(now):
                self._send_rtp(packet)
            for compound in self.media.reports(now) + self.media.asked_again(now):
                self.send_rtcp(compound)
            if self.answers is not None:
                self.answers.act(now)
        self._flush()
        self._changed.set()
        due = min(connection.due, self.media.publishing.due, self.media.due, now + _ROUND)
        self._timer = self._loop.call_later(max(0.0, due - now), self._tick)

    # ---- datagrams ---------------------------------------------------------------------------

    def _receive(self) -> None:
        if self._socket is not None:
            for datagram in self._socket.datagrams():
                self.received_datagrams += 1
                if self.drop_incoming is None or not self.drop_incoming(datagram):
                    self._take(datagram, self._socket.source)
        self._flush()
        self._changed.set()

    def _take(self, datagram: bytes, source: tuple[bytes, int]) -> None:
        now = self._now()
        connection = self.connection
        protocol = connection.receive(datagram, source, now)
        if protocol is Protocol.DTLS and self.on_data is not None:
            for data in connection.take_data():
                self.on_data(data)
        if connection.inbound is None:
            return
        if protocol is Protocol.RTP:
            packet = self._desk.unprotect_rtp(datagram, connection.inbound)
            if packet is None:
                self.refused += 1
            else:
                if self.answers is not None:
                    number = int.from_bytes(packet[_NUMBER_AT : _NUMBER_AT + 2], "big")
                    self.answers.note_one(self, number, now)
                self.media.receiving.receive(packet, now)
        elif protocol is Protocol.RTCP:
            compound = self._desk.unprotect_rtcp(datagram, connection.inbound)
            if compound is None:
                self.refused += 1
            else:
                for again in self.media.receive_rtcp(compound, now):
                    self._send_rtp(again)

    def _send_rtp(self, packet: bytes) -> None:
        outbound = self.connection.outbound
        if outbound is None or (self.drop_outgoing is not None and self.drop_outgoing(packet)):
            return
        datagram = self._sealed.get(packet) or self._desk.protect_rtp(packet, outbound)
        if datagram is None:
            return
        if packet[1] & 0x7F == OPUS:
            # Sent again as it is, for a number must not be protected twice.
            self._sealed[packet] = datagram
            if len(self._sealed) > _SEALED:
                del self._sealed[next(iter(self._sealed))]
        self._send(datagram)

    def send_rtcp(self, compound: bytes) -> None:
        """Protect a compound and send it."""
        outbound = self.connection.outbound
        datagram = None if outbound is None else self._desk.protect_rtcp(compound, outbound)
        if datagram is not None:
            self._send(datagram)

    def _flush(self) -> None:
        connection = self.connection
        for datagram in connection.out:
            self._send(datagram)
        connection.out.clear()

    def _send(self, datagram: bytes) -> None:
        if self._socket is not None:
            self._socket.send(datagram)


def socket_class(remote: RemoteTransport) -> type[PeerSocket]:
    """What reaches the other end."""
    return StreamSocket if remote.protocol == "tcp" else PeerSocket


def received_stream(consumption: Consumption) -> ReceivedStream:
    """What counts the packets of a consumer."""
    parameters = consumption.rtp_parameters
    codec = parameters["codecs"][0]
    encoding = parameters["encodings"][0]
    rtx = next(
        (one for one in parameters["codecs"] if one["mimeType"].lower() == "video/rtx"), None
    )
    return ReceivedStream(
        encoding["ssrc"],
        codec["payloadType"],
        codec["clockRate"],
        rtx_ssrc=encoding.get("rtx", {}).get("ssrc") if rtx else None,
        rtx_payload_type=rtx["payloadType"] if rtx else None,
        mime_type=codec["mimeType"],
    )
