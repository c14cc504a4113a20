import itertools
import random

import msgspec
import pytest

from benchmarks.peers.synthetic import ortc
from benchmarks.peers.synthetic.published import (
    EXTENSION_IDS,
    OPUS,
    VP8,
    VP8_RTX,
    AudioTrack,
    FrameShape,
    Track,
    VideoTrack,
)
from benchmarks.peers.synthetic.stamp import encode_stamp, read_stamp
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import decode_rtp_parameters
from sfu.wire.extensions import Extension, parse_audio_level, parse_elements
from sfu.wire.rtp import RtpPacket, parse_rtp
from sfu.wire.vp8 import parse_vp8


def frames(track: Track, count: int, start: float = 10.0) -> list[list[RtpPacket]]:
    track.due = start
    numbers = iter(range(1, 1 << 16))
    made = []
    for _ in range(count):
        packets = track.frame(track.due, lambda: next(numbers))
        made.append([parse_rtp(packet) for packet in packets])
    return made


def extensions(packet: RtpPacket) -> dict[int, bytes]:
    assert packet.extension_profile is not None
    elements = parse_elements(packet.extension_profile, packet.extension)
    return {element.id: element.data for element in elements}


def test_video_begins_with_a_key_frame_and_numbers_its_pictures() -> None:
    track = VideoTrack("0", random.Random(1), 0.0, 600_000)
    made = frames(track, 10)
    first = [parse_vp8(packets[0].payload) for packets in made]
    assert [one.key_frame for one in first] == [True] + [False] * 9
    assert all(one.starts_frame for one in first)
    ids = [one.picture_id for one in first]
    assert ids == [(ids[0] or 0) + place & 0x7FFF for place in range(10)]
    for packets in made:
        assert [packet.marker for packet in packets] == [False] * (len(packets) - 1) + [True]
        assert len({packet.timestamp for packet in packets}) == 1
        assert not any(parse_vp8(packet.payload).starts_frame for packet in packets[1:])
    steps = {(b[0].timestamp - a[0].timestamp) & 0xFFFFFFFF for a, b in itertools.pairwise(made)}
    assert steps == {3000}
    numbers = [packet.sequence_number for packets in made for packet in packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_request_makes_the_next_frame_a_key_frame() -> None:
    track = VideoTrack("0", random.Random(1), 0.0, 600_000)
    frames(track, 3)
    track.want_key_frame(track.streams[0].ssrc)
    assert track.key_frames == [1]
    later = frames(track, 2, 11.0)
    assert [parse_vp8(packets[0].payload).key_frame for packets in later] == [True, False]
    track.want_key_frame(12345)
    assert not parse_vp8(frames(track, 1, 12.0)[0][0].payload).key_frame


@pytest.mark.parametrize("rate", [100_000, 600_000, 1_200_000, 2_500_000])
def test_the_rate_is_kept(rate: float) -> None:
    track = VideoTrack("0", random.Random(1), 0.0, rate, key_frame_weight=1)
    numbers = iter(range(1 << 16))
    track.due = 0.0
    sizes = [len(one) for _ in range(30) for one in track.frame(track.due, lambda: next(numbers))]
    assert 8 * sum(sizes) == pytest.approx(rate, rel=0.01)
    assert max(sizes) <= 1100


def test_whole_packets_are_as_long_as_the_floors() -> None:
    shape = FrameShape.of_whole_packets(600_000)
    assert (shape.packets, shape.packet_bytes) == (2, 1100)
    track = VideoTrack("0", random.Random(1), 0.0, shape=shape)
    numbers = iter(range(100))
    assert {len(one) for one in track.frame(0.0, lambda: next(numbers))} == {1100}


def test_extensions_have_a_browsers_ids() -> None:
    [packets] = frames(VideoTrack("7", random.Random(1), 0.0, rids=("r0", "r1")), 1)
    for packet in packets:
        found = extensions(packet)
        assert found[EXTENSION_IDS[Extension.MID]] == b"7"
        assert found[EXTENSION_IDS[Extension.RID]] in (b"r0", b"r1")
    sent = [extensions(one)[EXTENSION_IDS[Extension.TRANSPORT_SEQUENCE]] for one in packets]
    assert [int.from_bytes(one, "big") for one in sent] == list(range(1, len(packets) + 1))


def test_audio_has_fifty_packets_a_second_and_a_level() -> None:
    track = AudioTrack("0", random.Random(1), 0.0)
    made = [packets[0] for packets in frames(track, 50)]
    assert track.due == pytest.approx(11.0)
    assert {packet.payload_type for packet in made} == {OPUS}
    assert (made[1].timestamp - made[0].timestamp) & 0xFFFFFFFF == 960
    level = parse_audio_level(extensions(made[0])[EXTENSION_IDS[Extension.AUDIO_LEVEL]])
    assert (level.voice, level.level) == (True, 40)


def test_retransmissions_carry_the_original() -> None:
    track = VideoTrack("0", random.Random(1), 0.0, rids=("r0",))
    [packets] = frames(track, 1)
    stream, original = track.streams[0], packets[1]
    again = stream.retransmission(original.sequence_number, 10.5, 77)
    assert again is not None
    packet = parse_rtp(again)
    assert (packet.payload_type, packet.ssrc) == (VP8_RTX, stream.rtx_ssrc)
    assert packet.payload == original.sequence_number.to_bytes(2, "big") + original.payload
    found = extensions(packet)
    assert found[EXTENSION_IDS[Extension.REPAIRED_RID]] == b"r0"
    assert EXTENSION_IDS[Extension.RID] not in found
    assert found[EXTENSION_IDS[Extension.TRANSPORT_SEQUENCE]] == b"\x00\x4d"
    assert stream.retransmission(original.sequence_number - 9, 10.5, 78) is None
    second = stream.retransmission(original.sequence_number, 10.6, 79)
    assert second is not None
    assert parse_rtp(second).sequence_number == packet.sequence_number + 1 & 0xFFFF


def test_sound_is_sent_again_as_it_was() -> None:
    track = AudioTrack("0", random.Random(1), 0.0)
    packet = track.frame(0.0, lambda: 1)[0]
    number = parse_rtp(packet).sequence_number
    assert track.streams[0].retransmission(number, 1.0, 2) == packet
    assert track.streams[0].retransmitted == 1


def test_stamps_tell_source_number_and_time() -> None:
    track = VideoTrack("0", random.Random(1), 0.0)
    [packets] = frames(track, 1, 12.5)
    stamps = [read_stamp(packet.payload) for packet in packets]
    assert [stamp and stamp.number for stamp in stamps] == list(range(len(packets)))
    assert {stamp and stamp.source for stamp in stamps} == {track.streams[0].ssrc}
    assert {stamp and stamp.sent for stamp in stamps} == {12.5}
    assert read_stamp(b"short") is None
    assert read_stamp(bytes(40)) is None
    assert read_stamp(b"head" + encode_stamp(1, 2, 3.0)) == (1, 2, 3.0)


@pytest.mark.parametrize("rids", [(), ("r0", "r1", "r2")])
def test_the_server_understands_the_parameters(rids: tuple[str, ...]) -> None:
    track = VideoTrack("0", random.Random(1), 0.0, rids=rids)
    body = msgspec.json.encode(ortc.rtp_parameters(track, "cname"))
    parameters = normalise("video", decode_rtp_parameters(body))
    assert parameters.payload_types.keys() == {VP8}
    assert parameters.rtx_payload_types.keys() == {VP8_RTX}
    assert [encoding.rid for encoding in parameters.encodings] == list(rids or [None])
    assert parameters.producer_type == ("simulcast" if rids else "simple")
    sound = AudioTrack("1", random.Random(1), 0.0)
    body = msgspec.json.encode(ortc.rtp_parameters(sound, "cname"))
    assert normalise("audio", decode_rtp_parameters(body)).codec.name.lower() == "opus"
