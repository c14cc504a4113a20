"""How transports are connected, as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given

from sfu.ortc.errors import OrtcError
from sfu.ortc.transport_parameters import (
    DtlsFingerprint,
    DtlsParameters,
    IceCandidate,
    IceParameters,
    SctpParameters,
    decode_dtls_parameters,
)
from tests.sfu.ortc.said import FOLDER, as_json
from tests.support.wire_values import ANYTHING

SHA_256 = {"algorithm": "sha-256", "value": ":".join(["ab"] * 32)}


def decode(said: object) -> DtlsParameters:
    return decode_dtls_parameters(json.dumps(said).encode())


def test_what_the_server_says() -> None:
    assert as_json(IceParameters(username_fragment="u", password="p", ice_lite=True)) == {
        "usernameFragment": "u",
        "password": "p",
        "iceLite": True,
    }
    candidate = IceCandidate(
        foundation="host0",
        priority=1,
        ip="127.0.0.1",
        address="127.0.0.1",
        protocol="udp",
        port=4,
        type="host",
    )
    assert as_json(candidate) == {
        "foundation": "host0",
        "priority": 1,
        "ip": "127.0.0.1",
        "address": "127.0.0.1",
        "protocol": "udp",
        "port": 4,
        "type": "host",
    }
    sctp = SctpParameters(
        port=5000,
        streams_out=1024,
        streams_in=1024,
        max_message_size=262_144,
        max_send_message_size=262_144,
        max_receive_message_size=262_144,
    )
    assert as_json(sctp) == {
        "port": 5000,
        "OS": 1024,
        "MIS": 1024,
        "maxMessageSize": 262_144,
        "maxSendMessageSize": 262_144,
        "maxReceiveMessageSize": 262_144,
    }
    dtls = DtlsParameters(fingerprints=(DtlsFingerprint(algorithm="sha-256", value="AB"),))
    assert as_json(dtls) == {
        "role": "auto",
        "fingerprints": [{"algorithm": "sha-256", "value": "AB"}],
    }


def test_what_chromium_says() -> None:
    said = json.loads((FOLDER / "chromium" / "capabilities.json").read_text())["dtlsParameters"]
    read = decode(said)
    assert read.role == "client"
    assert [one.algorithm for one in read.fingerprints] == ["sha-256"]


def test_fingerprints_are_read_in_one_way() -> None:
    read = decode({"fingerprints": [{**SHA_256, "algorithm": "SHA-256"}], "future": 1})
    assert read.role == "auto"
    assert read.fingerprints == (DtlsFingerprint(algorithm="sha-256", value=":".join(["AB"] * 32)),)


def test_unknown_hash_functions_are_passed_over() -> None:
    read = decode({"fingerprints": [{"algorithm": "sha3-256", "value": "?"}, SHA_256]})
    assert len(read.fingerprints) == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "missing required field"),
    ({"fingerprints": []}, "no DTLS fingerprint"),
    ({"fingerprints": [{"algorithm": "md5", "value": "00"}]}, "no DTLS fingerprint"),
    ({"fingerprints": [{**SHA_256, "value": "AB"}]}, "32 pairs"),
    ({"fingerprints": [{**SHA_256, "value": SHA_256["value"] + "\n"}]}, "32 pairs"),
    ({"fingerprints": [{**SHA_256, "value": "xy:" * 31 + "xy"}]}, "32 pairs"),
    ({"role": "server", "fingerprints": [SHA_256]}, "DTLS client"),
    ({"role": "both", "fingerprints": [SHA_256]}, "cannot be read"),
    ({"fingerprints": [SHA_256] * 17}, "cannot be read"),
]


@pytest.mark.parametrize(("said", "why"), REFUSED)
def test_refused(said: dict[str, Any], why: str) -> None:
    with pytest.raises(OrtcError, match=why) as refused:
        decode(said)
    assert refused.value.code == "invalid-parameters"


@given(ANYTHING)
def test_any_json_is_read_or_refused(body: object) -> None:
    try:
        decode(body)
    except OrtcError as error:
        assert error.message
