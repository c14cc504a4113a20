"""One peer's WebRTC transport: ICE finds it, DTLS proves it, SRTP and SCTP speak with it.

::

      new ──valid check──► checked ──DTLS done, fingerprint right──► connected ──► closed
       └──────────────────────┴── no consent, DTLS failed or ended, closed by command ──┘

Sans-I/O but for the port, which never waits, and SCTP, whose tasks its adapter owns.
"""

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from sfu.control.messages import TransportClosed
from sfu.ortc.transport_parameters import DtlsParameters
from sfu.routing.inbound import Inbound
from sfu.routing.outbound import Outbound
from sfu.routing.router import Leg
from sfu.transport.destinations import Destinations
from sfu.transport.ice_lite import IceAnswer, IceCredentials, IceLite, IceState
from sfu.transport.srtp import SrtpSession
from sfu.units import Seconds
from sfu.wire.rtcp import RtcpPacket, encode_rtcp
from sfu.wire.stun import StunMessage
from sfu.worker.data_association import DataAssociation
from sfu.worker.dtls import DtlsOutput, DtlsServer, SrtpKeys
from sfu.worker.dtls_certificate import DtlsCertificate, DtlsFingerprint
from sfu.worker.peer_port import PeerPort
from sfu.worker.rtcp_sealer import RtcpSealer
from sfu.worker.sctp_aiortc import SctpAssociation

SCTP_PORT: Final = 5000

UNUSED_PATIENCE: Final = Seconds(3600.0)
"""How long a transport may wait for its peer: clients open one before there is media for it."""

MOST_MESSAGE_BYTES: Final = 262_144

Ending: TypeAlias = Literal["peer-closed", "consent-expired", "dtls-failed"]

OnMessage: TypeAlias = Callable[["WebRtcTransport", int, int, bytes], None]
"""(transport, SCTP stream, payload protocol, message)."""


class WebRtcTransport:
    """A peer, from its first connectivity check to its farewell.

    Args:
        leg: its media, in its room.
        router_id: of the room's router.
        credentials: ICE credentials of this end.
        certificate: this worker's.
        port: the worker's port.
        destinations: gives it a slot once it is found.
        sealer: protects its RTCP.
        on_message: told of data channel messages; None for a transport without data.
        now: monotonic.

    Attributes:
        connected: whether media may flow.
        ended: why it is over, or None while it is not.
        slot: in ``destinations``; None until a peer was found.
    """

    def __init__(  # noqa: PLR0913 - it is where the parts meet
        self,
        leg: Leg,
        router_id: str,
        credentials: IceCredentials,
        certificate: DtlsCertificate,
        *,
        port: PeerPort,
        destinations: Destinations,
        sealer: RtcpSealer,
        on_message: OnMessage | None,
        on_stream_closed: Callable[["WebRtcTransport", int], None],
        now: Seconds,
    ) -> None:
        self.leg = leg
        self.id = leg.id
        self.router_id = router_id
        self.ice = IceLite(credentials, now, patience=UNUSED_PATIENCE)
        self.connected = False
        self.ended: Ending | Literal["closed"] | None = None
        self.slot: int | None = None
        self.sctp: DataAssociation | None = None
        self._dtls = DtlsServer(certificate)
        self._port = port
        self._destinations = destinations
        self._sealer = sealer
        self._session: SrtpSession | None = None
        self._data_waiting: list[bytes] = []
        if on_message is not None:
            self.sctp = SctpAssociation(
                send=self._send_data,
                on_message=lambda stream, kind, data: on_message(self, stream, kind, data),
                on_closed=lambda stream: on_stream_closed(self, stream),
                local_port=SCTP_PORT,
                max_message_size=MOST_MESSAGE_BYTES,
            )

    @property
    def inbound(self) -> Inbound:
        """What takes its media."""
        return self.leg.inbound

    @property
    def outbound(self) -> Outbound:
        """What sends it media."""
        return self.leg.outbound

    # ---- ICE -------------------------------------------------------------------------------

    def receive_check(self, request: StunMessage, source: bytes, now: Seconds) -> IceAnswer:
        """A connectivity check that names this transport; answered at once."""
        answer = self.ice.receive(request, source, now)
        if answer.response is not None:
            self._port.send_datagram(answer.response, source)
        selected = self.ice.selected
        if selected is not None:
            if self.slot is None:
                self.slot = self._destinations.allocate(selected)
            elif answer.selected_changed:
                self._destinations.move(self.slot, selected)
        return answer

    def lose(self, address: bytes, now: Seconds) -> None:
        """Nothing sent to an address arrives any more; media goes to another one if there is."""
        selected = self.ice.lose(address, now)
        if selected is not None and self.slot is not None:
            self._destinations.move(self.slot, selected)

    # ---- DTLS ------------------------------------------------------------------------------

    def expect(self, parameters: DtlsParameters, now: Seconds) -> None:
        """The peer's fingerprints, by which its certificate is known."""
        fingerprints = [DtlsFingerprint(f.algorithm, f.value) for f in parameters.fingerprints]
        self._carry_out(self._dtls.expect(fingerprints), now)

    def receive_dtls(self, datagram: bytes, now: Seconds) -> None:
        """A DTLS datagram from one of the peer's addresses."""
        self._carry_out(self._dtls.receive(datagram, now), now)

    def _carry_out(self, output: DtlsOutput, now: Seconds) -> None:
        address = self.ice.selected
        if address is not None:
            for datagram in output.datagrams:
                self._port.send_datagram(datagram, address)
        if output.keys is not None and self.ended is None:
            self._connect(output.keys, now)
        if self.sctp is not None:
            for data in output.received:
                self.sctp.receive(data)
        if output.ended is not None and self.ended is None:
            self.ended = output.ended

    def _connect(self, keys: SrtpKeys, now: Seconds) -> None:
        assert self.slot is not None, "DTLS is spoken with addresses that ICE has found"
        self.connected = True
        self.inbound.session = SrtpSession.inbound(keys.profile, keys.remote)
        self._session = SrtpSession.outbound(keys.profile, keys.local)
        if self.sctp is not None:
            self.sctp.start(SCTP_PORT)
        self.outbound.connected(self.slot, self._session, now)

    def _send_data(self, data: bytes) -> None:
        address = self.ice.selected
        if address is not None and self.ended is None:
            for datagram in self._dtls.send(data).datagrams:
                self._port.send_datagram(datagram, address)

    # ---- RTCP ------------------------------------------------------------------------------

    def receive_rtcp(self, packets: list[RtcpPacket], now: Seconds) -> None:
        """RTCP from the peer: about what it sends, and about what it receives."""
        self.inbound.receive_rtcp(packets, now)
        self.outbound.receive_rtcp(packets, now)

    def send_rtcp(self, packets: list[RtcpPacket]) -> None:
        """Send one compound."""
        address = self.ice.selected
        if not packets or self._session is None or address is None:
            return
        datagram = self._sealer.seal(encode_rtcp(packets), self._session)
        if datagram is not None:
            self._port.send_datagram(datagram, address)

    # ---- time ------------------------------------------------------------------------------

    def tick(self, now: Seconds) -> None:
        """Do what is due."""
        self.ice.tick(now)
        if self.ice.state is IceState.EXPIRED and self.ended is None:
            self.ended = "consent-expired"
        shaking = self._dtls.next_deadline()
        if shaking is not None and now >= shaking and self.ended is None:
            self._carry_out(self._dtls.tick(now), now)
        if self.connected and self.ended is None:
            self.send_reports(now)

    def send_reports(self, now: Seconds) -> None:
        """Send the RTCP that is due."""
        self.send_rtcp(self.inbound.take_rtcp(now))
        for compound in self.outbound.take_rtcp(now):
            self.send_rtcp(compound)

    def next_deadline(self) -> Seconds | None:
        """When ``tick`` has something to do; None when it is over."""
        if self.ended is not None:
            return None
        due = [self.ice.next_deadline(), self._dtls.next_deadline()]
        if self.connected:
            due += [self.inbound.next_deadline(), self.outbound.next_deadline()]
        known = [one for one in due if one is not None]
        return min(known) if known else None

    # ---- the end ---------------------------------------------------------------------------

    def say_goodbye(self) -> None:
        """Tell the peer that this is the end (DTLS close_notify)."""
        address = self.ice.selected
        if address is not None:
            for datagram in self._dtls.close().datagrams:
                self._port.send_datagram(datagram, address)

    def report_of_end(self) -> TransportClosed | None:
        """What signaling is told; None when it ended on command."""
        if self.ended is None or self.ended == "closed":
            return None
        return TransportClosed(transport_id=self.id, reason=self.ended)
