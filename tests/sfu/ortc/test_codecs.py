"""When two descriptions mean the same codec."""

from typing import Any

import pytest

from sfu.ortc.codecs import CODECS, Codec, as_sent, canonical, matches, number, profile_level_id
from sfu.ortc.parameters import CodecDescription, Scalar


def described(mime_type: str, clock_rate: int = 90_000, **parameters: Scalar) -> CodecDescription:
    renamed = {name.replace("_", "-"): value for name, value in parameters.items()}
    channels = 2 if mime_type.lower().startswith("audio") else None
    return CodecDescription(
        mime_type=mime_type, clock_rate=clock_rate, channels=channels, parameters=renamed
    )


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: str(codec.payload_type))
def test_a_codec_means_itself_and_no_other(codec: Codec) -> None:
    own = CodecDescription(
        mime_type=codec.mime_type.upper(),
        clock_rate=codec.clock_rate,
        channels=codec.channels,
        parameters=codec.parameters,
    )
    assert [one for one in CODECS if matches(one, own)] == [codec]


MEANT: list[tuple[CodecDescription, int | None]] = [
    (described("audio/OPUS", 48_000, stereo=1), 111),
    (described("video/vp8"), 96),
    (described("video/VP8", max_fr=60, max_fs=12288), 96),
    (described("video/VP8", 48_000), None),
    (described("video/VP9"), 98),
    (described("video/VP9", profile_id=0), 98),
    (described("video/VP9", profile_id="2"), 100),
    (described("video/VP9", profile_id=2.0), 100),
    (described("video/VP9", profile_id=1), None),
    (described("video/VP9", profile_id="two"), None),
    (described("video/VP9", profile_id=-2), None),
    (described("video/H264", packetization_mode=1, profile_level_id="42e01f"), 102),
    (described("video/H264", packetization_mode=1, profile_level_id="42C034"), 102),
    (described("video/H264", packetization_mode=1), 102),
    (described("video/H264", profile_level_id="42e01f"), 104),
    (described("video/H264"), 104),
    (described("video/H264", packetization_mode=1, profile_level_id=640032), 106),
    (described("video/H264", packetization_mode=1, profile_level_id="640c1f"), 108),
    (described("video/H264", packetization_mode=0, profile_level_id="640c1f"), None),
    (described("video/H264", packetization_mode=2, profile_level_id="42e01f"), None),
    (described("video/H264", packetization_mode=1, profile_level_id="4d001f"), None),
    (described("video/H264", packetization_mode=1, profile_level_id="42e0"), None),
    (described("video/H264", packetization_mode=1, profile_level_id=True), None),
    (described("video/H264", packetization_mode=1, profile_level_id=4.5), None),
    (described("video/AV1"), 112),
    (described("video/AV1", level_idx=8, profile=0, tier=0), 112),
    (described("video/AV1", profile=1), None),
    (described("video/AV1", tier=1), None),
    (described("video/H265"), None),
    (described("video/rtx", apt=96), None),
    (described("audio/VP8"), None),
    (described("video"), None),
    (described(""), None),
]


@pytest.mark.parametrize(("description", "payload_type"), MEANT)
def test_what_is_meant(description: CodecDescription, payload_type: int | None) -> None:
    found = canonical(description)
    assert (found and found.payload_type) == payload_type


@pytest.mark.parametrize("channels", [None, 1, 6])
def test_opus_has_two_channels(channels: int | None) -> None:
    assert (
        canonical(CodecDescription(mime_type="audio/opus", clock_rate=48_000, channels=channels))
        is None
    )


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, 7),
        (3, 3),
        (3.0, 3),
        ("3", 3),
        (True, 1),
        (3.5, None),
        (-1, None),
        ("", None),
        ("-1", None),
        ("٣", None),
        ("9" * 30, None),
        (10**30, None),
        (1e300, None),
    ],
)
def test_number(value: Scalar, read: int | None) -> None:
    assert number({"n": value}, "n", 7) == read


def test_profile_level_id_in_every_way_it_is_written() -> None:
    assert profile_level_id({}) == "42e01f"
    assert profile_level_id({"profile-level-id": "42E01F"}) == "42e01f"
    assert profile_level_id({"profile-level-id": 640032}) == "640032"
    assert profile_level_id({"profile-level-id": 42}) == "000042"


TOLD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "audio/opus",
        {"useinbandfec": "1", "sprop-stereo": 1, "maxplaybackrate": 48000, "stereo": 1},
        {"useinbandfec": 1, "sprop-stereo": 1},
    ),
    ("video/VP8", {"max-fr": 60, "x-google-start-bitrate": 1000}, {}),
    ("video/VP9", {"profile-id": "0", "max-fs": 1}, {"profile-id": 0}),
    (
        "video/H264",
        {"packetization-mode": 1, "profile-level-id": "42E01F", "sprop-parameter-sets": "Z0I="},
        {"packetization-mode": 1, "profile-level-id": "42e01f"},
    ),
    ("video/AV1", {"level-idx": 8, "a=b\r\nm=video": 1}, {"level-idx": 8}),
    ("audio/opus", {"useinbandfec": "1\r\na=evil", "ptime": -3}, {}),
]


@pytest.mark.parametrize(("mime_type", "given", "told"), TOLD)
def test_others_are_told_of_the_stream_and_nothing_else(
    mime_type: str, given: dict[str, Any], told: dict[str, Any]
) -> None:
    audio = mime_type == "audio/opus"
    description = CodecDescription(
        mime_type=mime_type,
        clock_rate=48_000 if audio else 90_000,
        channels=2 if audio else None,
        parameters=given,
    )
    found = canonical(description)
    assert found is not None
    assert as_sent(found, description).parameters == told
