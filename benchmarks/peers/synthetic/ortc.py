"""The ORTC that a browser's client would send for what a synthetic peer does."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.peers.synthetic.published import (
    EXTENSION_IDS,
    OPUS,
    VP8,
    VP8_RTX,
    Track,
)
from sfu.wire.extensions import URIS, Extension

Json = dict[str, Any]

_VIDEO_FEEDBACK: Final[list[Json]] = [
    {"type": "goog-remb", "parameter": ""},
    {"type": "transport-cc", "parameter": ""},
    {"type": "ccm", "parameter": "fir"},
    {"type": "nack", "parameter": ""},
    {"type": "nack", "parameter": "pli"},
]
_AUDIO_FEEDBACK: Final[list[Json]] = [
    {"type": "transport-cc", "parameter": ""},
    {"type": "nack", "parameter": ""},
]


def dtls_parameters(fingerprint: str) -> Json:
    """Of a client with this SHA-256 fingerprint."""
    return {
        "role": "client",
        "fingerprints": [{"algorithm": "sha-256", "value": fingerprint}],
    }


def rtp_parameters(track: Track, cname: str) -> Json:
    """What ``produce`` says of a track.

    As Chromium's client does, simulcast encodings are named by their rids and not by SSRC.
    """
    audio = track.kind == "audio"
    return {
        "mid": track.mid,
        "codecs": _audio_codecs() if audio else _video_codecs(),
        "headerExtensions": _extensions(
            (Extension.MID, Extension.ABS_SEND_TIME, Extension.TRANSPORT_SEQUENCE)
            + ((Extension.AUDIO_LEVEL,) if audio else (Extension.RID, Extension.REPAIRED_RID))
        ),
        "encodings": [_encoding(track, place) for place in range(len(track.streams))],
        "rtcp": {"cname": cname, "reducedSize": True},
    }


def rtp_capabilities(router: Json) -> Json:
    """What ``consume`` says: we receive all that the router can send."""
    return router


def _audio_codecs() -> list[Json]:
    return [
        {
            "mimeType": "audio/opus",
            "payloadType": OPUS,
            "clockRate": 48_000,
            "channels": 2,
            "parameters": {"minptime": 10, "useinbandfec": 1},
            "rtcpFeedback": _AUDIO_FEEDBACK,
        }
    ]


def _video_codecs() -> list[Json]:
    return [
        {
            "mimeType": "video/VP8",
            "payloadType": VP8,
            "clockRate": 90_000,
            "parameters": {},
            "rtcpFeedback": _VIDEO_FEEDBACK,
        },
        {
            "mimeType": "video/rtx",
            "payloadType": VP8_RTX,
            "clockRate": 90_000,
            "parameters": {"apt": VP8},
            "rtcpFeedback": [],
        },
    ]


def _extensions(wanted: Sequence[Extension]) -> list[Json]:
    return [
        {"uri": URIS[one], "id": EXTENSION_IDS[one], "encrypt": False, "parameters": {}}
        for one in wanted
    ]


def _encoding(track: Track, place: int) -> Json:
    stream = track.streams[place]
    if stream.parameters.rid is not None:
        return {"rid": stream.parameters.rid, "dtx": False, "scalabilityMode": "L1T1"}
    if stream.parameters.rtx_payload_type is None:
        return {"ssrc": stream.ssrc, "dtx": False}
    return {"ssrc": stream.ssrc, "rtx": {"ssrc": stream.rtx_ssrc}, "dtx": False}
