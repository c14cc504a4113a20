"""A publisher and a worker's receiving side, for tests: no socket, no clock."""

import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from sfu.control.messages import Kind
from sfu.media.packet_store import PacketMemory
from sfu.ortc.codecs import Codec
from sfu.ortc.encodings import Encoding
from sfu.ortc.normalise import ProducerParameters
from sfu.ortc.parameters import RtpParameters
from sfu.routing.inbound import Inbound
from sfu.routing.producer import Producer
from sfu.routing.received_stream import ReceivedStream
from sfu.routing.reception import Reception
from sfu.routing.shared import Shared
from sfu.transport.destinations import Destinations
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession, protect_rtp
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I32, U8, U32, Seconds
from sfu.wire.extensions import Extension, encode_elements
from sfu.wire.header_rewriter import HEADROOM
from sfu.wire.rtp import RtpPacket, encode_rtp, parse_rtp

ROWS = 64
MEDIA, RTX = 96, 97
CANONICAL = 101
IDS = {
    1: Extension.AUDIO_LEVEL,
    2: Extension.ABS_SEND_TIME,
    3: Extension.TRANSPORT_SEQUENCE,
    4: Extension.MID,
    10: Extension.RID,
    11: Extension.REPAIRED_RID,
    12: Extension.DEPENDENCY_DESCRIPTOR,
}
ID_OF = {extension: number for number, extension in IDS.items()}
CLOCK_RATES = {"video": 90_000, "audio": 48_000}


def parameters(
    *encodings: Encoding,
    kind: Kind = "video",
    codec: str = "vp8",
    mid: str | None = "0",
    payload_types: dict[int, int] | None = None,
    rtx: bool = True,
    nack: bool = True,
    pli: bool = True,
    fir: bool = False,
    transport_cc: bool = True,
    ids: dict[int, Extension] | None = None,
) -> ProducerParameters:
    """What a publisher says, with the least effort."""
    return ProducerParameters(
        kind=kind,
        mid=mid,
        codec=Codec(
            kind=kind,
            name=codec,
            mime_type=f"{kind}/{codec}",
            clock_rate=CLOCK_RATES[kind],
            payload_type=CANONICAL,
        ),
        producer_type="simple" if len(encodings) < 2 else "simulcast",
        payload_types=payload_types or {MEDIA: CANONICAL},
        rtx_payload_types={RTX: CANONICAL} if rtx else {},
        extension_ids=IDS if ids is None else ids,
        encodings=encodings or (Encoding(),),
        nack=nack,
        pli=pli,
        fir=fir,
        transport_cc=transport_cc,
        cname="somebody",
        msid=None,
        consumable=RtpParameters(codecs=()),
    )


@dataclass
class Recorder:
    """In place of a fan-out: keeps what is forwarded, and holds it to the fan-out's contract."""

    source: int = 7
    packets: dict[int, bytes] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    bursts: list[int] = field(default_factory=list)
    subscribers: int = 1

    def __len__(self) -> int:
        return self.subscribers

    def forward(self, packets: U8, heads: U32, lengths: I32, number: int) -> None:
        count = len(heads)
        assert packets.shape[0] == count == len(lengths) <= 16
        assert all(length == packets.shape[1] for length in lengths[:-1])
        assert 0 < lengths[-1] <= packets.shape[1]
        newest = max(self.packets, default=-1)
        assert number > newest or number + count - 1 <= newest
        self.bursts.append(count)
        for index, (packet, head, length) in enumerate(zip(packets, heads, lengths, strict=True)):
            data = packet[:length].tobytes()
            flags, wire_number, timestamp = struct.unpack("=HHI", head.tobytes())
            assert struct.unpack_from("!HHI", data) == (flags, wire_number, timestamp)
            assert wire_number == number + index & 0xFFFF
            assert number + index not in self.packets, "forwarded twice"
            self.packets[number + index] = data
            self.order.append(number + index)

    def parsed(self) -> list[RtpPacket]:
        """What was forwarded, in the order of the numbers."""
        return [parse_rtp(self.packets[number]) for number in sorted(self.packets)]


def record(stream: ReceivedStream) -> Recorder:
    """Take the place of a stream's subscribers."""
    recorder = Recorder()
    stream.fan_out = recorder  # type: ignore[assignment]
    return recorder


class World:
    """A worker's receiving side."""

    def __init__(self) -> None:
        self.shared = Shared(TransmitRing(), Destinations(4), PacketMemory(4096))
        self.ring = PacketRing(ROWS, HEADROOM)
        self.reception = Reception(self.ring, self.shared)
        self.now = Seconds(1000.0)

    def peer(self, profile: SrtpProfile = SrtpProfile.AES_128_GCM) -> "Peer":
        return Peer(self, profile)

    def receive(
        self,
        packets: Iterable[tuple["Peer", bytes]],
        arrivals_us: list[int] | None = None,
        rows: list[int] | None = None,
    ) -> None:
        """One batch of protected packets."""
        batch = list(packets)
        places = list(range(len(batch))) if rows is None else rows
        for row, (_, data) in zip(places, batch, strict=True):
            self.ring.rows[row, : len(data)] = np.frombuffer(data, np.uint8)
            self.ring.lengths[row] = len(data)
        inbounds = [peer.inbound for peer, _ in batch]
        self.reception.receive(places, inbounds, self.now, arrivals_us)


class Peer:
    """Somebody who publishes over one transport."""

    def __init__(self, world: World, profile: SrtpProfile) -> None:
        key = os.urandom(profile.key_length + profile.salt_length)
        self.world = world
        self.inbound = Inbound(world.shared)
        self.inbound.session = SrtpSession.inbound(profile, key)
        self._session = SrtpSession.outbound(profile, key)
        self._scratch = PacketRing(1)
        self.transport_number = 65_530

    def produce(self, given: ProducerParameters, *, paused: bool = False) -> Producer:
        producer = Producer(
            id="p",
            transport_id="t",
            member_id="m",
            kind=given.kind,
            source="camera",
            parameters=given,
            group=1,
            shared=self.world.shared,
            paused=paused,
            now=self.world.now,
        )
        self.inbound.add(producer)
        return producer

    def protect(self, packet: bytes) -> bytes:
        """As it is on the wire; a number must not be protected twice."""
        scratch = self._scratch
        scratch.rows[0, : len(packet)] = np.frombuffer(packet, np.uint8)
        scratch.lengths[0] = len(packet)
        status = protect_rtp(self._session.context, scratch.packets[0], scratch.packet_lengths[0])
        assert status == 0
        return scratch.rows[0, : scratch.lengths[0]].tobytes()

    def send(self, *packets: bytes, arrivals_us: list[int] | None = None) -> None:
        """Protect packets and have them received as one batch."""
        self.world.receive([(self, self.protect(one)) for one in packets], arrivals_us)

    def block(self, **named: bytes) -> tuple[int, bytes]:
        """Profile and block with the next transport-wide number and extensions by their names."""
        number = self.transport_number & 0xFFFF
        self.transport_number += 1
        elements = [(ID_OF[Extension.TRANSPORT_SEQUENCE], number.to_bytes(2, "big"))]
        elements += [(ID_OF[Extension[name.upper()]], data) for name, data in named.items()]
        return encode_elements(elements)

    def rtp(
        self,
        number: int,
        timestamp: int,
        ssrc: int,
        payload: bytes = b"\x10\x01some payload",
        *,
        payload_type: int = MEDIA,
        marker: bool = False,
        padding: int = 0,
        csrcs: tuple[int, ...] = (),
        said: Mapping[str, bytes] | None = None,
        **named: bytes,
    ) -> bytes:
        """An RTP packet with header extensions by their names."""
        profile, block = self.block(**(said or {}), **named)
        return encode_rtp(
            RtpPacket(
                payload_type=payload_type,
                sequence_number=number & 0xFFFF,
                timestamp=timestamp & 0xFFFFFFFF,
                ssrc=ssrc,
                marker=marker,
                csrcs=csrcs,
                extension_profile=profile,
                extension=block,
                payload=payload,
                padding=padding,
            )
        )

    def repair(
        self,
        ssrc: int,
        number: int,
        original: RtpPacket,
        said: Mapping[str, bytes] | None = None,
    ) -> bytes:
        """A retransmission of a packet, under an RTX stream's SSRC and number."""
        payload = original.sequence_number.to_bytes(2, "big") + original.payload
        return self.rtp(
            number,
            original.timestamp,
            ssrc,
            payload,
            payload_type=RTX,
            marker=original.marker,
            said=said,
        )
