"""A synthetic transport in a crowd: like ``PeerTransport``, but somebody else gives it time."""

import asyncio
import random
import socket
import time
from collections.abc import Callable
from typing import Final, Protocol

from benchmarks.peers.synthetic.connection import Connection, Desk, RemoteTransport
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.ice_agent import Credentials
from benchmarks.peers.synthetic.media import Media
from benchmarks.peers.synthetic.received import Missing
from benchmarks.peers.synthetic.sequence_table import SequenceTable
from benchmarks.peers.synthetic.signaling import Consumption
from benchmarks.peers.synthetic.transports import ConnectFailed
from sfu.transport.srtp import SrtpSession
from sfu.wire.demux import Protocol as Kind
from sfu.wire.rtcp_reports import ReportBlock
from sfu.wire.rtp import RtpPacket
from sfu.worker.kernel import SO_RCVBUFFORCE

_BUFFER: Final = 1 << 20


class CrowdStream:
    """One stream of a consumer, counted in the crowd's table at ``place``."""

    def __init__(self, ssrc: int, place: int, table: SequenceTable) -> None:
        self.ssrc = ssrc
        self.rtx_ssrc: int | None = None
        self.missing: Missing | None = None
        self.place = place
        self._table = table
        self._sender_report = (0, 0.0)

    @property
    def received(self) -> int:
        """Different packets that came."""
        return int(self._table.received[self.place])

    def receive(self, _data: bytes, _now: float) -> RtpPacket | None:
        """Nothing: the crowd counts by columns."""
        return None

    def note_sender_report(self, ntp_time: int, now: float) -> None:
        """Remember a sender report, to be named in our reports."""
        self._sender_report = (ntp_time >> 16 & 0xFFFFFFFF, now)

    def report(self, now: float) -> ReportBlock | None:
        """How the stream is received; None before its first packet."""
        table, place = self._table, self.place
        highest = int(table.highest[place])
        if highest < 0:
            return None
        lost = highest - int(table.first[place]) + 1 - int(table.received[place])
        last, at = self._sender_report
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=0,
            packets_lost=max(0, min(lost, 0x7FFFFF)),
            highest_sequence=highest & 0xFFFFFFFF,
            jitter=0,
            last_report=last,
            delay=int((now - at) * 65536) & 0xFFFFFFFF if last else 0,
        )


class Home(Protocol):
    """What a transport needs of its crowd."""

    table: SequenceTable
    desk: Desk
    wiretap: Callable[[bytes], None] | None

    def expect(self, transport: "CrowdTransport", ssrc: int) -> CrowdStream:
        """Count a stream from now on."""

    def schedule(self, transport: "CrowdTransport") -> None:
        """Give it time when it is due."""

    def send_frames_of(self, transport: "CrowdTransport") -> None:
        """Send the tracks that it publishes."""

    def watch(self, transport: "CrowdTransport") -> None:
        """Receive from its socket."""

    def unwatch(self, transport: "CrowdTransport") -> None:
        """Receive from it no longer."""


class CrowdTransport:
    """See ``MediaTransport``.

    Attributes:
        index: among the crowd's transports.
        checked: whether all that it receives is decrypted, checked and timed.
        outbound: what its media is protected with; None until connected.
        inbound: what the server's media is unprotected with; None until connected.
        address: of the server.
    """

    def __init__(  # noqa: PLR0913 - the crowd makes it
        self,
        home: Home,
        index: int,
        identity: Identity,
        cname: str,
        host: str,
        checked: bool,
        rng: random.Random,
    ) -> None:
        self._home = home
        self._identity = identity
        self._host = host
        self._rng = rng
        self._connected: asyncio.Future[None] | None = None
        self.index = index
        self.checked = checked
        self.media = Media(cname, time.monotonic() + rng.random())
        self.connection: Connection | None = None
        self.outbound: SrtpSession | None = None
        self.inbound: SrtpSession | None = None
        self.address: tuple[str, int] = ("", 0)
        self.scheduled = 0.0
        self.socket: socket.socket | None = None
        self._open()

    def _open(self) -> None:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setblocking(False)
        try:
            opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        opened.bind((self._host, 0))
        self.socket = opened
        self._home.watch(self)

    @property
    def port(self) -> int:
        """Of our socket."""
        assert self.socket is not None
        number: int = self.socket.getsockname()[1]
        return number

    # ---- MediaTransport ----------------------------------------------------------------------

    def begin(self, remote: RemoteTransport, local: Credentials | None = None) -> None:
        """Start the checks; ``local``: our credentials, where the server knows them."""
        self.address = (remote.host, remote.port)
        now = time.monotonic()
        self.connection = Connection(remote, self._identity, self._rng, now, local)
        self._connected = asyncio.get_running_loop().create_future()
        self._flush()
        self._home.schedule(self)

    def begin_plain(
        self, host: str, port: int, outbound: SrtpSession, inbound: SrtpSession
    ) -> None:
        """Speak SRTP with keys that both ends know already: no ICE, no DTLS, no RTCP."""
        self.address = (host, port)
        self.outbound, self.inbound = outbound, inbound

    async def until_connected(self, timeout: float = 20.0) -> None:  # noqa: ASYNC109
        """Wait until media may flow.

        Raises:
            ConnectFailed: it will not.
        """
        assert self._connected is not None, "begin comes first"
        try:
            async with asyncio.timeout(timeout):
                await self._connected
        except TimeoutError:
            raise ConnectFailed(f"no connection within {timeout:g} s") from None

    def expect(self, consumption: Consumption) -> CrowdStream:
        """Count the packets of a consumer from now on."""
        ssrc: int = consumption.rtp_parameters["encodings"][0]["ssrc"]
        return self._home.expect(self, ssrc)

    def wake(self) -> None:
        """Look at what is due: a track was added."""
        self._home.send_frames_of(self)

    def move(self, host: str | None = None) -> None:
        """Go on from another address."""
        self._host = host or self._host
        self._drop_socket()
        self._open()
        if self.connection is not None:
            self.connection.ice.check_now(time.monotonic())
            self._home.schedule(self)

    def restart_ice(self, remote: RemoteTransport) -> None:
        """Check again with new credentials; DTLS and media go on."""
        if self.connection is not None:
            self.connection.ice.restart(remote.credentials, time.monotonic())
            self._home.schedule(self)

    def close(self) -> None:
        """Say goodbye and be gone."""
        if self.connection is not None and self.socket is not None:
            self.connection.close()
            self._flush()
        self.vanish()

    def vanish(self) -> None:
        """Be gone without a word."""
        self._drop_socket()

    def _drop_socket(self) -> None:
        if self.socket is not None:
            self._home.unwatch(self)
            self.socket.close()
            self.socket = None

    # ---- what the crowd calls ----------------------------------------------------------------

    @property
    def due(self) -> float:
        """When ``tick`` has something to do; infinity for never."""
        if self.connection is None or self.socket is None:
            return float("inf")
        if not self.connection.connected:
            return self.connection.due
        return min(self.connection.due, self.media.due)

    def tick(self, now: float) -> list[bytes]:
        """Checks, flights; the RTCP that is due, unprotected."""
        connection = self.connection
        if connection is None:
            return []
        connection.tick(now)
        self._flush()
        self._note_progress(connection)
        return self.media.reports(now) if connection.connected else []

    def receive_other(self, datagram: bytes, now: float) -> bool:
        """Take what is not RTP; whether it is RTCP and left to the crowd."""
        connection = self.connection
        if connection is None:
            return False
        source = (socket.inet_aton(self.address[0]), self.address[1])
        kind = connection.receive(datagram, source, now)
        self._flush()
        self._note_progress(connection)
        return kind is Kind.RTCP

    def _note_progress(self, connection: Connection) -> None:
        future = self._connected
        if future is None or future.done():
            return
        if connection.connected:
            self.outbound, self.inbound = connection.outbound, connection.inbound
            future.set_result(None)
        elif connection.failure is not None:
            future.set_exception(ConnectFailed(connection.failure))

    def _flush(self) -> None:
        if self.connection is not None:
            for datagram in self.connection.out:
                self.send(datagram)
            self.connection.out.clear()

    def send_rtp(self, packet: bytes) -> bool:
        """Protect a packet and send it; whether the kernel took it."""
        if self.outbound is None:
            return False
        datagram = self._home.desk.protect_rtp(packet, self.outbound)
        return datagram is not None and self.send(datagram)

    def send_rtcp(self, compound: bytes) -> None:
        """Protect a compound and send it."""
        if self.outbound is not None:
            datagram = self._home.desk.protect_rtcp(compound, self.outbound)
            if datagram is not None:
                self.send(datagram)

    def send(self, datagram: bytes) -> bool:
        """Give a datagram to the kernel; whether it took it."""
        if self.socket is None:
            return False
        if self._home.wiretap is not None:
            self._home.wiretap(datagram)
        try:
            self.socket.sendto(datagram, self.address)
        except (BlockingIOError, ConnectionRefusedError):
            return False
        return True
