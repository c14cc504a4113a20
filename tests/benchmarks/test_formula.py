import random

import pytest

from benchmarks import formula
from benchmarks.formula import Stream
from benchmarks.peers.synthetic.published import AudioTrack, VideoTrack
from sfu.transport.srtp import SrtpProfile

GCM = SrtpProfile.AES_128_GCM


def test_a_rate_counts_every_byte_on_the_wire() -> None:
    # 1000 bytes of RTP, a tag of 16, UDP and IPv4 28: fifty times a second.
    assert formula.wire_rate([Stream(50, 1000)], GCM) == 8 * 50 * (1000 + 16 + 28)
    hmac = formula.wire_rate([Stream(50, 1000)], SrtpProfile.AES_128_CM_SHA1_80)
    assert hmac == 8 * 50 * (1000 + 10 + 28)


def test_every_profile_has_its_tag() -> None:
    assert formula.TAG_BYTES.keys() == set(SrtpProfile)


def test_what_is_offered_is_what_tracks_make() -> None:
    rng = random.Random(1)
    camera = VideoTrack("0", rng, 0.0, 260_000, key_frame_weight=1)
    microphone = AudioTrack("1", rng, 0.0)
    pictures = [one for _ in range(30) for one in camera.frame(0.0, lambda: 0)]
    sounds = [one for _ in range(50) for one in microphone.frame(0.0, lambda: 0)]
    picture, sound = formula.offered(260_000)
    assert {len(one) for one in pictures} == {picture.rtp_bytes}
    assert len(pictures) == picture.per_second
    assert {len(one) for one in sounds} == {sound.rtp_bytes}
    assert len(sounds) == sound.per_second


@pytest.mark.parametrize(
    ("people", "mesh_up", "sfu_up", "down"),
    [(1, 0, 0, 0), (2, 1, 1, 1), (3, 2, 1, 2), (6, 5, 1, 5), (12, 11, 1, 11)],
)
def test_who_sends_and_receives_how_often(
    people: int, mesh_up: int, sfu_up: int, down: int
) -> None:
    assert formula.upload("mesh", people, 1.0) == mesh_up
    assert formula.upload("sfu", people, 1.0) == sfu_up
    assert formula.download(people, 1.0) == down


def test_connections() -> None:
    assert [formula.connections("mesh", people) for people in (2, 6)] == [1, 5]
    assert [formula.connections("sfu", people) for people in (2, 6)] == [2, 2]


def test_an_error_has_a_sign_and_needs_something_to_compare_with() -> None:
    assert formula.error(103, 100) == pytest.approx(3)
    assert formula.error(97, 100) == pytest.approx(-3)
    with pytest.raises(ValueError, match="nothing"):
        formula.error(1, 0)
