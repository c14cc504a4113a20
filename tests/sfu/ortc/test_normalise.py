"""From what publishers say to what the server makes of it."""

import json
from typing import Any

import pytest

from sfu.ortc.codecs import CODECS
from sfu.ortc.encodings import Encoding
from sfu.ortc.errors import OrtcError
from sfu.ortc.normalise import ProducerParameters, normalise
from sfu.ortc.parameters import Kind, RtpParameters, decode_rtp_parameters
from sfu.wire.extensions import URIS, Extension
from tests.sfu.ortc.said import PUBLISHED, Published, published

MID, RID, REPAIRED = Extension.MID, Extension.RID, Extension.REPAIRED_RID


def read(body: dict[str, Any]) -> RtpParameters:
    return decode_rtp_parameters(json.dumps(body).encode())


def video(subtype: str = "VP8", **fields: object) -> dict[str, Any]:
    """The least that a video publisher can say, and more."""
    body = {
        "codecs": [{"mimeType": f"video/{subtype}", "payloadType": 96, "clockRate": 90_000}],
        "encodings": [{"ssrc": 1}],
    }
    return {**body, **fields}


def made(body: dict[str, Any], kind: Kind = "video") -> ProducerParameters:
    return normalise(kind, read(body))


def codec(subtype: str, payload_type: int, **parameters: object) -> dict[str, Any]:
    return {
        "mimeType": f"video/{subtype}",
        "payloadType": payload_type,
        "clockRate": 90_000,
        "parameters": parameters,
    }


def extensions(*wanted: Extension, first_id: int = 1) -> list[dict[str, Any]]:
    return [{"uri": URIS[one], "id": first_id + place} for place, one in enumerate(wanted)]


# ---- what browsers say ---------------------------------------------------------------------------

TYPES = {
    "vp8-simulcast": "simulcast",
    "h264-simulcast": "simulcast",
    "vp8-l1t3": "simulcast",
    "vp9-l3t3-key": "svc",
    "vp9-s3t3": "svc",
    "av1-l1t3": "svc",
    "av1-l3t3-key": "svc",
}


@pytest.mark.parametrize("said", PUBLISHED, ids=str)
def test_every_browser_can_publish(said: Published) -> None:
    producer = normalise(said.kind, said.parameters)
    first = said.body["codecs"][0]
    assert producer.kind == said.kind
    assert producer.codec.name == first["mimeType"].split("/")[1].lower()
    assert producer.producer_type == TYPES.get(said.name, "simple")
    assert producer.payload_types == {first["payloadType"]: producer.codec.payload_type}
    rtx = {one["payloadType"] for one in said.body["codecs"][1:]}
    assert producer.rtx_payload_types == dict.fromkeys(rtx, producer.codec.payload_type)
    assert bool(rtx) == (said.kind == "video")
    canonical = {one.payload_type: one.rtx_payload_type for one in CODECS}
    assert canonical[producer.codec.payload_type] == producer.codec.rtx_payload_type
    ids = {one["id"]: one["uri"] for one in said.body["headerExtensions"]}
    assert {number: URIS[one] for number, one in producer.extension_ids.items()} == ids
    assert producer.mid == said.body["mid"]
    assert producer.cname == said.body["rtcp"]["cname"]
    assert producer.msid == said.body["msid"]


@pytest.mark.parametrize("said", PUBLISHED, ids=str)
def test_encodings_of_browsers(said: Published) -> None:
    producer = normalise(said.kind, said.parameters)
    assert [
        (one.rid, one.ssrc, one.rtx_ssrc, one.scalability_mode) for one in producer.encodings
    ] == [
        (
            one.get("rid"),
            one.get("ssrc"),
            one.get("rtx", {}).get("ssrc"),
            one.get("scalabilityMode"),
        )
        for one in said.body["encodings"]
    ]
    if len(producer.encodings) > 1:
        assert all(one.ssrc is None and one.rtx_ssrc is None for one in producer.encodings)


def test_feedback_that_was_negotiated() -> None:
    camera = normalise("video", published("vp8").parameters)
    assert (camera.nack, camera.pli, camera.fir, camera.transport_cc) == (True,) * 4
    microphone = normalise("audio", published("opus").parameters)
    assert (microphone.nack, microphone.pli, microphone.fir) == (True, False, False)
    assert microphone.transport_cc
    firefox = normalise("audio", published("opus", "firefox").parameters)
    assert not firefox.nack
    assert not firefox.transport_cc


def test_media_in_place_of_closed_media_has_no_numbers_and_no_mid() -> None:
    producer = normalise("video", published("vp8-in-place").parameters)
    assert not producer.transport_cc
    assert Extension.MID not in producer.extension_ids.values()


def test_consumable_is_canonical() -> None:
    producer = normalise("video", published("vp8-simulcast").parameters)
    consumable = producer.consumable
    assert [(one.mime_type, one.payload_type) for one in consumable.codecs] == [
        ("video/VP8", 96),
        ("video/rtx", 97),
    ]
    assert consumable.codecs[1].parameters == {"apt": 96}
    assert [one.id for one in consumable.header_extensions] == [
        Extension.ABS_SEND_TIME,
        Extension.TRANSPORT_SEQUENCE,
        Extension.VIDEO_ORIENTATION,
        Extension.PLAYOUT_DELAY,
        Extension.DEPENDENCY_DESCRIPTOR,
    ]
    assert len(consumable.encodings) == 3
    assert all(one.ssrc is None and one.rid is None for one in consumable.encodings)
    assert consumable.mid is None


def test_consumable_has_only_what_packets_carry() -> None:
    producer = made(video(headerExtensions=extensions(Extension.PLAYOUT_DELAY, MID)))
    assert [one.id for one in producer.consumable.header_extensions] == [
        Extension.ABS_SEND_TIME,
        Extension.TRANSPORT_SEQUENCE,
        Extension.PLAYOUT_DELAY,
    ]


# ---- codecs --------------------------------------------------------------------------------------


def test_the_first_codec_is_what_is_sent() -> None:
    body = video(
        codecs=[
            codec("red", 100),
            codec("VP9", 98),
            codec("rtx", 99, apt=98),
            codec("VP8", 96),
            codec("rtx", 97, apt="96"),
            codec("H265", 101),
            codec("rtx", 103, apt=100),
        ]
    )
    producer = made(body)
    assert producer.codec.name == "vp9"
    assert producer.payload_types == {98: 98}
    assert producer.rtx_payload_types == {99: 98}


def test_encodings_name_their_codec() -> None:
    body = video(
        codecs=[codec("VP9", 98), codec("VP8", 120), codec("rtx", 121, apt=120)],
        encodings=[{"ssrc": 1, "codecPayloadType": 120}],
    )
    producer = made(body)
    assert producer.codec.name == "vp8"
    assert producer.payload_types == {120: 96}
    assert producer.rtx_payload_types == {121: 96}


def test_h264_keeps_the_publishers_level() -> None:
    said = codec(
        "H264", 100, **{"packetization-mode": 1, "profile-level-id": "42C034", "sprop": "x"}
    )
    producer = made(video(codecs=[said]))
    assert producer.codec.payload_type == 102
    assert producer.codec.parameters == {"packetization-mode": 1, "profile-level-id": "42c034"}


# ---- encodings -----------------------------------------------------------------------------------


def rids(*encodings: dict[str, Any]) -> dict[str, Any]:
    return video(encodings=list(encodings), headerExtensions=extensions(MID, RID, REPAIRED))


@pytest.mark.parametrize(
    ("encodings", "order"),
    [
        ([{"rid": "a"}, {"rid": "b"}], "ab"),
        (
            [
                {"rid": "a", "scaleResolutionDownBy": 1},
                {"rid": "b", "scaleResolutionDownBy": 4},
                {"rid": "c", "scaleResolutionDownBy": 2},
            ],
            "bca",
        ),
        ([{"rid": "a", "maxBitrate": 900_000}, {"rid": "b", "maxBitrate": 100_000}], "ba"),
        ([{"rid": "a", "maxBitrate": 900_000}, {"rid": "b"}], "ab"),
        ([{"rid": "a", "scaleResolutionDownBy": 1}, {"rid": "b"}], "ab"),
        (
            [
                {"rid": "a", "scaleResolutionDownBy": 2, "maxBitrate": 2},
                {"rid": "b", "scaleResolutionDownBy": 2, "maxBitrate": 1},
            ],
            "ba",
        ),
    ],
)
def test_the_lowest_comes_first(encodings: list[dict[str, Any]], order: str) -> None:
    assert "".join(one.rid or "" for one in made(rids(*encodings)).encodings) == order


def test_an_encoding_in_full() -> None:
    said = {
        "ssrc": 5,
        "rtx": {"ssrc": 6},
        "rid": "hi",
        "scalabilityMode": "L1T2",
        "maxBitrate": 1e6,
    }
    producer = made(video(encodings=[said]))
    assert producer.encodings == (Encoding("hi", 5, 6, "L1T2", 1_000_000),)
    assert producer.encodings[0].layers.temporal == 2


@pytest.mark.parametrize(
    ("subtype", "mode", "producer_type"),
    [
        ("VP8", None, "simple"),
        ("VP8", "", "simple"),
        ("VP8", "L1T1", "simple"),
        ("VP8", "L1T2", "simulcast"),
        ("H264", "L1T3", "simulcast"),
        ("VP9", "L1T1", "simple"),
        ("VP9", "L1T2", "svc"),
        ("VP9", "L2T1", "svc"),
        ("VP9", "L3T3_KEY", "svc"),
        ("VP9", "S3T3", "svc"),
        ("AV1", "L2T2_KEY_SHIFT", "svc"),
    ],
)
def test_what_subscribers_can_choose(subtype: str, mode: str | None, producer_type: str) -> None:
    body = video(subtype, encodings=[{"ssrc": 1, "scalabilityMode": mode}])
    assert made(body).producer_type == producer_type


def test_audio_has_no_scalability() -> None:
    body = {
        "codecs": [
            {"mimeType": "audio/opus", "payloadType": 63, "clockRate": 48_000, "channels": 2}
        ],
        "encodings": [{"ssrc": 1, "scalabilityMode": "nonsense"}],
    }
    producer = made(body, "audio")
    assert producer.producer_type == "simple"
    assert producer.encodings[0].scalability_mode is None
    assert producer.cname == ""


# ---- header extensions ---------------------------------------------------------------------------


def test_extensions_are_known_by_uri() -> None:
    producer = made(
        video(
            headerExtensions=[
                *extensions(MID, Extension.DEPENDENCY_DESCRIPTOR, first_id=13),
                {"uri": "urn:unknown", "id": 1},
                {"uri": URIS[RID], "id": 2, "encrypt": True},
                {"uri": URIS[Extension.AUDIO_LEVEL], "id": 3},
                {"uri": URIS[MID], "id": 255, "encrypt": False},
            ]
        )
    )
    assert producer.extension_ids == {13: MID, 14: Extension.DEPENDENCY_DESCRIPTOR, 255: MID}


def test_transport_cc_needs_its_numbers() -> None:
    said = video()
    said["codecs"][0]["rtcpFeedback"] = [{"type": "transport-cc"}]
    assert not made(said).transport_cc
    said["headerExtensions"] = extensions(Extension.TRANSPORT_SEQUENCE)
    assert made(said).transport_cc


def test_one_encoding_may_be_found_by_mid() -> None:
    producer = made(video(mid="0", encodings=[{"rid": "x"}], headerExtensions=extensions(MID)))
    assert producer.encodings == (Encoding(rid="x"),)


# ---- refusals ------------------------------------------------------------------------------------

VP8, VP9 = codec("VP8", 96), codec("VP9", 98)

INVALID: list[tuple[str, dict[str, Any]]] = [
    ("There is no codec", video(codecs=[])),
    ("There is no codec", video(codecs=[codec("red", 96), codec("ulpfec", 97)])),
    ("used twice", video(codecs=[VP8, codec("VP9", 96)])),
    ("repeats packets of no codec", video(codecs=[VP8, codec("rtx", 97, apt=98)])),
    ("repeats packets of no codec", video(codecs=[VP8, codec("rtx", 97)])),
    ("repeats packets of no codec", video(codecs=[VP8, codec("rtx", 97, apt="x")])),
    ("repeats packets of no codec", video(codecs=[VP8, codec("rtx", 97, apt=97)])),
    ("cannot be told from RTCP", video(codecs=[codec("VP8", 72)])),
    ("cannot be told from RTCP", video(codecs=[VP8, codec("rtx", 95, apt=96)])),
    ("is no video codec", video(codecs=[{**VP8, "mimeType": "audio/opus"}])),
    ("is no video codec", video(codecs=[{**VP8, "mimeType": "VP8"}])),
    ("no codec", video(codecs=[VP8], encodings=[{"ssrc": 1, "codecPayloadType": 97}])),
    ("There are no encodings", video(encodings=[])),
    ("neither an SSRC nor a rid", video(encodings=[{}])),
    ("neither an SSRC nor a rid", video(encodings=[{"ssrc": 1}, {"maxBitrate": 5}])),
    ("9 video encodings; 8", rids(*({"rid": str(n)} for n in range(9)))),
    ("SSRC is used twice", video(encodings=[{"ssrc": 1}, {"ssrc": 1}])),
    ("SSRC is used twice", video(encodings=[{"ssrc": 1, "rtx": {"ssrc": 1}}])),
    ("SSRC is used twice", video(encodings=[{"ssrc": 1, "rtx": {"ssrc": 2}}, {"ssrc": 2}])),
    ("same rid", rids({"rid": "a"}, {"rid": "a"})),
    ("A rid is", rids({"rid": "a b"})),
    ("A rid is", rids({"rid": ""})),
    ("A rid is", rids({"rid": "é"})),
    ("A rid is", rids({"rid": "x" * 33})),
    ("is not known", video(encodings=[{"ssrc": 1, "scalabilityMode": "L9T9"}])),
    ("no spatial layers", video(encodings=[{"ssrc": 1, "scalabilityMode": "L3T3"}])),
    (
        "no spatial layers of their own",
        video(
            "VP9",
            encodings=[
                {"ssrc": 1, "scalabilityMode": "L3T3"},
                {"ssrc": 2, "scalabilityMode": "L3T3"},
            ],
        ),
    ),
    ("need the header extension", video(encodings=[{"rid": "a"}])),
    (
        "need the header extension",
        video(encodings=[{"rid": "a"}, {"rid": "b"}], headerExtensions=extensions(MID)),
    ),
    (
        "id 1 is used twice",
        video(headerExtensions=[{"uri": "urn:a", "id": 1}, {"uri": "urn:b", "id": 1}]),
    ),
    ("mid", video(mid="a\r\nm=video")),
    ("mid", video(mid="")),
    ("CNAME", video(rtcp={"cname": "two words"})),
    ("CNAME", video(rtcp={"cname": "a\n"})),
    ("msid", video(msid="one two three")),
    ("msid", video(msid="a\r\na=b")),
]


@pytest.mark.parametrize(("why", "body"), INVALID)
def test_what_contradicts_itself_is_refused(why: str, body: dict[str, Any]) -> None:
    with pytest.raises(OrtcError, match=why) as refused:
        made(body)
    assert refused.value.code == "invalid-parameters"
    assert str(refused.value) == refused.value.message
    assert refused.value.message.endswith(".")


UNSUPPORTED: list[dict[str, Any]] = [
    video("H265"),
    video("x-evil\x00"),
    video(codecs=[codec("VP9", 98, **{"profile-id": 1})]),
    video(codecs=[codec("H264", 98, **{"profile-level-id": "4d001f"})]),
    video(codecs=[codec("AV1", 98, profile=2)]),
    video(
        codecs=[VP8, VP9],
        encodings=[{"ssrc": 1, "codecPayloadType": 96}, {"ssrc": 2, "codecPayloadType": 98}],
    ),
]


@pytest.mark.parametrize("body", UNSUPPORTED)
def test_what_is_not_forwarded_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(OrtcError) as refused:
        made(body)
    assert refused.value.code in ("unsupported-codec", "invalid-parameters")
    assert refused.value.message.isprintable()


def test_audio_has_one_encoding() -> None:
    body = dict(published("opus").body)
    body["encodings"] = [{"ssrc": 1}, {"ssrc": 2}]
    with pytest.raises(OrtcError, match="2 audio encodings; 1"):
        made(body, "audio")


def test_kind_has_to_be_right() -> None:
    with pytest.raises(OrtcError, match="video/VP8 is no audio codec"):
        normalise("audio", published("vp8").parameters)
