"""From a producer to what one receiver is sent."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from sfu.ortc.consume import ConsumerParameters, can_consume
from sfu.ortc.errors import OrtcError
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import (
    RtpCapabilities,
    RtpCodecCapability,
    decode_rtp_capabilities,
)
from sfu.wire.extensions import Extension
from tests.sfu.ortc.consuming import ROUTER, check, sent
from tests.sfu.ortc.said import (
    BROWSERS,
    PUBLISHED,
    Published,
    capabilities,
    published,
)
from tests.sfu.ortc.said import as_json as written


def receiver(*codecs: dict[str, Any], extensions: Sequence[object] = ()) -> RtpCapabilities:
    body = {"codecs": list(codecs), "headerExtensions": list(extensions)}
    return decode_rtp_capabilities(json.dumps(body).encode())


def without(capabilities: RtpCapabilities, mime_type: str) -> RtpCapabilities:
    kept = tuple(one for one in capabilities.codecs if one.mime_type != mime_type)
    return RtpCapabilities(codecs=kept, header_extensions=capabilities.header_extensions)


# ---- what browsers receive -----------------------------------------------------------------------


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize("said", PUBLISHED, ids=str)
def test_browsers_receive_each_other(said: Published, browser: str) -> None:
    theirs = capabilities(browser)
    producer = normalise(said.kind, said.parameters)
    told = [
        one for one in theirs.codecs if one.preferred_payload_type == producer.codec.payload_type
    ]
    if not told:
        assert not can_consume(producer, theirs)
        with pytest.raises(OrtcError) as refused:
            sent(said, theirs)
        assert refused.value.code == "cannot-consume"
        return
    assert can_consume(producer, theirs)
    consumer = sent(said, theirs)
    check(consumer, theirs)
    assert consumer.consumer_type == producer.producer_type
    if said.kind == "video":
        assert consumer.rtx_payload_type == consumer.payload_type + 1
        pairs = {feedback.pair for feedback in consumer.rtp_parameters.codecs[0].rtcp_feedback}
        assert pairs == {("nack", ""), ("nack", "pli"), ("ccm", "fir"), ("goog-remb", "")}
    else:
        assert consumer.rtx_payload_type is None


RECEIVED = [one for one in PUBLISHED if one.received is not None]


@pytest.mark.parametrize("said", RECEIVED, ids=str)
def test_what_chromium_made_of_it(said: Published) -> None:
    """It had accepted everything that is still said today."""
    told = sent(said, capabilities()).rtp_parameters
    assert said.received is not None
    section = said.received["section"].split("\r\n")
    assert section[0].split()[1] != "0", "refused"
    assert section[0].split()[3:] == [str(one.payload_type) for one in told.codecs]
    extmap = {line.split()[0].removeprefix("a=extmap:") for line in section if "extmap:" in line}
    assert extmap == {str(one.id) for one in told.header_extensions}
    feedback = {
        line.split(" ", 1)[1]
        for line in section
        if line.startswith(f"a=rtcp-fb:{told.codecs[0].payload_type} ")
    }
    # Chromium sends NACK for opus without saying so.
    expected = {" ".join(filter(None, one.pair)) for one in told.codecs[0].rtcp_feedback}
    assert feedback == (expected if said.kind == "video" else set())


def test_stereo_is_passed_on() -> None:
    told = sent(published("opus-options"), capabilities()).rtp_parameters
    assert told.codecs[0].parameters["sprop-stereo"] == 1


# ---- codecs --------------------------------------------------------------------------------------


def test_opus_keeps_nack() -> None:
    told = sent(published("opus"), capabilities()).rtp_parameters
    assert [one.pair for one in told.codecs[0].rtcp_feedback] == [("nack", "")]
    firefox = sent(published("opus"), capabilities("firefox")).rtp_parameters
    assert firefox.codecs[0].rtcp_feedback == ()


def test_retransmissions_need_a_receiver_that_knows_them() -> None:
    deaf = without(capabilities(), "video/rtx")
    consumer = sent(published("vp8"), deaf)
    check(consumer, deaf)
    assert consumer.rtx_payload_type is None


def test_retransmissions_need_an_ssrc() -> None:
    consumer = sent(published("vp8"), capabilities(), rtx_ssrc=None)
    check(consumer, capabilities())
    assert consumer.rtx_payload_type is None


VP8 = {"mimeType": "video/VP8", "clockRate": 90_000}
RTX = {"mimeType": "video/rtx", "clockRate": 90_000}


@pytest.mark.parametrize(
    ("codecs", "knows"),
    [
        ([VP8], False),
        ([VP8, {**RTX, "parameters": {"apt": 120}}], True),
        ([{**VP8, "preferredPayloadType": 120}, {**RTX, "parameters": {"apt": 120}}], True),
        ([{**VP8, "preferredPayloadType": 120}, {**RTX, "parameters": {"apt": "120"}}], True),
        ([{**VP8, "preferredPayloadType": 120}, {**RTX, "parameters": {"apt": 122}}], False),
        ([{**VP8, "preferredPayloadType": 120}, RTX], False),
        (
            [
                {**VP8, "preferredPayloadType": 120},
                {**VP8, "preferredPayloadType": 122},
                {**RTX, "parameters": {"apt": 122}},
            ],
            True,
        ),
        ([VP8, {**RTX, "mimeType": "audio/rtx"}], False),
        ([VP8, {**RTX, "clockRate": 8_000}], False),
    ],
)
def test_who_knows_retransmissions(codecs: list[dict[str, Any]], knows: bool) -> None:
    consumer = sent(published("vp8"), receiver(*codecs))
    assert (consumer.rtx_payload_type == 97) == knows
    assert consumer.payload_type == 96


def test_a_receivers_own_av1_level() -> None:
    theirs = receiver(
        {"mimeType": "video/AV1", "clockRate": 90_000, "parameters": {"level-idx": 3}}
    )
    told = sent(published("av1"), theirs).rtp_parameters
    assert told.codecs[0].parameters == {"level-idx": 3, "profile": 0, "tier": 0}


@pytest.mark.parametrize(
    ("codec", "can"),
    [
        ({"packetization-mode": 1, "profile-level-id": "42e01f"}, True),
        ({"packetization-mode": 1, "profile-level-id": "42c00a"}, True),
        ({"packetization-mode": 0, "profile-level-id": "42e01f"}, False),
        ({"packetization-mode": 1, "profile-level-id": "640c1f"}, False),
    ],
)
def test_h264_has_to_fit(codec: dict[str, Any], can: bool) -> None:
    theirs = receiver({"mimeType": "video/h264", "clockRate": 90_000, "parameters": codec})
    producer = normalise("video", published("h264").parameters)
    assert can_consume(producer, theirs) == can


def test_nobody_can_receive_with_nothing() -> None:
    with pytest.raises(OrtcError, match="cannot decode this video/VP8") as refused:
        sent(published("vp8"), receiver())
    assert refused.value.code == "cannot-consume"


# ---- header extensions ---------------------------------------------------------------------------


def ids(consumer: ConsumerParameters) -> list[int]:
    return [one.id for one in consumer.rtp_parameters.header_extensions]


def test_the_publishers_leg_is_not_passed_on() -> None:
    everything = RtpCapabilities(
        codecs=capabilities().codecs, header_extensions=ROUTER.header_extensions
    )
    assert ids(sent(published("vp8-simulcast"), everything)) == [
        Extension.ABS_SEND_TIME,
        Extension.VIDEO_ORIENTATION,
        Extension.PLAYOUT_DELAY,
        Extension.DEPENDENCY_DESCRIPTOR,
    ]
    assert ids(sent(published("opus"), everything)) == [
        Extension.ABS_SEND_TIME,
        Extension.AUDIO_LEVEL,
    ]


def test_kinds_of_a_receivers_extensions_do_not_matter() -> None:
    # Chromium's say that abs-send-time is for video alone.
    theirs = capabilities()
    assert {one.kind for one in theirs.header_extensions if one.preferred_id == 4} == {"video"}
    assert Extension.ABS_SEND_TIME in ids(sent(published("opus"), theirs))


def test_ids_have_to_be_canonical() -> None:
    uri = ROUTER.header_extensions[-1].uri
    for number, expected in [(9, [9]), (10, [])]:
        theirs = receiver(VP8, extensions=[{"kind": "video", "uri": uri, "preferredId": number}])
        assert ids(sent(published("vp8-simulcast"), theirs)) == expected


@pytest.mark.parametrize(
    ("direction", "known"),
    [
        (None, True),
        ("sendrecv", True),
        ("recvonly", True),
        ("sendonly", False),
        ("inactive", False),
    ],
)
def test_extensions_that_cannot_be_received(direction: str | None, known: bool) -> None:
    told = {**written(ROUTER.header_extensions[-1]), "direction": direction}
    theirs = receiver(VP8, extensions=[told])
    assert bool(ids(sent(published("vp8-simulcast"), theirs))) == known


# ---- feedback about what gets through ------------------------------------------------------------


def pairs(consumer: ConsumerParameters) -> set[tuple[str, str]]:
    return {one.pair for one in consumer.rtp_parameters.codecs[0].rtcp_feedback}


def test_transport_cc_in_place_of_an_estimate() -> None:
    for name in ("vp8", "opus"):
        consumer = sent(published(name), capabilities(), transport_cc=True)
        check(consumer, capabilities())
        assert ("transport-cc", "") in pairs(consumer)
        assert ("goog-remb", "") not in pairs(consumer)
        assert Extension.TRANSPORT_SEQUENCE in ids(consumer)


def test_an_estimate_where_transport_cc_is_not_known() -> None:
    kept = tuple(
        one
        for one in capabilities().header_extensions
        if one.preferred_id != Extension.TRANSPORT_SEQUENCE
    )
    theirs = RtpCapabilities(codecs=capabilities().codecs, header_extensions=kept)
    consumer = sent(published("vp8"), theirs, transport_cc=True)
    assert ("goog-remb", "") in pairs(consumer)
    assert ("transport-cc", "") not in pairs(consumer)


@pytest.mark.parametrize("browser", BROWSERS)
def test_feedback_is_about_all_packets_of_a_transport_or_none(browser: str) -> None:
    theirs = capabilities(browser)
    consumers = [sent(published(name), theirs, transport_cc=True) for name in ("vp8", "opus")]
    told = [("transport-cc", "") in pairs(one) for one in consumers]
    assert told == [Extension.TRANSPORT_SEQUENCE in ids(one) for one in consumers]
    assert told == [browser != "firefox"] * 2
    assert (("goog-remb", "") in pairs(consumers[0])) is (browser == "firefox")


def test_an_estimate_needs_send_times() -> None:
    theirs = RtpCapabilities(codecs=capabilities().codecs)
    assert pairs(sent(published("vp8"), theirs)) == {("nack", ""), ("nack", "pli"), ("ccm", "fir")}


# ---- encodings and names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mode", "bitrate"),
    [
        ("vp8", None, None),
        ("vp8-l1t3", "L1T3", 1_500_000),
        ("vp8-simulcast", "L3T3", 1_500_000),
        ("vp9-l3t3-key", "L3T3_KEY", 1_500_000),
        ("vp9-s3t3", "S3T3", 1_500_000),
        ("av1-l1t3", "L1T3", 1_500_000),
    ],
)
def test_one_encoding_for_all(name: str, mode: str | None, bitrate: int | None) -> None:
    encoding = sent(published(name), capabilities()).rtp_parameters.encodings[0]
    assert encoding.scalability_mode == mode
    assert encoding.max_bitrate == bitrate


def test_simulcast_without_modes_has_one_temporal_layer() -> None:
    told = sent(published("vp8-simulcast", "firefox"), capabilities()).rtp_parameters
    assert told.encodings[0].scalability_mode == "L3T1"


def test_streams_are_told_apart_even_without_a_name() -> None:
    # Chromium names none when it sends by rid.
    said = published("vp8-simulcast")
    assert said.body["rtcp"]["cname"] == ""
    told = sent(said, capabilities()).rtp_parameters
    assert told.rtcp.cname == "000003e9"
    assert told.msid == said.body["msid"]


def test_capability_reads_as_given() -> None:
    assert receiver(VP8).codecs == (RtpCodecCapability(mime_type="video/VP8", clock_rate=90_000),)
