"""The columns against a reference that does the same one packet and one subscriber at a time."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pylibsrtp
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from sfu.media.sequence_map import SequenceMap
from sfu.routing.fan_out import MOST_PACKETS, FanOut, Subscription, pack_head
from sfu.transport import srtp
from sfu.transport.destinations import Destinations, pack_address
from sfu.transport.srtp import SrtpProfile, SrtpSession
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I32, U8, U32

SLOTS, ROWS = 4, 24
EXTENSIONS = bytes.fromhex("bede0003 00510000 00220000 00000000")
SOURCES = (65500, 40)  # first extended sequence numbers


def packet(number: int, timestamp: int, source: int, size: int) -> bytes:
    second = 96 | (0x80 if number % 3 == 0 else 0)
    fixed = struct.pack("!BBHII", 0x90, second, number & 0xFFFF, timestamp, 7 + source)
    return fixed + EXTENSIONS + bytes(number + index & 0xFF for index in range(size))


@dataclass(eq=False)
class Reference:
    """A subscriber, naively."""

    slot: int
    ssrc: int
    payload_type: int
    session: pylibsrtp.Session
    pause: int
    timestamp: int
    next_number: int
    source: int | None = None
    last_source: int | None = None
    first: int | None = None
    shift: int = 0
    timestamp_shift: int = 0
    packets: int = 0

    def take(self, source: int, number: int, timestamp: int, newest: int) -> bool:
        """Whether the packet is for it; ``newest`` is the stream's newest before it."""
        if self.first is None:
            if number <= newest:
                return False
            self.first = number
            self.shift = self.next_number - number
            if source != self.last_source:
                self.timestamp_shift = self.timestamp + self.pause - timestamp
        return number >= self.first

    def leave(self, newest: int, newest_timestamp: int) -> None:
        if self.first is not None:
            self.next_number = newest + self.shift + 1
            self.timestamp = newest_timestamp + self.timestamp_shift
            self.last_source = self.source
        self.source = self.first = None

    def rewrite(self, data: bytes, number: int, transport_number: int) -> bytes:
        first, second, _, timestamp, _ = struct.unpack_from("!BBHII", data)
        out = bytearray(data)
        struct.pack_into(
            "!BBHII",
            out,
            0,
            first,
            second & 0x80 | self.payload_type,
            number + self.shift & 0xFFFF,
            timestamp + self.timestamp_shift & 0xFFFFFFFF,
            self.ssrc,
        )
        struct.pack_into("!H", out, 18, transport_number)
        self.packets += 1
        return self.session.protect(bytes(out))


@dataclass
class Stream:
    """One published stream in both worlds."""

    fan_out: FanOut
    next_number: int
    newest: int = -1
    newest_timestamp: int = 0
    references: list[Reference] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)


class Forwarding(RuleBasedStateMachine):
    """Any sequence of adding, removing, pausing, moving and forwarding."""

    def __init__(self) -> None:
        super().__init__()
        self.ring = TransmitRing(ROWS)
        self.destinations = Destinations(SLOTS)
        self.sent: dict[int, list[bytes]] = {slot: [] for slot in range(SLOTS)}
        self.expected: dict[int, list[bytes]] = {slot: [] for slot in range(SLOTS)}
        self.ring.sender = self._collect
        self.transport_numbers = [65533] * SLOTS
        self.sessions: list[SrtpSession] = []
        self.keys: list[tuple[SrtpProfile, bytes]] = []
        for index in range(SLOTS):
            slot = self.destinations.allocate(pack_address("10.0.0.1", index))
            self.destinations.next_number[slot] = 65533
            profile = list(SrtpProfile)[index % 2]
            self.keys.append((profile, os.urandom(profile.key_length + profile.salt_length)))
            self.sessions.append(SrtpSession.outbound(*self.keys[-1]))
        self.pairs: list[tuple[Subscription, Reference]] = []
        self.where: dict[int, int | None] = {}

    @initialize()
    def open(self) -> None:
        self.streams = [
            Stream(FanOut(source, 1, 96, self.ring, self.destinations), first)
            for source, first in enumerate(SOURCES)
        ]

    def _collect(self, ring: TransmitRing) -> None:
        for row in range(len(ring)):
            self.sent[int(ring.slots[row])].append(ring.rows[row, : ring.lengths[row]].tobytes())

    @precondition(lambda self: len(self.pairs) < 12)
    @rule(
        slot=st.integers(0, SLOTS - 1),
        payload_type=st.integers(0, 127),
        first=st.integers(0, 65535),
        timestamp=st.integers(0, 2**32 - 1),
        stream=st.integers(0, 1),
    )
    def subscribe(
        self, slot: int, payload_type: int, first: int, timestamp: int, stream: int
    ) -> None:
        ssrc = 0xF0000000 + len(self.pairs)
        profile, key = self.keys[slot]
        constant = (
            pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
            if profile is SrtpProfile.AES_128_GCM
            else pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
        )
        policy = pylibsrtp.Policy(
            key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=constant
        )
        policy.window_size = srtp.OUTBOUND_WINDOW
        numbers = SequenceMap(first, timestamp)
        subscription = Subscription(slot, self.sessions[slot], ssrc, payload_type, numbers, 3000)
        reference = Reference(
            slot,
            ssrc,
            payload_type,
            pylibsrtp.Session(policy),
            3000,
            timestamp,
            first,
        )
        self.where[len(self.pairs)] = None
        self.pairs.append((subscription, reference))
        self._join(len(self.pairs) - 1, stream)

    @precondition(lambda self: self.pairs)
    @rule(data=st.data(), stream=st.integers(0, 1))
    def pause_or_move(self, data: st.DataObject, stream: int) -> None:
        index = data.draw(st.integers(0, len(self.pairs) - 1))
        where = self.where[index]
        if where is None:
            self._join(index, stream)
            return
        subscription, reference = self.pairs[index]
        old = self.streams[where]
        old.fan_out.remove(subscription)
        reference.leave(old.newest, old.newest_timestamp)
        old.references.remove(reference)
        self.where[index] = None
        if stream != where:
            self._join(index, stream)

    @rule(
        stream=st.integers(0, 1),
        lost=st.integers(0, 3),
        count=st.integers(1, MOST_PACKETS),
        size=st.sampled_from([0, 40, 1100]),
        shorter=st.booleans(),
    )
    def forward(self, stream: int, lost: int, count: int, size: int, shorter: bool) -> None:
        published = self.streams[stream]
        first = published.next_number + lost
        published.missing += range(published.next_number, first)
        published.next_number = first + count
        self._forward(stream, first, count, size, shorter)

    @rule(stream=st.integers(0, 1), data=st.data())
    def forward_late(self, stream: int, data: st.DataObject) -> None:
        """Of what was lost, some consecutive packets."""
        published = self.streams[stream]
        if not published.missing:
            return
        first = data.draw(st.sampled_from(published.missing))
        count = 1
        while first + count in published.missing and count < MOST_PACKETS:
            count += 1
        published.missing = [n for n in published.missing if not first <= n < first + count]
        self._forward(stream, first, count, 40, False)

    @rule()
    def flush(self) -> None:
        self.ring.flush()

    @invariant()
    def agrees(self) -> None:
        if len(self.ring):
            return
        assert self.sent == self.expected
        for index, (subscription, reference) in enumerate(self.pairs):
            where = self.where[index]
            if where is not None:
                assert self.streams[where].fan_out.packets_sent(subscription) == reference.packets
            else:
                assert subscription.packets == reference.packets

    @override
    def teardown(self) -> None:
        self.ring.flush()
        assert self.sent == self.expected

    def _join(self, index: int, stream: int) -> None:
        subscription, reference = self.pairs[index]
        self.where[index] = reference.source = stream
        self.streams[stream].fan_out.add(subscription)
        self.streams[stream].references.append(reference)

    def _forward(self, stream: int, first: int, count: int, size: int, shorter: bool) -> None:
        published = self.streams[stream]
        timestamp = 90_000 * first & 0xFFFFFFFF
        burst = [
            packet(
                first + place,
                timestamp,
                stream,
                size // 2 if shorter and place == count - 1 else size,
            )
            for place in range(count)
        ]
        rows = np.zeros((count, len(burst[0])), np.uint8)
        heads = np.zeros((count, 2), np.uint32)
        for place, data in enumerate(burst):
            rows[place, : len(data)] = np.frombuffer(data, np.uint8)
            flags, number, stamp = struct.unpack_from("!HHI", data)
            pack_head(heads.data, place * 8, flags, number, stamp)
        lengths = np.array([len(data) for data in burst], np.int32)
        published.fan_out.forward(rows, heads, lengths, first)
        for data, slot in self._naive(published, stream, burst, first, timestamp):
            self.expected[slot].append(data)
        if first + count - 1 > published.newest:
            published.newest = first + count - 1
            published.newest_timestamp = timestamp

    def _naive(
        self, published: Stream, stream: int, burst: list[bytes], first: int, timestamp: int
    ) -> Iterator[tuple[bytes, int]]:
        """What each subscriber should get, in the order of the transports' numbers.

        A transport that consumes the stream more than once gets the burst whole for each consumer,
        unless some packet of it is not for everyone: then packet by packet.
        """
        newest = published.newest
        for place in range(len(burst)):
            for one in published.references:
                one.take(stream, first + place, timestamp, newest)
        active = [one for one in published.references if one.first is not None]
        settled = all(one.first is not None and one.first <= first for one in active)
        layers = [burst] if settled else [[data] for data in burst]
        for index, layer in enumerate(layers):
            start = first + (0 if settled else index)
            for one in active:
                for place, data in enumerate(layer):
                    assert one.first is not None
                    if start + place >= one.first:
                        number = self.transport_numbers[one.slot]
                        self.transport_numbers[one.slot] = number + 1 & 0xFFFF
                        yield one.rewrite(data, start + place, number), one.slot


TestForwarding = Forwarding.TestCase
TestForwarding.settings = settings(deadline=None, stateful_step_count=30)


def subscription(slot: int, session: SrtpSession, first: int = 100) -> Subscription:
    return Subscription(slot, session, 5000 + slot, 100, SequenceMap(first))


@pytest.fixture
def session() -> SrtpSession:
    return SrtpSession.outbound(SrtpProfile.AES_128_GCM, os.urandom(28))


def one_packet(number: int) -> tuple[U8, U32, I32]:
    data = packet(number, 1, 0, 100)
    heads = np.zeros((1, 2), np.uint32)
    pack_head(heads.data, 0, *struct.unpack_from("!HHI", data))
    return np.frombuffer(data, np.uint8)[None], heads, np.array([len(data)], np.int32)


def test_fan_out_larger_than_the_ring_is_sent_in_parts(session: SrtpSession) -> None:
    ring, destinations, flushed = TransmitRing(8), Destinations(30), list[int]()
    ring.sender = lambda ring: flushed.append(len(ring))
    fan_out = FanOut(0, 0, 96, ring, destinations)
    for _ in range(30):
        slot = destinations.allocate(pack_address("10.0.0.1", 1))
        fan_out.add(subscription(slot, session))
    fan_out.forward(*one_packet(1), 1)
    ring.flush()
    assert flushed == [8, 8, 8, 6]
    assert destinations.next_number.tolist() == [1] * 30


def test_removing_a_stranger_is_an_error(session: SrtpSession) -> None:
    fan_out = FanOut(0, 0, 96, TransmitRing(8), Destinations(1))
    with pytest.raises(ValueError, match="not in list"):
        fan_out.remove(subscription(0, session))


def test_subscriber_that_never_got_a_packet_can_leave(session: SrtpSession) -> None:
    fan_out = FanOut(0, 0, 96, TransmitRing(8), Destinations(1))
    one = subscription(0, session)
    fan_out.add(one)
    assert len(fan_out) == 1
    fan_out.remove(one)
    assert len(fan_out) == 0
    assert not one.numbers.following


def test_packet_that_libsrtp_refuses_is_not_sent(session: SrtpSession) -> None:
    ring, destinations = TransmitRing(8), Destinations(2)
    lengths: list[list[int]] = []
    ring.sender = lambda ring: lengths.append(ring.lengths[: len(ring)].tolist())
    fan_out = FanOut(0, 0, 96, ring, destinations)
    other = SrtpSession.outbound(SrtpProfile.AES_128_GCM, os.urandom(28))
    for slot, one in enumerate((session, other)):
        destinations.allocate(pack_address("10.0.0.1", slot))
        fan_out.add(subscription(slot, one))
    size = len(one_packet(1)[0][0]) + 16
    fan_out.forward(*one_packet(1), 1)
    ring.flush()
    # The same number again, for the first of them only.
    ring.append(packet(100, 1, 0, 100)[:8] + struct.pack("!I", 5000) + bytes(30), 0, session)
    fan_out.forward(*one_packet(2), 2)
    ring.flush()
    assert lengths == [[size, size], [0, size, size]]
    assert ring.refusals == 1
    assert ring.protected == 4
