"""The adapter, and the contract with pylibsrtp: fails loudly when its private parts move."""

import gc
import os
from importlib.metadata import version

import numpy as np
import pylibsrtp
import pytest
from pylibsrtp import _binding

from sfu.transport import srtp
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession

PROFILES = list(SrtpProfile)
RTP = bytes.fromhex("9060000a 00000bb8 000003e8 bede0001 51000000") + bytes(range(200))
RTCP = bytes.fromhex("80c90001 000003e8") + bytes(8)


def key_for(profile: SrtpProfile) -> bytes:
    return os.urandom(profile.key_length + profile.salt_length)


def plain(profile: SrtpProfile, key: bytes, ssrc_type: int) -> pylibsrtp.Session:
    constant = {
        SrtpProfile.AES_128_GCM: pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
        SrtpProfile.AES_128_CM_SHA1_80: pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    }[profile]
    return pylibsrtp.Session(pylibsrtp.Policy(key=key, ssrc_type=ssrc_type, srtp_profile=constant))


def put(ring: PacketRing, row: int, packet: bytes) -> None:
    ring.rows[row, : len(packet)] = np.frombuffer(packet, np.uint8)
    ring.lengths[row] = len(packet)


def row(ring: PacketRing, index: int) -> bytes:
    return bytes(ring.rows[index, : ring.lengths[index]].tobytes())


def test_contract_version() -> None:
    assert version("pylibsrtp").split(".")[0] == "1", "read its changes, then this adapter"


@pytest.mark.parametrize(
    "name", ["srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"]
)
def test_contract_function_takes_context_packet_and_length(name: str) -> None:
    kind = _binding.ffi.typeof(getattr(_binding.lib, name))
    assert [argument.cname for argument in kind.args] == ["struct srtp_ctx_t_ *", "void *", "int *"]
    assert kind.result.kind in {"enum", "primitive"}


def test_contract_session_holds_its_c_pointer() -> None:
    session = plain(PROFILES[0], key_for(PROFILES[0]), pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    assert _binding.ffi.typeof(session._srtp[0]).cname == "struct srtp_ctx_t_ *"


def test_contract_status_of_success() -> None:
    assert _binding.lib.srtp_err_status_ok == srtp.OK


@pytest.mark.parametrize("profile", PROFILES)
def test_contract_key_lengths(profile: SrtpProfile) -> None:
    key = key_for(profile)
    pylibsrtp.Policy(key=key, srtp_profile=srtp._POLICY_PROFILE[profile])
    with pytest.raises(ValueError, match=f"at least {len(key)}"):
        pylibsrtp.Policy(key=key[1:], srtp_profile=srtp._POLICY_PROFILE[profile])


@pytest.mark.parametrize("profile", PROFILES)
def test_protects_in_place_as_the_public_api_does(profile: SrtpProfile) -> None:
    key, ring = key_for(profile), PacketRing(2)
    session = SrtpSession.outbound(profile, key)
    reference = plain(profile, key, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    put(ring, 0, RTP)
    put(ring, 1, RTCP)
    assert srtp.protect_rtp(session.context, ring.packets[0], ring.packet_lengths[0]) == srtp.OK
    assert srtp.protect_rtcp(session.context, ring.packets[1], ring.packet_lengths[1]) == srtp.OK
    assert row(ring, 0) == reference.protect(RTP)
    assert row(ring, 1) == reference.protect_rtcp(RTCP)
    assert len(row(ring, 0)) == len(RTP) + profile.rtp_overhead
    assert len(row(ring, 1)) <= len(RTCP) + srtp.MOST_OVERHEAD


@pytest.mark.parametrize("profile", PROFILES)
def test_decrypts_in_place_what_the_public_api_protected(profile: SrtpProfile) -> None:
    key, ring = key_for(profile), PacketRing(2)
    session = SrtpSession.inbound(profile, key)
    peer = plain(profile, key, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    put(ring, 0, peer.protect(RTP))
    put(ring, 1, peer.protect_rtcp(RTCP))
    assert srtp.unprotect_rtp(session.context, ring.packets[0], ring.packet_lengths[0]) == srtp.OK
    assert srtp.unprotect_rtcp(session.context, ring.packets[1], ring.packet_lengths[1]) == srtp.OK
    assert row(ring, 0) == RTP
    assert row(ring, 1) == RTCP


@pytest.mark.parametrize("profile", PROFILES)
def test_answers_bad_packets_with_a_status(profile: SrtpProfile) -> None:
    key, ring = key_for(profile), PacketRing(4)
    session = SrtpSession.inbound(profile, key)
    good = plain(profile, key, pylibsrtp.Policy.SSRC_ANY_OUTBOUND).protect(RTP)
    forged = good[:-1] + bytes((good[-1] ^ 1,))
    for index, packet in enumerate((forged, good, good, b"\x80")):
        put(ring, index, packet)
    statuses = srtp.unprotect_all([session.context] * 4, ring.packets, ring.packet_lengths)
    assert [status == srtp.OK for status in statuses] == [False, True, False, False]


@pytest.mark.parametrize("profile", PROFILES)
def test_never_protects_two_packets_under_one_number(profile: SrtpProfile) -> None:
    ring, session = PacketRing(2), SrtpSession.outbound(profile, key_for(profile))
    put(ring, 0, RTP)
    put(ring, 1, RTP[:-1] + b"!")
    statuses = srtp.protect_all([session.context] * 2, ring.packets, ring.packet_lengths)
    assert statuses[0] == srtp.OK
    assert statuses[1] != srtp.OK


@pytest.mark.parametrize("profile", PROFILES)
def test_late_packet_is_protected_within_the_window(profile: SrtpProfile) -> None:
    ring, session = PacketRing(3), SrtpSession.outbound(profile, key_for(profile))
    for index, number in enumerate(
        (5000, 5000 - srtp.OUTBOUND_WINDOW + 1, 5000 - 2 * srtp.OUTBOUND_WINDOW)
    ):
        put(ring, index, RTP[:2] + (number & 0xFFFF).to_bytes(2, "big") + RTP[4:])
    statuses = srtp.protect_all([session.context] * 3, ring.packets, ring.packet_lengths)
    assert [status == srtp.OK for status in statuses] == [True, True, False]


@pytest.mark.parametrize("profile", PROFILES)
def test_refuses_a_key_of_another_length(profile: SrtpProfile) -> None:
    with pytest.raises(ValueError, match="takes another key"):
        SrtpSession.outbound(profile, key_for(profile) + b"x")


def test_context_keeps_the_session_alive() -> None:
    profile, ring = SrtpProfile.AES_128_GCM, PacketRing(1)
    context = SrtpSession.outbound(profile, key_for(profile)).context
    gc.collect()
    put(ring, 0, RTP)
    assert srtp.protect_rtp(context, ring.packets[0], ring.packet_lengths[0]) == srtp.OK


def test_pointers_lead_to_rows_and_lengths() -> None:
    ring = PacketRing(3)
    assert ring.capacity == 3
    for index in range(3):
        address = int(_binding.ffi.cast("uintptr_t", ring.packets[index]))
        assert address == ring.rows[index].ctypes.data
        assert address % 64 == 0
        ring.lengths[index] = 10 + index
        assert ring.packet_lengths[index][0] == 10 + index
