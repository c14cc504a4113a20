"""An estimate becomes layers: on virtual time, with packets."""

import math

import pytest

from sfu.media.key_frame_requests import BURST, DEAF_FOR
from sfu.routing.budget import ANOTHER_VOICE, FOR_MEDIA
from sfu.routing.consumer import Received
from sfu.wire.rtcp_feedback import BitrateLimit
from tests.sfu.routing.broadcast import CAMERA, Broadcast


def test_nothing_changes_without_an_estimate() -> None:
    room = Broadcast()
    room.publish()
    room.run(3)
    assert room.layers() == [2]
    assert room.told[-1] == ("c1", Received(2, 0, None))
    assert room.subscriber.outbound.estimate is None
    assert room.needs() == (0, 0)


def test_down_within_a_moment_and_up_again() -> None:
    room = Broadcast()
    _, consumer = room.publish()
    room.run(3, 1e6)
    assert room.layers() == [2]
    assert room.needs()[0] == 0
    room.run(0.3, 100e3)
    assert room.layers() == [0]
    assert room.rate(consumer, 2, 100e3) == pytest.approx(CAMERA[0], rel=0.1)
    assert room.told[-1] == ("c1", Received(0, 0, "bandwidth"))
    step, demand = room.needs()
    assert 120e3 < step < 120e3 * 1.4 < demand < 300e3 * 1.3
    room.run(0.5, 1e6)
    assert room.layers() == [0]
    room.run(1.0, 1e6)
    assert room.layers() == [2]
    assert room.told[-1] == ("c1", Received(2, 0, None))


def test_what_does_not_fit_at_all_stops_and_comes_back_by_itself() -> None:
    room = Broadcast()
    _, consumer = room.publish()
    _, voice = room.publish(40e3, source="microphone")
    room.run(3, 1e6)
    room.run(1, 60e3)
    assert room.layers()[0] is None
    assert room.told[-1] == ("c1", Received(None, None, "bandwidth"))
    assert room.rate(consumer, 2, 60e3) == 0
    assert room.rate(voice, 2, 60e3) == pytest.approx(40e3, rel=0.1)
    numbers = sorted(room.subscriber.sent(consumer).packets)
    room.run(2, 1e6)
    assert room.told[-1] == ("c1", Received(2, 0, None))
    after = sorted(room.subscriber.sent(consumer).packets)
    assert after == list(range(numbers[0], numbers[0] + len(after))), "no gap"


def test_voices_come_even_where_nothing_else_does() -> None:
    room = Broadcast()
    room.publish()
    _, voice = room.publish(40e3, source="microphone")
    room.run(3, 0.0)
    assert room.rate(voice, 2, 0.0) == pytest.approx(40e3, rel=0.1)
    _, late = room.publish(40e3, source="microphone")
    room.run(0.5, 0.0)
    assert room.rate(late, 2, 0.0) == pytest.approx(40e3, rel=0.1)


def test_a_voice_is_reserved_for_who_is_silent() -> None:
    room = Broadcast()
    room.publish(300e3)
    voice, _ = room.publish(40e3, source="microphone")
    voice.rates[0] = 0.0
    room.run(3, (300e3 * 1.07 + 30e3) / FOR_MEDIA)
    assert room.layers()[0] is None
    room.run(3, (300e3 * 1.07 * 1.2 + ANOTHER_VOICE) / FOR_MEDIA)
    assert room.layers()[0] == 0


def test_the_screen_comes_first_then_who_matters_most() -> None:
    room = Broadcast()
    for _ in range(3):
        room.publish()
    room.publish(250e3, source="screen")
    cameras = room.consumers[:3]
    cameras[1].set_priority(160)
    room.run(4, 250e3 * 1.4)
    assert room.layers() == [None, 0, None, 0]
    room.run(4, (250e3 + 3 * 40e3) * 1.5)
    assert room.layers()[3] == 0
    assert None not in room.layers()
    room.run(4, (250e3 + 2 * 40e3 + 300e3) * 1.5)
    assert room.layers()[1] == 2
    assert room.layers()[0] in (0, 1)
    cameras[0].set_priority(255)
    room.run(4, (250e3 + 2 * 40e3 + 300e3) * 1.5)
    assert room.layers()[0] == 2


def test_wishes_bound_what_is_spent() -> None:
    room = Broadcast()
    for _ in range(2):
        room.publish()
    one, other = room.consumers
    room.run(3, 250e3)
    assert sorted(map(str, room.layers())) == ["0", "1"]
    one.prefer(0, None, room.world.now)
    room.run(2, 250e3)
    assert room.layers() == [0, 1]
    one.pause(room.world.now)
    other.prefer(2, None, room.world.now)
    room.run(2, 450e3)
    assert room.layers() == [None, 2]
    one.prefer(1, None, room.world.now)
    one.resume(room.world.now)
    room.run(0.5, 450e3)
    assert room.layers()[0] is not None, "a first layer comes before a large one"
    one.close()
    room.run(2, 450e3)
    assert room.layers() == [2]


def test_who_begins_under_an_estimate_asks_for_the_layer_that_fits() -> None:
    room = Broadcast()
    publisher, _ = room.publish()
    room.run(2, 70e3)
    asked = publisher.key_frames
    late = room.subscriber.consume(publisher.producer, name="late")
    room.run(0.3, 70e3)
    assert room.layers() == [0, None]
    room.consumers[0].pause(room.world.now)
    room.run(1.5, 70e3)
    assert late.layers == (0, 0)
    assert publisher.key_frames - asked == 1


def test_layers_that_are_not_sent_are_not_waited_for_forever() -> None:
    room = Broadcast()
    publisher, _ = room.publish()
    publisher.rates[2] = 0.0
    room.run(2, 1e6)
    assert room.layers() == [1]
    room.run(4, 1e6)
    assert room.told[-1] == ("c1", Received(1, 0, "publisher"))
    assert room.needs()[1] < 200e3
    publisher.rates[2] = 300e3
    room.run(3, 1e6)
    assert room.told[-1] == ("c1", Received(2, 0, None))


def test_layers_that_nobody_wanted_can_be_had() -> None:
    """Switched off by the publisher, to be switched on when somebody wants them."""
    room = Broadcast()
    publisher, consumer = room.publish()
    room.run(3, 1e6)
    room.run(2, 200e3)
    publisher.rates[2] = 0.0
    room.run(10, 200e3)
    assert room.layers() == [1]
    assert 300e3 < room.needs()[0] < 450e3
    room.run(1.5, 1e6)
    assert consumer.allotment.wanted >= 2
    publisher.rates[2] = 300e3
    room.run(1, 1e6)
    assert room.layers() == [2]


def test_far_too_much_stops_until_the_smaller_one_comes() -> None:
    room = Broadcast()
    publisher, consumer = room.publish()
    room.run(3, 1e6)
    streams = publisher.producer.streams
    for _ in range(10):
        streams[0].requests.want(room.world.now)
        streams[0].requests.take(room.world.now, True)
        streams[0].requests.answered()
    told = len(room.told)
    sent = len(room.subscriber.sent(consumer).packets)
    room.run(0.3, 60e3)
    assert len(room.subscriber.sent(consumer).packets) - sent <= 3, "none can be asked for yet"
    assert len(room.told) == told
    room.run(1, 60e3)
    assert room.told[told:] == [("c1", Received(0, 0, "bandwidth"))]


def test_frames_go_before_the_picture_does() -> None:
    room = Broadcast()
    _, consumer = room.publish(mode="L1T3")
    room.run(3, 1e6)
    assert room.told[-1] == ("c1", Received(2, 2, None))
    room.run(5, 50e3)
    assert room.told[-1] == ("c1", Received(0, 2, "bandwidth"))
    room.run(3, 30e3)
    assert room.told[-1] == ("c1", Received(0, 1, "bandwidth"))
    assert room.rate(consumer, 2, 30e3) == pytest.approx(20e3, rel=0.2)
    room.run(3, 14e3)
    assert room.told[-1] == ("c1", Received(0, 0, "bandwidth"))
    assert room.rate(consumer, 2, 14e3) == pytest.approx(10e3, rel=0.2)
    room.run(3, 8e3)
    assert room.told[-1] == ("c1", Received(None, None, "bandwidth"))
    room.run(3, 1e6)
    assert room.told[-1] == ("c1", Received(2, 2, None))
    numbers = sorted(room.subscriber.sent(consumer).packets)
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_layer_that_is_to_go_is_slow_until_it_does() -> None:
    room = Broadcast()
    publisher, consumer = room.publish(40e3, 150e3, mode="L1T3")
    room.run(3, 1e6)
    streams = publisher.producer.streams
    for _ in range(BURST):  # then none may be asked for within two thirds of a second
        room.run(DEAF_FOR + 0.02, 1e6)
        streams[0].requests.want(room.world.now)
        assert streams[0].requests.take(room.world.now, True)
        streams[0].requests.answered()
    room.run(0.2, 60e3)
    before = len(room.subscriber.sent(consumer).packets)
    room.run(0.4, 60e3)
    assert 2 <= len(room.subscriber.sent(consumer).packets) - before <= 4, "of 12 frames"
    assert room.layers() == [1]
    room.run(2, 60e3)
    assert room.layers() == [0]


@pytest.mark.parametrize("period", [0.7, 5.0, 20.0])
@pytest.mark.parametrize("around", [160e3, 420e3])
def test_an_estimate_that_wobbles_costs_few_key_frames(around: float, period: float) -> None:
    room = Broadcast()
    publisher, _ = room.publish()
    room.run(3, around)
    before = publisher.key_frames
    room.run(60, lambda now: around * (1 + 0.15 * math.sin(2 * math.pi * now / period)))
    assert publisher.key_frames - before <= 4


def test_a_peer_that_says_its_rate_itself_is_believed() -> None:
    room = Broadcast()
    room.publish()
    room.run(3)
    outbound = room.subscriber.outbound
    outbound.receive_rtcp([BitrateLimit(1, 0, 100_000, ())], room.world.now)
    assert outbound.estimate == 100e3
    room.run(1)
    assert room.layers() == [0]


@pytest.mark.parametrize(("carries", "layer"), [(1e6, 2), (190e3, 1)])
def test_a_peer_that_sees_only_what_comes_is_tried_with_more(carries: float, layer: int) -> None:
    room = Broadcast()
    _, consumer = room.publish()
    outbound = room.subscriber.outbound
    room.run(2)
    outbound.receive_rtcp([BitrateLimit(1, 0, 60_000, ())], room.world.now)
    changes = len(room.told)
    for _ in range(40):
        limit = min(carries, 1.5 * room.rate(consumer, 1.0) * 1.07 + 10e3)
        outbound.receive_rtcp([BitrateLimit(1, 0, int(limit), ())], room.world.now)
    assert room.told[-1][1].spatial == layer
    assert len(room.told) - changes <= 12, "a failure is tried again later and later"


def test_a_peer_that_falls_silent_with_its_picture_is_tried_again() -> None:
    room = Broadcast()
    _, consumer = room.publish()
    outbound = room.subscriber.outbound
    room.run(2)
    outbound.receive_rtcp([BitrateLimit(1, 0, 30_000, ())], room.world.now)
    room.run(0.5)
    assert room.layers() == [None]
    for _ in range(40):
        if got := room.rate(consumer, 1.0):  # else it has nothing to speak of
            limit = int(1.5 * got + 10e3)
            outbound.receive_rtcp([BitrateLimit(1, 0, limit, ())], room.world.now)
    assert room.layers() == [2]


def test_the_better_estimate_counts() -> None:
    room = Broadcast()
    room.publish()
    room.run(2, 1e6)
    room.subscriber.outbound.receive_rtcp([BitrateLimit(1, 0, 50_000, ())], room.world.now)
    room.run(1, 1e6)
    assert room.layers() == [2]


def test_nobody_is_left_over() -> None:
    room = Broadcast()
    room.publish()
    room.publish(40e3, source="microphone")
    room.run(1, 100e3)
    for consumer in room.consumers:
        consumer.close()
    room.run(1)
    assert room.subscriber.outbound.next_deadline() is None
    assert room.needs() == (0, 0)
