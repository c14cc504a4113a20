import random

from benchmarks.peers.synthetic.media import Media
from benchmarks.peers.synthetic.published import VP8, VP8_RTX, VideoTrack
from benchmarks.peers.synthetic.received import ReceivedStream
from sfu.wire.rtcp import SourceDescription, encode_rtcp, parse_rtcp
from sfu.wire.rtcp_feedback import FullIntraRequest, Nack, PictureLossIndication
from sfu.wire.rtcp_reports import ReceiverReport, SenderReport
from sfu.wire.rtp import parse_rtp


def pair() -> tuple[Media, Media, VideoTrack, ReceivedStream]:
    """A sender and a receiver of its stream."""
    sender, receiver = Media("sender", 0.0), Media("receiver", 0.0)
    track = VideoTrack("0", random.Random(1), 0.0)
    sender.publishing.add(track)
    one = track.streams[0]
    stream = ReceivedStream(one.ssrc, VP8, 90_000, rtx_ssrc=one.rtx_ssrc, rtx_payload_type=VP8_RTX)
    receiver.receiving.add(stream)
    return sender, receiver, track, stream


def test_everything_that_is_sent_is_counted() -> None:
    sender, receiver, track, stream = pair()
    for packet in sender.publishing.frames(1.0):
        receiver.receiving.receive(packet, 1.002)
    assert stream.received == track.streams[0].sent > 60
    assert (stream.log.lost, stream.corrupt, stream.picture_gaps) == (0, 0, 0)
    assert stream.key_frames == 1
    assert 0.0019 < stream.latencies.percentile(99) < 0.0021
    assert receiver.receiving.strays == 0
    receiver.receiving.remove(stream)
    receiver.receiving.receive(track.frame(2.0, lambda: 1)[0], 2.0)
    assert receiver.receiving.strays == 1


def test_losses_are_asked_for_and_come_again() -> None:
    sender, receiver, _, stream = pair()
    for place, packet in enumerate(sender.publishing.frames(0.5)):
        if place not in (5, 6, 20):
            receiver.receiving.receive(packet, 0.5)
    assert stream.log.lost == 3
    [compound] = receiver.asked_again(0.5)
    [nack] = parse_rtcp(compound)
    assert isinstance(nack, Nack)
    again = sender.receive_rtcp(compound, 0.51)
    assert len(again) == 3
    for packet in again:
        receiver.receiving.receive(packet, 0.52)
    assert (stream.log.lost, stream.recovered, stream.corrupt) == (0, 3, 0)
    assert receiver.asked_again(1.0) == []
    for packet in again:
        receiver.receiving.receive(packet, 0.53)
    assert stream.log.duplicates == 3


def test_requests_for_key_frames_are_heard() -> None:
    sender, _, track, stream = pair()
    sender.publishing.frames(0.1)
    for request in (
        PictureLossIndication(1, stream.ssrc),
        FullIntraRequest(1, 0, ((stream.ssrc, 3),)),
    ):
        before = track.key_frames[0]
        sender.receive_rtcp(encode_rtcp([request]), 0.2)
        track.frame(0.2, lambda: 1)
        assert track.key_frames[0] == before + 1
    assert sender.publishing.feedback.pictures == 2


def test_reports_go_both_ways() -> None:
    sender, receiver, track, stream = pair()
    for packet in sender.publishing.frames(1.0):
        receiver.receiving.receive(packet, 1.01)
    [compound] = sender.reports(1.0)
    report, description = parse_rtcp(compound)
    assert isinstance(report, SenderReport)
    assert isinstance(description, SourceDescription)
    assert report.packet_count == track.streams[0].sent
    assert sender.reports(1.5) == []
    receiver.receive_rtcp(compound, 1.02)
    assert stream.has_sender_report
    back = parse_rtcp(receiver.reports(1.02)[0])[0]
    assert isinstance(back, ReceiverReport)
    [block] = back.reports
    assert block.last_report == report.ntp_time >> 16 & 0xFFFFFFFF
    assert (block.packets_lost, block.fraction_lost) == (0, 0)
    sender.receive_rtcp(encode_rtcp([back]), 1.03)
    assert sender.publishing.feedback.receiver_reports == [block]


def test_nothing_is_reported_about_nothing() -> None:
    assert Media("nobody", 0.0).reports(5.0) == []


def test_what_is_no_rtcp_is_passed_over() -> None:
    sender, *_ = pair()
    assert sender.receive_rtcp(b"\x80\xc8\xff\xff", 0.0) == []


def test_a_foreign_payload_is_noticed() -> None:
    sender, receiver, _, stream = pair()
    packet = bytearray(sender.publishing.frames(0.0)[0])
    packet[-20] ^= 0xFF
    packet[-24] ^= 0xFF
    receiver.receiving.receive(bytes(packet), 0.0)
    assert stream.corrupt == 1
    assert parse_rtp(bytes(packet)).ssrc == stream.ssrc
