"""ICE, DTLS and SRTP of one synthetic transport, sans-I/O: datagrams in, datagrams out."""

import random
from collections.abc import Sequence
from typing import Final

import msgspec

from benchmarks.peers.synthetic.dtls_association import DtlsAssociation, Identity
from benchmarks.peers.synthetic.ice_agent import Credentials, IceAgent, IceState
from benchmarks.peers.synthetic.signaling import Json
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import (
    OK,
    InPlace,
    SrtpSession,
    protect_rtcp,
    protect_rtp,
    unprotect_rtcp,
    unprotect_rtp,
)
from sfu.wire.demux import Protocol, protocol_of


class RemoteTransport(msgspec.Struct, frozen=True):
    """The other end: a server's transport, made of its ICE and DTLS parameters, or a member's.

    Attributes:
        credentials: ICE.
        host: of the candidate that is used.
        port: the same.
        fingerprints: (algorithm, value) of the certificates it may show.
        protocol: of the candidate, ``udp`` or ``tcp``.
    """

    credentials: Credentials
    host: str
    port: int
    fingerprints: tuple[tuple[str, str], ...]
    protocol: str = "udp"

    @classmethod
    def parse(
        cls,
        ice_parameters: Json,
        ice_candidates: list[Json],
        dtls_parameters: Json,
        protocol: str = "udp",
    ) -> "RemoteTransport":
        """From ORTC, as decoded JSON.

        The first candidate of the protocol that IPv4 reaches is used, or else the first.

        Raises:
            ValueError: there is no such candidate, or something is missing.
        """
        try:
            usable = [one for one in ice_candidates if one["protocol"].lower() == protocol]
            addresses = [(one.get("address") or one["ip"], one["port"]) for one in usable]
            host, port = next((one for one in addresses if ":" not in one[0]), addresses[0])
            return cls(
                Credentials(ice_parameters["usernameFragment"], ice_parameters["password"]),
                host,
                port,
                tuple((one["algorithm"], one["value"]) for one in dtls_parameters["fingerprints"]),
                protocol,
            )
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"no WebRTC transport: {error!r}") from error


class Desk:
    """A row of memory on which single packets are protected and unprotected."""

    _MOST: Final = 1500

    def __init__(self) -> None:
        self._ring = PacketRing(1)
        self._row = self._ring.rows[0].data

    def protect_rtp(self, packet: bytes | bytearray, session: SrtpSession) -> bytes | None:
        """SRTP; None when libsrtp refuses."""
        return self._pass(protect_rtp, packet, session)

    def unprotect_rtp(self, packet: bytes, session: SrtpSession) -> bytes | None:
        """RTP; None when it is forged, repeated or broken."""
        return self._pass(unprotect_rtp, packet, session)

    def protect_rtcp(self, packet: bytes, session: SrtpSession) -> bytes | None:
        """SRTCP; None when libsrtp refuses."""
        return self._pass(protect_rtcp, packet, session)

    def unprotect_rtcp(self, packet: bytes, session: SrtpSession) -> bytes | None:
        """RTCP; None when it is forged, repeated or broken."""
        return self._pass(unprotect_rtcp, packet, session)

    def _pass(
        self, change: InPlace, packet: bytes | bytearray, session: SrtpSession
    ) -> bytes | None:
        length = len(packet)
        if length > self._MOST:
            return None
        ring = self._ring
        self._row[:length] = packet
        ring.lengths[0] = length
        if change(session.context, ring.packets[0], ring.packet_lengths[0]) != OK:
            return None
        return bytes(self._row[: int(ring.lengths[0])])


class Connection:
    """From the first check to SRTP keys and beyond.

    Args:
        remote: the other end.
        identity: our certificate.
        rng: draws what has to be unguessable; a test's may be seeded.
        now: monotonic seconds.
        local: our ICE credentials, where they have been told already.
        leads: whether we control ICE and begin DTLS, as everybody does who faces a server; of two
            members one does.

    Attributes:
        ice: the ICE agent.
        dtls: None until ICE has found the other end.
        outbound: what our media is protected with; None until connected.
        inbound: what comes is unprotected with; None until connected.
        out: datagrams to be sent; whoever sends them empties it.
    """

    def __init__(
        self,
        remote: RemoteTransport,
        identity: Identity,
        rng: random.Random,
        now: float,
        local: Credentials | None = None,
        leads: bool = True,
    ) -> None:
        self.remote = remote
        self.ice = IceAgent(remote.credentials, rng, now, local, leads)
        self.dtls: DtlsAssociation | None = None
        self.outbound: SrtpSession | None = None
        self.inbound: SrtpSession | None = None
        self.out: list[bytes] = []
        self._identity = identity
        self._leads = leads
        self.tick(now)

    @property
    def connected(self) -> bool:
        """Whether media may flow."""
        return self.inbound is not None

    @property
    def failure(self) -> str | None:
        """Why the connection will never be, or is no more; None while all is well."""
        if self.ice.state is IceState.EXPIRED:
            codes = self.ice.refusals[-1:]
            return f"ICE: no answer{f' but error {codes[0]}' if codes else ''}"
        if self.dtls is not None:
            if self.dtls.failure is not None:
                return self.dtls.failure
            if self.dtls.closed:
                return "closed by DTLS"
        return None

    @property
    def due(self) -> float:
        """When ``tick`` has something to do."""
        return min(self.ice.due, self.dtls.due if self.dtls is not None else float("inf"))

    def tick(self, now: float) -> None:
        """Checks and flights that are due."""
        self.out.extend(self.ice.tick(now))
        if self.dtls is not None:
            self.dtls.tick(now)
            self._drain(self.dtls)

    def receive(self, datagram: bytes, source: tuple[bytes, int], now: float) -> Protocol:
        """Take a datagram if it is STUN or DTLS.

        Args:
            datagram: any.
            source: packed address and port that it came from.
            now: monotonic seconds.

        Returns:
            What it is: RTP and RTCP are left to the caller.
        """
        protocol = protocol_of(datagram)
        if protocol is Protocol.STUN:
            answer = self.ice.receive(datagram, source, now)
            if answer is not None:
                self.out.append(answer)
            if self.ice.state is IceState.CONNECTED:
                self._begin_dtls(now)
        elif protocol is Protocol.DTLS:
            # Whoever says hello has seen its own check answered, which ours may not be yet.
            dtls = self.dtls if self._leads else self._begin_dtls(now)
            if dtls is not None:
                dtls.receive(datagram, now)
                self._drain(dtls)
        return protocol

    def _begin_dtls(self, now: float) -> DtlsAssociation:
        if self.dtls is None:
            fingerprints = list(self.remote.fingerprints)
            self.dtls = DtlsAssociation(self._identity, fingerprints, now, self._leads)
            self._drain(self.dtls)
        return self.dtls

    def send_data(self, data: bytes) -> None:
        """An SCTP packet."""
        if self.dtls is not None:
            self.dtls.send(data)
            self._drain(self.dtls)

    def take_data(self) -> Sequence[bytes]:
        """SCTP packets that came."""
        if self.dtls is None or not self.dtls.received:
            return ()
        taken, self.dtls.received = self.dtls.received, []
        return taken

    def close(self) -> None:
        """Say goodbye."""
        if self.dtls is not None:
            self.dtls.close()
            self._drain(self.dtls)

    def _drain(self, dtls: DtlsAssociation) -> None:
        self.out.extend(dtls.out)
        dtls.out.clear()
        keys = dtls.keys
        if keys is not None and self.inbound is None:
            self.outbound = SrtpSession.outbound(keys.profile, keys.outbound)
            self.inbound = SrtpSession.inbound(keys.profile, keys.inbound)
