"""Subscribers of published streams, for tests: what is sent to them, decrypted and kept."""

import os
import random
import struct
from dataclasses import dataclass, field

import numpy as np

from sfu.routing.consumer import Consumer
from sfu.routing.outbound import Outbound
from sfu.routing.producer import Producer
from sfu.transport.destinations import pack_address
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession, unprotect_rtp
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds
from sfu.wire.picture_numbers import payload_of
from sfu.wire.rtp import RtpPacket, parse_rtp
from sfu.wire.rtx import decapsulate
from tests.sfu.routing.publishing import World

OUTGOING, OUTGOING_RTX = 111, 112


@dataclass
class Sent:
    """What came to one SSRC: packets as they were on the wire, in order, by extended number."""

    packets: dict[int, bytes] = field(default_factory=dict)
    newest: int | None = None

    def take(self, data: bytes) -> int:
        number = parse_rtp(data).sequence_number
        if self.newest is not None:
            number = self.newest + ((number - self.newest + 0x8000) & 0xFFFF) - 0x8000
        assert number not in self.packets, "a number is given once"
        self.packets[number] = data
        self.newest = number if self.newest is None else max(self.newest, number)
        return number

    def parsed(self) -> list[tuple[int, RtpPacket]]:
        """In the order of the numbers."""
        return [(number, parse_rtp(self.packets[number])) for number in sorted(self.packets)]


class Audience:
    """All who subscribe in a world: takes what the transmit ring sends."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = random.Random(7)
        self.subscribers: dict[int, Subscriber] = {}
        world.shared.ring.sender = self._deliver

    def join(
        self, *, connect: bool = True, profile: SrtpProfile = SrtpProfile.AES_128_GCM
    ) -> "Subscriber":
        one = Subscriber(self, profile)
        if connect:
            one.connect()
        return one

    def flush(self) -> None:
        self.world.shared.ring.flush()
        assert self.world.shared.ring.refusals == 0, "no number is protected twice"

    def _deliver(self, ring: TransmitRing) -> None:
        for row in range(len(ring)):
            data = ring.rows[row, : ring.lengths[row]].tobytes()
            self.subscribers[int(ring.slots[row])].take(data)


class Subscriber:
    """Somebody who receives over one transport."""

    def __init__(self, audience: Audience, profile: SrtpProfile) -> None:
        key = os.urandom(profile.key_length + profile.salt_length)
        self.audience = audience
        self.world = audience.world
        self.outbound = Outbound(self.world.shared)
        self.by_ssrc: dict[int, Sent] = {}
        self.transport_numbers: list[int] = []
        self.slot = self.world.shared.destinations.allocate(pack_address("10.0.0.1", 9))
        audience.subscribers[self.slot] = self
        self._session = SrtpSession.outbound(profile, key)
        self._decrypt = SrtpSession.inbound(profile, key)
        self._scratch = PacketRing(1)
        self._next_ssrc = 1000

    def connect(self) -> None:
        self.outbound.connected(self.slot, self._session, self.world.now)

    def consume(
        self, producer: Producer, *, paused: bool = False, rtx: bool = True, name: str = "c"
    ) -> Consumer:
        self._next_ssrc += 2
        return Consumer(
            id=name,
            producer=producer,
            ssrc=self._next_ssrc,
            rtx_ssrc=self._next_ssrc + 1,
            payload_type=OUTGOING,
            rtx_payload_type=OUTGOING_RTX if rtx else None,
            outbound=self.outbound,
            shared=self.world.shared,
            paused=paused,
            now=self.world.now,
            rng=self.audience.rng,
        )

    def take(self, data: bytes) -> None:
        scratch = self._scratch
        scratch.rows[0, : len(data)] = np.frombuffer(data, np.uint8)
        scratch.lengths[0] = len(data)
        context = self._decrypt.context
        assert unprotect_rtp(context, scratch.packets[0], scratch.packet_lengths[0]) == 0
        plain = scratch.rows[0, : scratch.lengths[0]].tobytes()
        ssrc = struct.unpack_from("!I", plain, 8)[0]
        self.transport_numbers.append(struct.unpack_from("!H", plain, 18)[0])
        self.by_ssrc.setdefault(ssrc, Sent()).take(plain)

    def sent(self, consumer: Consumer) -> Sent:
        """What came of a consumer."""
        return self.by_ssrc.setdefault(consumer.ssrc, Sent())

    def repeated(self, consumer: Consumer) -> list[bytes]:
        """Its retransmissions, as the originals."""
        return self.repeated_of(consumer.ssrc)

    def repeated_of(self, ssrc: int) -> list[bytes]:
        """Retransmissions of a stream, as the originals."""
        rtx = self.by_ssrc.setdefault(ssrc + 1, Sent())
        return [
            decapsulate(packet, payload_of(packet), ssrc, OUTGOING)
            for _, packet in sorted(rtx.packets.items())
        ]


def without_transport(packet: bytes) -> bytes:
    """A canonical packet without what is of each transmission: its number and send time."""
    return packet[:18] + packet[20:22] + packet[25:]


def later(world: World, seconds: float) -> Seconds:
    """Let time pass."""
    world.now = Seconds(world.now + seconds)
    return world.now
