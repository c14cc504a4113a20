import itertools
import random

import pytest

from benchmarks.peers.synthetic.connection import Connection, Desk, RemoteTransport
from benchmarks.peers.synthetic.dtls_association import Identity, into_datagrams
from benchmarks.peers.synthetic.ice_agent import (
    CONSENT_INTERVAL,
    PATIENCE,
    IceAgent,
    IceState,
)
from sfu.transport.srtp import SrtpProfile
from sfu.wire.demux import Protocol
from sfu.wire.stun import BINDING, MessageClass, encode_stun, parse_stun, verify_integrity
from sfu.wire.stun_attributes import binding_error, controlling, use_candidate, username
from tests.support.synthetic_reflector import SOURCE, Reflector, exchange

IDENTITY = Identity()


def connected(
    identity: Identity = IDENTITY, fingerprint: str | None = None
) -> tuple[Connection, Reflector]:
    reflector = Reflector(fingerprint or identity.fingerprint)
    connection = Connection(reflector.remote(), identity, random.Random(1), 0.0)
    exchange(reflector, connection.out, lambda one: connection.receive(one, SOURCE, 0.0), 0.0)
    return connection, reflector


# ---- ICE ---------------------------------------------------------------------------------------


def test_checks_are_signed_nominate_and_claim_control() -> None:
    reflector = Reflector("")
    remote = reflector.remote().credentials
    client = IceAgent(remote, random.Random(1), 0.0)
    check = parse_stun(client.tick(0.0)[0])
    assert verify_integrity(check, remote.password.encode())
    assert username(check) == (remote.username_fragment, client.local.username_fragment)
    assert use_candidate(check)
    assert controlling(check) is not None
    assert check.has_fingerprint


def test_checks_come_slower_until_patience_ends() -> None:
    client = IceAgent(Reflector("").remote().credentials, random.Random(1), 0.0)
    times, now = [], 0.0
    while client.state is not IceState.EXPIRED:
        times.append(now)
        client.tick(now)
        assert client.tick(now) == []
        now = client.due if client.due != float("inf") else now
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps[0] == pytest.approx(0.1)
    assert max(gaps) == pytest.approx(1.6)
    assert times[-1] == pytest.approx(PATIENCE, abs=1.7)


def test_consent_is_renewed_and_its_answers_count() -> None:
    connection, reflector = connected()
    ice = connection.ice
    assert ice.state is IceState.CONNECTED
    now = 0.0
    for _ in range(20):
        assert CONSENT_INTERVAL[0] <= ice.due - now <= CONSENT_INTERVAL[1]
        now = ice.due
        connection.tick(now)
        [check] = connection.out
        connection.out.clear()
        for answer in reflector.receive(check, now):
            connection.receive(answer, SOURCE, now + 0.001)
        now += 0.001
        assert ice.round_trip == pytest.approx(0.001)
    assert connection.failure is None


def test_an_answer_with_a_wrong_password_or_to_no_question_is_not_believed() -> None:
    client = IceAgent(Reflector("").remote().credentials, random.Random(1), 0.0)
    check = parse_stun(client.tick(0.0)[0])
    forged = encode_stun(BINDING, MessageClass.SUCCESS, check.transaction_id, (), b"guess")
    client.receive(forged, SOURCE, 0.1)
    key = Reflector("").remote().credentials.password.encode()
    client.receive(encode_stun(BINDING, MessageClass.SUCCESS, bytes(12), (), key), SOURCE, 0.1)
    assert client.state is IceState.CHECKING


def test_refusals_are_kept() -> None:
    client = IceAgent(Reflector("").remote().credentials, random.Random(1), 0.0)
    check = parse_stun(client.tick(0.0)[0])
    client.receive(binding_error(check.transaction_id, 401), SOURCE, 0.1)
    assert client.refusals == [401]


def test_the_servers_checks_are_answered() -> None:
    client = IceAgent(Reflector("").remote().credentials, random.Random(1), 0.0)
    key = client.local.password.encode()
    good = client.receive(
        encode_stun(BINDING, MessageClass.REQUEST, bytes(12), (), key), SOURCE, 0.0
    )
    assert good is not None
    answer = parse_stun(good)
    assert answer.message_class is MessageClass.SUCCESS
    assert verify_integrity(answer, key)
    bad = client.receive(
        encode_stun(BINDING, MessageClass.REQUEST, bytes(12), (), b"guess"), SOURCE, 0.0
    )
    assert bad is not None
    assert parse_stun(bad).message_class is MessageClass.ERROR


def test_restart_goes_on_with_new_credentials() -> None:
    connection, _ = connected()
    before = connection.ice.local
    other = Reflector("")
    connection.ice.restart(other.remote().credentials, 10.0)
    assert connection.ice.local != before
    connection.tick(10.0)
    answers = other.receive(connection.out.pop(), 10.0)
    connection.receive(answers[0], SOURCE, 10.1)
    assert connection.ice.state is IceState.CONNECTED
    assert connection.connected


# ---- DTLS --------------------------------------------------------------------------------------


def test_both_ends_have_the_same_keys() -> None:
    connection, reflector = connected()
    assert connection.connected
    desk = Desk()
    assert connection.outbound is not None
    assert connection.outbound.profile is SrtpProfile.AES_128_GCM
    packet = bytes.fromhex("8060000100000000deadbeef") + b"payload"
    sent = desk.protect_rtp(packet, connection.outbound)
    assert sent is not None
    [back] = reflector.receive(sent, 0.0)
    assert reflector.rtp == [packet]
    assert connection.inbound is not None
    assert connection.receive(back, SOURCE, 0.0) is Protocol.RTP
    assert desk.unprotect_rtp(back, connection.inbound) == packet
    assert desk.unprotect_rtp(back, connection.inbound) is None


def test_a_server_with_another_certificate_is_refused() -> None:
    reflector = Reflector(IDENTITY.fingerprint)
    remote = reflector.remote()
    wrong = RemoteTransport(
        remote.credentials, remote.host, remote.port, (("sha-256", "00:" * 31 + "00"),)
    )
    connection = Connection(wrong, IDENTITY, random.Random(1), 0.0)
    exchange(reflector, connection.out, lambda one: connection.receive(one, SOURCE, 0.0), 0.0)
    assert not connection.connected
    assert connection.failure is not None
    assert "certificate" in connection.failure


def test_a_lost_flight_is_sent_again() -> None:
    reflector = Reflector(IDENTITY.fingerprint)
    connection = Connection(reflector.remote(), IDENTITY, random.Random(1), 0.0)
    for answer in reflector.receive(connection.out.pop(), 0.0):
        connection.receive(answer, SOURCE, 0.0)
    assert connection.out  # the hello, which is lost
    connection.out.clear()
    now = connection.dtls.due if connection.dtls else 0.0
    assert 0 < now <= 2
    assert connection.due <= now


def test_goodbye_reaches_the_server() -> None:
    connection, reflector = connected()
    connection.close()
    for datagram in connection.out:
        reflector.receive(datagram, 1.0)
    assert reflector.ended == "peer-closed"


def test_records_are_not_cut_in_two() -> None:
    record = b"\x16\xfe\xfd" + bytes(8) + (500).to_bytes(2, "big") + bytes(500)
    datagrams = into_datagrams(record * 5)
    assert [len(one) for one in datagrams] == [1026, 1026, 513]
    assert into_datagrams(b"") == []


# ---- parameters --------------------------------------------------------------------------------


def test_the_first_ipv4_candidate_is_used() -> None:
    remote = RemoteTransport.parse(
        {"usernameFragment": "u", "password": "p"},
        [
            {"protocol": "tcp", "ip": "192.0.2.9", "port": 1},
            {"protocol": "udp", "ip": "2001:db8::1", "port": 2},
            {"protocol": "udp", "address": "192.0.2.1", "ip": "192.0.2.1", "port": 3},
        ],
        {"fingerprints": [{"algorithm": "sha-256", "value": "AA"}]},
    )
    assert (remote.host, remote.port) == ("192.0.2.1", 3)


@pytest.mark.parametrize("candidates", [[], [{}], [{"protocol": "tcp", "ip": "::1", "port": 1}]])
def test_parameters_without_a_way_are_refused(candidates: list[dict[str, object]]) -> None:
    with pytest.raises(ValueError, match="no WebRTC transport"):
        RemoteTransport.parse(
            {"usernameFragment": "u", "password": "p"}, candidates, {"fingerprints": []}
        )
