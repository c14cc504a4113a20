"""What a router says that it can do."""

import json

import msgspec

from sfu.ortc.capabilities import router_capabilities
from sfu.ortc.codecs import CODECS
from sfu.ortc.parameters import decode_rtp_capabilities
from sfu.wire.extensions import URIS, Extension
from tests.sfu.ortc.said import as_json

ROUTER = router_capabilities()


def test_payload_types_are_distinct_and_dynamic() -> None:
    numbers = [one.preferred_payload_type for one in ROUTER.codecs]
    assert len(set(numbers)) == len(numbers)
    # 127 is what clients of this family probe with.
    assert all(number is not None and 96 <= number < 127 for number in numbers)


def test_every_video_codec_is_followed_by_its_retransmissions() -> None:
    codecs = list(ROUTER.codecs)
    for place, one in enumerate(codecs):
        if one.kind == "video" and one.mime_type != "video/rtx":
            rtx = codecs[place + 1]
            assert (rtx.mime_type, rtx.clock_rate) == ("video/rtx", 90_000)
            assert rtx.parameters == {"apt": one.preferred_payload_type}


def test_codecs() -> None:
    told = [
        (one.mime_type, one.parameters.get("profile-id", one.parameters.get("profile-level-id")))
        for one in ROUTER.codecs
        if one.mime_type != "video/rtx"
    ]
    assert told == [
        ("audio/opus", None),
        ("video/VP8", None),
        ("video/VP9", 0),
        ("video/VP9", 2),
        ("video/H264", "42e01f"),
        ("video/H264", "42e01f"),
        ("video/H264", "64001f"),
        ("video/H264", "640c1f"),
        ("video/AV1", None),
    ]
    modes = [c.parameters["packetization-mode"] for c in CODECS if c.name == "h264"]
    assert modes == [1, 0, 1, 1]


def test_feedback() -> None:
    for one in ROUTER.codecs:
        pairs = {feedback.pair for feedback in one.rtcp_feedback}
        if one.mime_type == "video/rtx":
            assert pairs == set()
        elif one.kind == "video":
            assert pairs >= {("nack", ""), ("nack", "pli"), ("ccm", "fir"), ("transport-cc", "")}
        else:
            assert pairs == {("nack", ""), ("transport-cc", "")}


def test_extension_ids_are_the_canonical_ones() -> None:
    told = {(one.kind, one.uri): one for one in ROUTER.header_extensions}
    assert len(told) == len(ROUTER.header_extensions)
    for one in told.values():
        assert one.uri == URIS[Extension(one.preferred_id)]
    assert {one.preferred_id for one in told.values()} == {one.value for one in Extension}
    audio = {one.preferred_id for one in told.values() if one.kind == "audio"}
    assert audio == {
        Extension.MID,
        Extension.ABS_SEND_TIME,
        Extension.TRANSPORT_SEQUENCE,
        Extension.AUDIO_LEVEL,
    }


def test_what_names_the_publishers_leg_is_only_received() -> None:
    received = {one.preferred_id for one in ROUTER.header_extensions if one.direction == "recvonly"}
    assert received == {Extension.MID, Extension.RID, Extension.REPAIRED_RID}


def test_lists_are_written_even_when_empty() -> None:
    written = as_json(ROUTER)
    assert all({"rtcpFeedback", "parameters", "kind"} <= one.keys() for one in written["codecs"])
    assert all("channels" not in one for one in written["codecs"] if one["kind"] == "video")


def test_reads_what_it_writes() -> None:
    assert decode_rtp_capabilities(msgspec.json.encode(ROUTER)) == ROUTER
    assert json.loads(msgspec.json.encode(ROUTER))["codecs"][0]["preferredPayloadType"] == 111
