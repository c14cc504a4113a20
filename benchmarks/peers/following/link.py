"""One synthetic member's connection to another: full ICE on both sides, DTLS, SRTP."""

import random
import secrets
from dataclasses import dataclass
from typing import Final

import msgspec

from benchmarks.peers.following.broadcast import Broadcast, Outlet
from benchmarks.peers.synthetic.connection import RemoteTransport
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.ice_agent import Credentials
from benchmarks.peers.synthetic.peer_socket import PeerSocket
from benchmarks.peers.synthetic.peer_transport import OwnEnd, PeerTransport
from benchmarks.peers.synthetic.published import OPUS, VP8, VP8_RTX
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.signaling import Json

_CLOCK_RATES: Final = {"audio": 48_000, "video": 90_000}


class StreamWord(msgspec.Struct, frozen=True, rename="camel"):
    """Something that a member sends on a link."""

    source: str
    kind: str
    ssrc: int
    rtx_ssrc: int


class Description(msgspec.Struct, frozen=True, rename="camel"):
    """The payload of an offer or an answer.

    Only synthetic members read it, so it is no SDP: ICE credentials, the certificate's SHA-256
    fingerprint, and what is sent.

    Attributes:
        link: drawn by who offers; an answer and candidates with another are out of date.
    """

    link: str
    credentials: Credentials
    fingerprint: str
    streams: list[StreamWord]


class Candidate(msgspec.Struct, frozen=True):
    """The payload of an ice-candidate: where a member's socket is (a host candidate)."""

    link: str
    address: str
    port: int


@dataclass(frozen=True)
class Person:
    """What all connections of a member share.

    Attributes:
        identity: its certificate.
        broadcast: what it sends.
        host: the address of its sockets.
        rng: draws ids.
    """

    identity: Identity
    broadcast: Broadcast
    host: str
    rng: random.Random

    @property
    def cname(self) -> str:
        """Of all its streams."""
        return f"peer-{self.identity.fingerprint[:11]}"


class Link:
    """From the moment it is wanted until it is closed.

    Args:
        person: us.
        leads: whether we offer, control ICE and begin DTLS.
        link_id: the offer's; drawn for who leads.

    Attributes:
        id: see ``Description``.
        transport: what media travels on.
        streams: what the other sends, by source, once it has said so.
    """

    def __init__(self, person: Person, leads: bool, link_id: str | None = None) -> None:
        self.id = link_id or secrets.token_hex(8)
        self.streams: dict[str, ReceivedStream] = {}
        self._person = person
        self._credentials = Credentials.draw(person.rng)
        self._socket = PeerSocket(person.host)
        end = OwnEnd(self._socket, self._credentials, leads)
        self.transport = PeerTransport(person.identity, person.cname, person.host, person.rng, end)
        self._description: Description | None = None
        self._candidate: Candidate | None = None
        self._outlets: dict[str, Outlet] = {}

    @property
    def connected(self) -> bool:
        """Whether media flows."""
        return bool(self._outlets)

    @property
    def failed(self) -> bool:
        """Whether it has ended without us."""
        return self.transport.failure is not None

    def description(self) -> Json:
        """What the other has to know of us."""
        streams = [
            StreamWord(source, track.kind, track.streams[0].ssrc, track.streams[0].rtx_ssrc)
            for source, track in self._person.broadcast.tracks.items()
        ]
        word = Description(self.id, self._credentials, self._person.identity.fingerprint, streams)
        return _payload(word)

    def candidate(self) -> Json:
        """Where we are."""
        return _payload(Candidate(self.id, *self._socket.address))

    def describe(self, description: Description) -> None:
        """The other's description."""
        if self._description is None:
            self._description = description
            self._begin()

    def locate(self, candidate: Candidate) -> None:
        """The other's address."""
        if self._candidate is None:
            self._candidate = candidate
            self._begin()

    def look(self) -> None:
        """Send media if it may flow now."""
        transport = self.transport
        if self.connected or self._description is None or self._candidate is None:
            return
        if transport.failure is None and transport.connection.connected:
            broadcast = self._person.broadcast
            for source in broadcast.tracks:
                outlet = self._outlets[source] = broadcast.outlet(source, transport.wake)
                transport.media.publishing.add(outlet)
                broadcast.add(source, outlet)

    def close(self) -> None:
        """End it, and tell the other if there is a connection."""
        for source, outlet in self._outlets.items():
            self._person.broadcast.remove(source, outlet)
        self.transport.close()

    def _begin(self) -> None:
        description, candidate = self._description, self._candidate
        if description is None or candidate is None:
            return
        for word in description.streams:
            stream = self.streams[word.source] = _received(word)
            self.transport.media.receiving.add(stream)
        self.transport.begin(
            RemoteTransport(
                description.credentials,
                candidate.address,
                candidate.port,
                (("sha-256", description.fingerprint),),
            )
        )


def _received(word: StreamWord) -> ReceivedStream:
    is_video = word.kind == "video"
    return ReceivedStream(
        word.ssrc,
        VP8 if is_video else OPUS,
        _CLOCK_RATES[word.kind],
        rtx_ssrc=word.rtx_ssrc if is_video else None,
        rtx_payload_type=VP8_RTX if is_video else None,
        mime_type="video/VP8" if is_video else "audio/opus",
    )


def _payload(word: Description | Candidate) -> Json:
    built: Json = msgspec.to_builtins(word)
    return built
