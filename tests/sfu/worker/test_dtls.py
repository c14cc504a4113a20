"""The DTLS server against real clients, and against what comes between them; on virtual time."""

import asyncio
import functools
import hashlib
import itertools
import random
import re
from pathlib import Path

import pytest
from aiortc import RTCIceTransport
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from sfu.transport.srtp import SrtpProfile, SrtpSession
from sfu.units import Seconds
from sfu.wire.dtls_records import whole_records
from sfu.worker.dtls import (
    FIRST_TIMEOUT,
    FLIGHT_DATAGRAM,
    HANDSHAKE_PATIENCE,
    MOST_DATA,
    DtlsCertificate,
    DtlsFingerprint,
    DtlsOutput,
    DtlsServer,
)
from sfu.worker.dtls_certificate import matches
from tests.support.dtls_client import (
    ALL_PROFILES,
    CLIENT_CERTIFICATE,
    ONLY_CM,
    DtlsClient,
    fingerprints,
    receive_all,
    shake_hands,
)

CERTIFICATE = DtlsCertificate.generate()
NOW = Seconds(50.0)
HANDSHAKE = 22


def expecting(*wanted: DtlsFingerprint) -> DtlsServer:
    server = DtlsServer(CERTIFICATE)
    assert server.expect(wanted or fingerprints()) == DtlsOutput()
    return server


def connected() -> tuple[DtlsClient, DtlsServer]:
    client, server = DtlsClient(), expecting()
    assert shake_hands(client, server).keys is not None
    return client, server


# ---- the handshake -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [(ALL_PROFILES, SrtpProfile.AES_128_GCM), (ONLY_CM, SrtpProfile.AES_128_CM_SHA1_80)],
)
def test_both_sides_derive_the_same_keys(
    offered: list[SRTPProtectionProfile], wanted: SrtpProfile
) -> None:
    client = DtlsClient(profiles=offered)
    outcome = shake_hands(client, expecting())
    keys, theirs = outcome.keys, client.keys()
    assert outcome.ended is None
    assert keys is not None
    assert (keys.local, keys.remote) == (theirs.remote, theirs.local)
    assert keys.profile is wanted is theirs.profile
    assert len(keys.local) == len(keys.remote) == wanted.key_length + wanted.salt_length
    SrtpSession.inbound(keys.profile, keys.remote)


def test_handshake_is_dtls_1_2_with_an_aead() -> None:
    client, _ = connected()
    assert client.ssl.get_protocol_version_name() == "DTLSv1.2"
    assert client.ssl.get_cipher_name() == "ECDHE-ECDSA-AES128-GCM-SHA256"


def test_clients_see_the_announced_certificate() -> None:
    client, _ = connected()
    certificate = client.ssl.get_peer_certificate()
    assert certificate is not None
    assert matches(certificate, CERTIFICATE.fingerprints)
    for one in CERTIFICATE.fingerprints:
        assert matches(certificate, [one])
    assert CERTIFICATE.fingerprints[0].algorithm == "sha-256"


def test_flights_are_one_small_datagram_each() -> None:
    client, server = DtlsClient(), expecting()
    second = receive_all(server, client.begin()).datagrams
    fourth = receive_all(server, client.take(second)).datagrams
    assert [len(second), len(fourth)] == [1, 1]
    assert all(len(datagram) <= FLIGHT_DATAGRAM for datagram in second + fourth)
    assert len(whole_records(second[0])) == 5


@pytest.mark.parametrize("mtu", [256, 300, 500])
def test_client_may_send_its_messages_in_fragments(mtu: int) -> None:
    client, server = DtlsClient(mtu=mtu), expecting()
    outcome = shake_hands(client, server)
    assert outcome.keys is not None and client.done


def split_hello(hello: bytes, at: int) -> list[bytes]:
    """A ClientHello as two fragments, each in a datagram of its own (RFC 6347 §4.2.3)."""
    body = hello[25:]
    parts = []
    for sequence, (offset, part) in enumerate([(0, body[:at]), (at, body[at:])]):
        message = (
            hello[13:14] + len(body).to_bytes(3, "big") + hello[17:19]
            + offset.to_bytes(3, "big") + len(part).to_bytes(3, "big") + part
        )  # fmt: skip
        header = hello[:5] + sequence.to_bytes(6, "big") + len(message).to_bytes(2, "big")
        parts.append(header + message)
    return parts


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("at", [1, 34, 100])
def test_hello_split_over_two_datagrams(at: int, swapped: bool) -> None:
    client, server = DtlsClient(), expecting()
    (hello,) = client.begin()
    parts = split_hello(hello, at)
    assert server.receive(parts[swapped], NOW).datagrams == []
    second = server.receive(parts[not swapped], NOW)
    third = renumbered(client.take(second.datagrams))
    assert receive_all(server, third).keys is not None


def test_context_is_shared() -> None:
    servers = [expecting() for _ in range(3)]
    clients = [DtlsClient() for _ in servers]
    keys = [
        shake_hands(client, server).keys for client, server in zip(clients, servers, strict=True)
    ]
    assert len({one.local for one in keys if one is not None}) == 3
    assert all(server._ssl.get_context() is CERTIFICATE.context for server in servers)


# ---- loss, disorder, repetition ------------------------------------------------------------------


def test_lost_flight_is_sent_again_ever_more_slowly() -> None:
    client, server = DtlsClient(), expecting()
    assert server.next_deadline() is None
    lost = receive_all(server, client.begin(), NOW).datagrams
    due = []
    while (deadline := server.next_deadline()) is not None and deadline < NOW + 16:
        assert server.tick(Seconds(deadline - 0.01)) == DtlsOutput()
        assert server.tick(deadline) == DtlsOutput(datagrams=lost)
        due.append(deadline - NOW)
    assert due[0] == FIRST_TIMEOUT
    gaps = [later - earlier for earlier, later in itertools.pairwise(due)]
    assert gaps == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
    outcome = receive_all(server, client.take(lost), Seconds(NOW + 20))
    assert outcome.keys is not None
    assert server.next_deadline() is None


def test_last_flight_is_sent_again_when_the_clients_comes_again() -> None:
    client, server = DtlsClient(), expecting()
    second = receive_all(server, client.begin()).datagrams
    third = client.take(second)
    lost = receive_all(server, third)
    assert lost.keys is not None and not client.done
    again = receive_all(server, renumbered(third))
    assert again.keys is None and again.ended is None
    if again.datagrams:
        client.take(again.datagrams)
        assert client.done


def renumbered(datagrams: list[bytes]) -> list[bytes]:
    """A flight sent again: what is not encrypted gets new record numbers (RFC 6347 §4.2.4)."""
    records = [record for datagram in datagrams for record in whole_records(datagram)]
    result = []
    for number, record in enumerate(records):
        is_plain = record[3:5] == b"\0\0"
        fresh = record[:5] + (100 + number).to_bytes(6, "big") + record[11:]
        result.append(fresh if is_plain else record)
    return result


def test_gives_up_after_a_while() -> None:
    client, server = DtlsClient(), expecting()
    receive_all(server, client.begin(), NOW)
    ended = None
    while (deadline := server.next_deadline()) is not None:
        ended = server.tick(deadline).ended
        assert deadline <= NOW + HANDSHAKE_PATIENCE
    assert ended == "dtls-failed"
    assert receive_all(server, DtlsClient().begin(), NOW) == DtlsOutput()


def test_nothing_is_waited_for_before_the_first_datagram() -> None:
    server = expecting()
    assert server.next_deadline() is None
    assert server.tick(Seconds(1e9)) == DtlsOutput()


@given(st.randoms(use_true_random=False), st.sampled_from([256, 300, 1200]))
def test_any_order_repetition_and_loss_ends_well_or_not_at_all(
    rng: random.Random, mtu: int
) -> None:
    client, server = DtlsClient(mtu=mtu), expecting()
    outputs: list[DtlsOutput] = []
    to_server = client.begin()
    sent_by_client = list(to_server)
    now = NOW
    for _ in range(30):
        arriving = _mangled(rng, to_server)
        outcome = receive_all(server, arriving, now)
        outputs.append(outcome)
        to_client = _mangled(rng, outcome.datagrams)
        now = Seconds(now + 1)
        tick = server.tick(now)
        outputs.append(tick)
        to_server = client.take([*to_client, *tick.datagrams])
        sent_by_client += to_server
        to_server = to_server or sent_by_client
        if client.done:
            break
    assert [one.ended for one in outputs if one.ended is not None] in ([], ["dtls-failed"])
    given_keys = [one.keys for one in outputs if one.keys is not None]
    assert len(given_keys) <= 1
    if client.done:
        assert [keys.local for keys in given_keys] == [client.keys().remote]


def _mangled(rng: random.Random, datagrams: list[bytes]) -> list[bytes]:
    """Some lost, some twice, in disorder, with junk between them."""
    kept = [one for one in datagrams if rng.random() < 0.8]
    twice = [one for one in kept if rng.random() < 0.3]
    junk = [bytes((rng.choice((0, 20, 22, 23, 63)),)) + rng.randbytes(rng.randrange(80))]
    result = kept + twice + junk
    if rng.random() < 0.5:
        rng.shuffle(result)
    return result


# ---- trust ---------------------------------------------------------------------------------------


def test_fingerprint_may_come_after_the_handshake() -> None:
    client, server = DtlsClient(), DtlsServer(CERTIFICATE)
    outcome = shake_hands(client, server)
    assert client.done
    assert (outcome.keys, outcome.ended) == (None, None)
    assert receive_all(server, client.send(b"early")).received == []
    output = server.expect(fingerprints())
    assert output.keys is not None and output.keys.local == client.keys().remote
    assert output.received == [b"early"]
    assert server.expect(fingerprints()) == DtlsOutput(), "keys are given once"


def test_untrusted_peer_gets_nothing_and_is_sent_nothing() -> None:
    client, server = DtlsClient(), DtlsServer(CERTIFICATE)
    shake_hands(client, server)
    assert server.send(b"secret") == DtlsOutput()
    for number in range(100):
        receive_all(server, client.send(b"flood %d" % number))
    assert len(server._waiting) <= 16
    output = server.expect([DtlsFingerprint("sha-256", "00:" * 31 + "00")])
    assert (output.keys, output.received, output.ended) == (None, [], "dtls-failed")
    client.take(output.datagrams)
    assert client.closed


def test_fingerprint_that_never_comes_is_given_up() -> None:
    client, server = DtlsClient(), DtlsServer(CERTIFICATE)
    shake_hands(client, server, NOW)
    assert server.next_deadline() == NOW + HANDSHAKE_PATIENCE
    assert server.tick(Seconds(NOW + HANDSHAKE_PATIENCE)).ended == "dtls-failed"


def test_wrong_certificate_is_refused() -> None:
    client = DtlsClient()
    other = fingerprints(RTCCertificate.generateCertificate())
    server = expecting(*other)
    outcome = shake_hands(client, server)
    assert (outcome.keys, outcome.ended) == (None, "dtls-failed")
    assert client.closed
    assert server.expect(fingerprints()) == DtlsOutput(), "and stays refused"


def test_client_without_certificate_is_refused() -> None:
    client = DtlsClient(certificate=None)
    outcome = shake_hands(client, expecting())
    assert (outcome.keys, outcome.ended) == (None, "dtls-failed")


def test_client_without_srtp_is_refused() -> None:
    outcome = shake_hands(DtlsClient(profiles=[]), expecting())
    assert (outcome.keys, outcome.ended) == (None, "dtls-failed")


OWN = {one.algorithm: one.value for one in fingerprints()}
WRONG = "AB:" * 31 + "AB"


@pytest.mark.parametrize(
    ("announced", "trusted"),
    [
        ([("sha-256", OWN["sha-256"])], True),
        ([("sha-384", OWN["sha-384"])], True),
        ([("sha-512", OWN["sha-512"])], True),
        ([("SHA-256", OWN["sha-256"].lower())], True),
        ([("sha-256", WRONG), ("sha-256", OWN["sha-256"])], True),
        ([("sha-1", WRONG), ("sha-256", OWN["sha-256"])], True),
        ([("sha-256", OWN["sha-256"]), ("sha-512", WRONG)], False),
        ([("sha-256", OWN["sha-256"].replace(":", ""))], False),
        ([("sha-256", OWN["sha-384"])], False),
        ([("sha-256", OWN["sha-256"][:-3])], False),
        ([("sha-256", "")], False),
        ([("sha-256", "ü\ud800")], False),
        ([("sha-1", "00:" * 19 + "00")], False),
        ([("md5", "00:" * 15 + "00")], False),
        ([("", "")], False),
        ([], False),
    ],
)
def test_fingerprints(announced: list[tuple[str, str]], trusted: bool) -> None:
    server = DtlsServer(CERTIFICATE)
    shake_hands(DtlsClient(), server)
    output = server.expect([DtlsFingerprint(*one) for one in announced])
    assert (output.keys is not None) == trusted
    assert output.ended == (None if trusted else "dtls-failed")


def test_certificate_that_nobody_can_read_is_known_by_its_hash(tmp_path: Path) -> None:
    """OpenSSL takes a certificate of version 10, which there is not; cryptography raises."""
    client = DtlsClient()
    client.connect_with(odd_certificate(), tmp_path)
    wanted = hashlib.sha256(odd_certificate()).hexdigest()
    server = expecting(DtlsFingerprint("sha-256", ":".join(re.findall("..", wanted))))
    assert shake_hands(client, server).keys is not None


@functools.cache
def odd_certificate() -> bytes:
    """DER; the client's own with another version."""
    body = CLIENT_CERTIFICATE._cert.tbs_certificate_bytes
    body = body.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09", 1)
    signature = CLIENT_CERTIFICATE._key.sign(body, ec.ECDSA(hashes.SHA256()))
    ecdsa_with_sha256 = bytes.fromhex("300a06082a8648ce3d040302")
    return _der(0x30, body + ecdsa_with_sha256 + _der(0x03, b"\0" + signature))


def _der(tag: int, value: bytes) -> bytes:
    if len(value) < 128:
        return bytes((tag, len(value))) + value
    return bytes((tag, 0x82)) + len(value).to_bytes(2, "big") + value


def test_sha_1_is_refused_even_when_right() -> None:
    server = DtlsServer(CERTIFICATE)
    shake_hands(DtlsClient(), server)
    value = CLIENT_CERTIFICATE._cert.fingerprint(hashes.SHA1()).hex(":")
    assert server.expect([DtlsFingerprint("sha-1", value)]).ended == "dtls-failed"


def test_changed_fingerprint_ends_an_open_connection() -> None:
    _, server = connected()
    assert server.expect([DtlsFingerprint("sha-256", WRONG)]).ended == "dtls-failed"


# ---- data, and the end ---------------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=MOST_DATA), max_size=5))
def test_data_goes_both_ways(messages: list[bytes]) -> None:
    client, server = CONVERSATION
    client.received.clear()
    for message in messages:
        (datagram,) = server.send(message).datagrams
        assert len(datagram) <= 1232
        client.take([datagram])
    assert client.received == messages
    sent = [datagram for message in messages for datagram in client.send(message)]
    assert receive_all(server, sent).received == messages


def test_several_records_in_one_datagram() -> None:
    client, server = connected()
    datagram = b"".join(client.send(b"one") + client.send(b"two"))
    assert server.receive(datagram + b"junk", NOW).received == [b"one", b"two"]


@pytest.mark.parametrize("size", [0, MOST_DATA + 1, 16384, 70000])
def test_what_does_not_fit_is_not_sent(size: int) -> None:
    client, server = connected()
    assert server.send(bytes(size)) == DtlsOutput()
    client.take(server.send(b"next").datagrams)
    assert client.received == [b"next"]


def test_data_before_the_handshake_goes_nowhere() -> None:
    assert expecting().send(b"early") == DtlsOutput()


def test_data_that_overtakes_the_last_flight_is_not_lost_for_good() -> None:
    client, server = DtlsClient(), expecting()
    second = receive_all(server, client.begin()).datagrams
    third = client.take(second)
    fourth = receive_all(server, third).datagrams
    client.take(fourth)
    assert receive_all(server, client.send(b"data")).received == [b"data"]


@given(
    st.lists(
        st.sampled_from(["alone", "two", "again", "forged", "with junk", "handshake", "answer"]),
        max_size=30,
    )
)
def test_data_is_told_with_the_datagram_it_came_in(deeds: list[str]) -> None:
    """Whatever came before: a short cut for single records must not leave one to the next."""
    client, server = CONVERSATION
    last = client.send(b"begin")[0]
    assert server.receive(last, NOW).received == [b"begin"]
    for number, deed in enumerate(deeds):
        data = b"%d" % number
        (datagram,) = client.send(data)
        if deed == "again":
            assert server.receive(last, NOW) == DtlsOutput()
        elif deed == "forged":
            forged = datagram[:-1] + bytes((datagram[-1] ^ 1,))
            assert server.receive(forged, NOW) == DtlsOutput()
        elif deed == "handshake":
            server.receive(bytes((HANDSHAKE,)) + datagram[1:], NOW)
        elif deed == "answer":
            (answer,) = server.send(data).datagrams
            client.received.clear()
            client.take([answer])
            assert client.received == [data]
        if deed == "two":
            (second,) = client.send(b"second")
            assert server.receive(datagram + second, NOW).received == [data, b"second"]
        elif deed == "with junk":
            assert server.receive(datagram + b"junk", NOW).received == [data]
        else:
            output = server.receive(datagram, NOW)
            assert (output.received, output.datagrams) == ([data], [])
        last = datagram


def test_replayed_data_is_taken_once() -> None:
    client, server = connected()
    (datagram,) = client.send(b"once")
    assert receive_all(server, [datagram] * 3).received == [b"once"]


def test_peer_that_closes_is_answered_in_kind() -> None:
    client, server = connected()
    client.ssl.shutdown()
    outcome = receive_all(server, client.written())
    assert outcome.ended == "peer-closed"
    client.take(outcome.datagrams)
    assert client.closed
    assert server.send(b"late") == server.close() == server.tick(Seconds(1e9)) == DtlsOutput()


def test_peer_that_closes_before_it_is_trusted_has_failed() -> None:
    client, server = DtlsClient(), DtlsServer(CERTIFICATE)
    shake_hands(client, server)
    client.ssl.shutdown()
    assert receive_all(server, client.written()).ended == "dtls-failed"


def test_close_tells_the_peer() -> None:
    client, server = connected()
    output = server.close()
    assert output.ended is None
    client.take(output.datagrams)
    assert client.closed
    assert server.close() == DtlsOutput()


@pytest.mark.parametrize("started", [False, True])
def test_close_before_the_handshake_is_done(started: bool) -> None:
    client, server = DtlsClient(), expecting()
    if started:
        receive_all(server, client.begin())
    assert server.close().ended is None
    assert receive_all(server, client.begin()).datagrams == []


def test_renegotiation_is_refused() -> None:
    client, server = connected()
    client.ssl.renegotiate()
    with pytest.raises(SSL.WantReadError):
        client.ssl.do_handshake()
    outcome = receive_all(server, client.written())
    assert outcome.keys is None
    client.take(outcome.datagrams)
    assert server._ssl.total_renegotiations() == 0
    assert receive_all(server, [b"\x17" * 50]).ended is None


def test_forged_alert_does_not_end_an_open_connection() -> None:
    client, server = connected()
    for epoch in (0, 1):
        alert = b"\x15\xfe\xfd" + epoch.to_bytes(2, "big") + bytes(5) + b"\x77\0\x02\x02\x28"
        assert receive_all(server, [alert]).ended is None
    assert receive_all(server, client.send(b"still here")).received == [b"still here"]


def test_fatal_alert_during_the_handshake_ends_it() -> None:
    client, server = DtlsClient(), expecting()
    receive_all(server, client.begin())
    alert = b"\x15\xfe\xfd\0\0" + bytes(5) + b"\x77\0\x02\x02\x28"
    assert receive_all(server, [alert]).ended == "dtls-failed"


# ---- hostile -------------------------------------------------------------------------------------

CONVERSATION = connected()
RECORDS = st.builds(
    lambda kind, version, epoch, sequence, body: (
        bytes((kind,)) + version + epoch.to_bytes(2, "big") + sequence.to_bytes(6, "big")
        + len(body).to_bytes(2, "big") + body
    ),
    st.sampled_from([20, 21, 22, 23, 24, 25]),
    st.sampled_from([b"\xfe\xff", b"\xfe\xfd", b"\xfe\xfc", b"\x03\x03"]),
    st.integers(0, 3),
    st.integers(0, 2**20),
    st.binary(max_size=120),
)  # fmt: skip
DATAGRAMS = st.one_of(st.binary(max_size=100), RECORDS, st.lists(RECORDS).map(b"".join))


@given(st.lists(DATAGRAMS, max_size=8))
def test_new_server_takes_anything(datagrams: list[bytes]) -> None:
    server = expecting()
    outcome = receive_all(server, datagrams)
    assert outcome.keys is None and not outcome.received
    assert sum(map(len, outcome.datagrams)) < 3000


@given(st.lists(DATAGRAMS, max_size=8))
def test_open_connection_survives_anything_forged(datagrams: list[bytes]) -> None:
    client, server = CONVERSATION
    outcome = receive_all(server, datagrams)
    assert outcome.ended is None and not outcome.received
    assert receive_all(server, client.send(b"real")).received == [b"real"]


@given(st.integers(0, 2), st.integers(0, 5000), st.integers(0, 7), st.booleans())
def test_transcript_with_a_wrong_bit_never_raises(
    flight: int, place: int, bit: int, cut: bool
) -> None:
    client, server = DtlsClient(), expecting()
    outcomes = []
    to_server = client.begin()
    for number in range(3):
        if number == flight and to_server:
            whole = bytearray(to_server[0])
            whole[place % len(whole)] ^= 1 << bit
            to_server = [bytes(whole[: place % len(whole)] if cut else whole)]
        outcomes.append(receive_all(server, to_server))
        to_server = client.take(outcomes[-1].datagrams)
    assert sum(one.keys is not None for one in outcomes) <= 1
    assert sum(one.ended is not None for one in outcomes) <= 1
    if any(one.ended for one in outcomes):
        assert server.next_deadline() is None


# ---- a stock client ------------------------------------------------------------------------------


class MemoryIce:
    """As much of an ICE transport as aiortc's DTLS asks for."""

    role = "controlled"  # makes it the DTLS client

    def __init__(self, server: DtlsServer) -> None:
        self._server = server
        self._incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self.outputs: list[DtlsOutput] = []

    async def _recv(self) -> bytes:
        return await self._incoming.get()

    async def _send(self, data: bytes) -> None:
        output = self._server.receive(data, NOW)
        self.outputs.append(output)
        self.deliver(output)

    def deliver(self, output: DtlsOutput) -> None:
        for datagram in output.datagrams:
            self._incoming.put_nowait(datagram)


async def test_stock_client_connects_and_media_can_be_read_both_ways() -> None:
    server = DtlsServer(CERTIFICATE)
    ice = MemoryIce(server)
    certificate = RTCCertificate.generateCertificate()
    server.expect(fingerprints(certificate))
    client = RTCDtlsTransport(_as_ice(ice), [certificate])
    # Of the profiles we both know, aiortc prefers one that we do not offer.
    announced = [RTCDtlsFingerprint(o.algorithm, o.value) for o in CERTIFICATE.fingerprints]
    await client.start(RTCDtlsParameters(fingerprints=announced))
    assert client.state == "connected"
    (keys,) = [output.keys for output in ice.outputs if output.keys is not None]
    assert keys.profile is SrtpProfile.AES_128_GCM

    packet = b"\x80\x60\0\x01" + bytes(8) + b"payload"
    profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    ours_in = Session(
        Policy(key=keys.remote, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
    )
    ours_out = Session(
        Policy(key=keys.local, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
    )
    assert ours_in.unprotect(client._tx_srtp.protect(packet)) == packet
    assert client._rx_srtp.unprotect(ours_out.protect(packet)) == packet

    await client.stop()
    assert [output.ended for output in ice.outputs if output.ended] == ["peer-closed"]


async def test_stock_client_sees_our_farewell() -> None:
    server = DtlsServer(CERTIFICATE)
    ice = MemoryIce(server)
    certificate = RTCCertificate.generateCertificate()
    server.expect(fingerprints(certificate))
    client = RTCDtlsTransport(_as_ice(ice), [certificate])
    announced = [RTCDtlsFingerprint(o.algorithm, o.value) for o in CERTIFICATE.fingerprints]
    await client.start(RTCDtlsParameters(fingerprints=announced))
    closed = asyncio.Event()
    client.on("statechange", closed.set)
    ice.deliver(server.close())
    await closed.wait()
    assert client.state == "closed"
    await client.stop()


def _as_ice(ice: MemoryIce) -> RTCIceTransport:
    return ice  # type: ignore[return-value]
