"""Timestamps across simulcast layers."""

import pytest

from sfu.ortc.encodings import Encoding
from sfu.routing.feed import Feed
from sfu.routing.producer import Producer
from sfu.transport.srtp import SrtpProfile, SrtpSession
from sfu.wire.rtcp_reports import SenderReport
from tests.sfu.routing.publishing import Peer, World, parameters
from tests.sfu.routing.subscribing import later

RATE = 90_000
KEY = b"\x10\x00key"
OFFSETS = (4_000_000_000, 17)


class Stage:
    """A publisher of two layers and one feed, whose key frames may come at any time."""

    def __init__(self) -> None:
        self.world = World()
        self.peer: Peer = self.world.peer()
        encodings = [Encoding(rid="r0", ssrc=10), Encoding(rid="r1", ssrc=20)]
        self.producer: Producer = self.peer.produce(parameters(*encodings))
        self.feed = Feed(5, 96, 1)
        session = SrtpSession.outbound(SrtpProfile.AES_128_GCM, bytes(28))
        self.feed.connect(self.world.shared.destinations.allocate(bytes(28)), session)
        self.numbers = [100, 200]
        self.moves = True

    def key_frame(self, stream: object) -> None:
        self.feed.join(stream)  # type: ignore[arg-type]

    def frame(self, layer: int, captured: float, *, join: bool = False) -> int:
        """The outgoing timestamp of a frame."""
        stream = self.producer.streams[layer]
        if join:
            stream.waiting.append(self)
        timestamp = self.timestamp(layer, captured)
        self.peer.send(self.peer.rtp(self.numbers[layer], timestamp, 10 + 10 * layer, KEY))
        self.numbers[layer] += 1
        return (timestamp + self.feed.numbers.shift.timestamp) & 0xFFFFFFFF

    def timestamp(self, layer: int, captured: float) -> int:
        return (round(captured * RATE) + OFFSETS[layer]) & 0xFFFFFFFF

    def report(self, layer: int, captured: float) -> None:
        ntp = round((captured + 3e9) * 2**32)
        packet = SenderReport(10 + 10 * layer, ntp, self.timestamp(layer, captured), 1, 1)
        self.peer.inbound.receive_rtcp([packet], self.world.now)


def test_capture_times_decide_whatever_the_way_took() -> None:
    stage = Stage()
    low = stage.frame(0, 900.0, join=True)
    stage.frame(1, 900.0)
    stage.report(0, 900.0)
    later(stage.world, 0.3)
    stage.report(1, 900.1)
    later(stage.world, 0.4)
    high = stage.frame(1, 900.5, join=True)
    assert (high - low) & 0xFFFFFFFF == pytest.approx(0.5 * RATE, abs=1)


def test_arrival_times_decide_without_reports() -> None:
    stage = Stage()
    low = stage.frame(0, 900.0, join=True)
    stage.report(0, 900.0)
    later(stage.world, 0.7)
    high = stage.frame(1, 900.5, join=True)
    assert (high - low) & 0xFFFFFFFF == pytest.approx(0.7 * RATE, abs=1)


def test_what_may_not_go_back_is_made_up_for_later() -> None:
    stage = Stage()
    first = stage.frame(0, 900.0, join=True)
    stage.frame(1, 900.0)
    stage.report(0, 900.0)
    stage.report(1, 900.0)
    stage.frame(0, 900.2)
    overlapping = stage.frame(1, 900.1, join=True)  # captured before what was sent already
    assert (overlapping - first) & 0xFFFFFFFF == 0.2 * RATE + 1
    later(stage.world, 0.5)
    assert (stage.frame(1, 900.4) - overlapping) & 0xFFFFFFFF == pytest.approx(0.3 * RATE, abs=1)
    later(stage.world, 0.5)
    again = stage.frame(0, 901.0, join=True)
    assert (again - first) & 0xFFFFFFFF == pytest.approx(1.0 * RATE, abs=1)


def test_a_stream_that_gave_no_packet_leaves_no_trace() -> None:
    stage = Stage()
    low = stage.frame(0, 900.0, join=True)
    stage.frame(1, 900.0)
    stage.report(0, 900.0)
    stage.report(1, 900.0)
    stage.feed.join(stage.producer.streams[1])
    stage.feed.leave()
    later(stage.world, 1.0)
    high = stage.frame(1, 901.0, join=True)
    assert (high - low) & 0xFFFFFFFF == pytest.approx(1.0 * RATE, abs=1)
    assert stage.feed.newest_number == 2


def test_a_pause_of_one_stream_needs_no_report() -> None:
    stage = Stage()
    before = stage.frame(0, 900.0, join=True)
    stage.feed.leave()
    later(stage.world, 60.0)
    after = stage.frame(0, 960.0, join=True)
    assert (after - before) & 0xFFFFFFFF == pytest.approx(60 * RATE, abs=1)
