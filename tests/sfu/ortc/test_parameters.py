"""Reading what clients write."""

import json
from typing import Any

import pytest
from hypothesis import given

from sfu.ortc.errors import OrtcError
from sfu.ortc.json_body import MOST_BYTES
from sfu.ortc.parameters import (
    SctpStreamParameters,
    decode_rtp_capabilities,
    decode_rtp_parameters,
    decode_sctp_stream_parameters,
)
from tests.sfu.ortc.said import as_json, published
from tests.support.wire_values import ANYTHING

VP8 = {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90_000}

UNREADABLE: list[tuple[bytes, str]] = [
    (b"", "truncated"),
    (b"nonsense", "invalid character"),
    (b"[]", "Expected `object`"),
    (b'{"codecs": {}}', "Expected `array`"),
    (b"{}", "missing required field `codecs`"),
    (b'{"codecs": [], "mid": "\xff"}', "utf-8"),
    (b'{"codecs": [], "mid": "\\ud800"}', "cannot be read"),
    (b'{"codecs": [], "other": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "recursion"),
    (b'{"codecs": [], "other": "' + b"x" * MOST_BYTES + b'"}', "exceed 65536 bytes"),
    (json.dumps({"codecs": [VP8] * 129}).encode(), "129|128"),
    (json.dumps({"codecs": [{**VP8, "payloadType": 128}]}).encode(), "<= 127"),
    (json.dumps({"codecs": [{**VP8, "clockRate": 0}]}).encode(), ">= 1"),
    (json.dumps({"codecs": [{**VP8, "mimeType": "x" * 257}]}).encode(), "256"),
    (json.dumps({"codecs": [{**VP8, "parameters": {"a": []}}]}).encode(), "Expected"),
    (json.dumps({"codecs": [], "encodings": [{"ssrc": 2**32}]}).encode(), "ssrc"),
    (json.dumps({"codecs": [], "encodings": [{"ssrc": 0}]}).encode(), "ssrc"),
    (json.dumps({"codecs": [], "headerExtensions": [{"uri": "", "id": 0}]}).encode(), "id"),
]


@pytest.mark.parametrize(("raw", "why"), UNREADABLE)
def test_what_cannot_be_read_is_refused_with_a_reason(raw: bytes, why: str) -> None:
    with pytest.raises(OrtcError, match=why) as refused:
        decode_rtp_parameters(raw)
    assert refused.value.code == "invalid-parameters"
    assert refused.value.message.startswith("The RTP parameters ")
    assert refused.value.message.endswith(".")


def test_what_is_not_known_is_passed_over() -> None:
    said = {**published("vp8").body, "future": {"deep": [1, {}]}}
    assert decode_rtp_parameters(json.dumps(said).encode()) == published("vp8").parameters


def test_null_means_left_out() -> None:
    said = {
        "mid": None,
        "codecs": [{**VP8, "channels": None, "parameters": {"a": None}}],
        "encodings": [{"ssrc": 1, "rid": None, "rtx": None, "scalabilityMode": None}],
        "msid": None,
    }
    read = decode_rtp_parameters(json.dumps(said).encode())
    assert read.mid is None
    assert read.encodings[0].rid is None
    assert as_json(read)["encodings"] == [{"ssrc": 1}]


@given(ANYTHING)
def test_any_json_is_read_or_refused(body: object) -> None:
    raw = json.dumps(body).encode()
    for decode in (decode_rtp_parameters, decode_rtp_capabilities, decode_sctp_stream_parameters):
        try:
            decode(raw)
        except OrtcError as error:
            assert error.code == "invalid-parameters"


STREAMS: list[tuple[dict[str, Any], SctpStreamParameters]] = [
    ({"streamId": 0}, SctpStreamParameters(stream_id=0)),
    ({"streamId": 7, "ordered": True}, SctpStreamParameters(stream_id=7)),
    ({"streamId": 7, "ordered": False}, SctpStreamParameters(stream_id=7, ordered=False)),
    (
        {"streamId": 7, "maxRetransmits": 0, "label": "chat"},
        SctpStreamParameters(stream_id=7, ordered=False, max_retransmits=0, label="chat"),
    ),
    (
        {"streamId": 7, "maxPacketLifeTime": 300, "protocol": "p"},
        SctpStreamParameters(stream_id=7, ordered=False, max_packet_life_time=300, protocol="p"),
    ),
]


@pytest.mark.parametrize(("said", "read"), STREAMS)
def test_data_channel(said: dict[str, Any], read: SctpStreamParameters) -> None:
    assert decode_sctp_stream_parameters(json.dumps(said).encode()) == read


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"streamId": -1},
        {"streamId": 65_535},
        {"streamId": "1"},
        {"streamId": 1, "maxRetransmits": 1, "maxPacketLifeTime": 1},
        {"streamId": 1, "ordered": True, "maxRetransmits": 1},
        {"streamId": 1, "maxRetransmits": -1},
        {"streamId": 1, "label": "x" * 257},
    ],
)
def test_data_channel_that_cannot_be(said: dict[str, Any]) -> None:
    with pytest.raises(OrtcError):
        decode_sctp_stream_parameters(json.dumps(said).encode())
