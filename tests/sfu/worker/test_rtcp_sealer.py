"""SRTCP, one datagram at a time."""

import os

import numpy as np

from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession
from sfu.wire.header_rewriter import HEADROOM
from sfu.worker.rtcp_sealer import MOST_PLAIN, RtcpSealer, open_rtcp

PROFILE = SrtpProfile.AES_128_GCM
COMPOUND = bytes.fromhex("81c90007 00000001 00000002") + bytes(20)


def put(ring: PacketRing, row: int, datagram: bytes) -> None:
    ring.rows[row, : len(datagram)] = np.frombuffer(datagram, np.uint8)
    ring.lengths[row] = len(datagram)


def test_what_is_sealed_can_be_opened_once() -> None:
    key = os.urandom(28)
    sealed = RtcpSealer().seal(COMPOUND, SrtpSession.outbound(PROFILE, key))
    assert sealed is not None
    assert COMPOUND[8:] not in sealed
    ring, inbound = PacketRing(2, headroom=HEADROOM), SrtpSession.inbound(PROFILE, key)
    put(ring, 1, sealed)
    assert open_rtcp(ring, 1, inbound) == COMPOUND
    put(ring, 1, sealed)
    assert open_rtcp(ring, 1, inbound) is None


def test_what_was_changed_on_the_way_is_not_opened() -> None:
    key = os.urandom(28)
    sealed = bytearray(RtcpSealer().seal(COMPOUND, SrtpSession.outbound(PROFILE, key)) or b"")
    sealed[10] ^= 1
    ring = PacketRing(1, headroom=HEADROOM)
    put(ring, 0, bytes(sealed))
    assert open_rtcp(ring, 0, SrtpSession.inbound(PROFILE, key)) is None


def test_what_is_too_long_is_not_sent() -> None:
    sealer = RtcpSealer()
    session = SrtpSession.outbound(PROFILE, os.urandom(28))
    longest = COMPOUND[:8] + bytes(MOST_PLAIN - 8)
    assert sealer.seal(longest + b"\0", session) is None
    assert sealer.refused == 1
    assert sealer.seal(longest, session) is not None
