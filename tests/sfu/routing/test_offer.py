"""What a producer offers, and what of it one subscriber is given."""

import pytest

from sfu.congestion.ladder import AUDIO_OVERHEAD, OVERHEAD
from sfu.media.layer_selector import HIGHEST
from sfu.ortc.encodings import Encoding
from sfu.routing.allotment import EVERYTHING, Allotment
from sfu.routing.offer import PATIENCE, Offer
from sfu.units import Seconds
from tests.sfu.routing.broadcast import CAMERA, Broadcast
from tests.sfu.routing.publishing import World, parameters

ALL = (HIGHEST, HIGHEST)


def offer_of(*modes: str | None, codec: str = "vp8", sharp: bool = False) -> Offer:
    """Of a publisher who has sent nothing yet."""
    encodings = [
        Encoding(rid=f"r{place}", ssrc=10 + place, scalability_mode=mode)
        for place, mode in enumerate(modes)
    ]
    producer = World().peer().produce(parameters(*encodings, codec=codec))
    return Offer(producer.streams, encodings, sharp=sharp)


def layers(offer: Offer, wish: tuple[int, int] = ALL, now: float = 10.0) -> list[tuple[int, int]]:
    return [(step.spatial, step.temporal) for step in offer.steps(wish, Seconds(now))]


def test_streams_and_layers_in_one_stream_are_offered_alike() -> None:
    both = offer_of("L1T3", "L1T3", "L1T3"), offer_of("L3T3_KEY", codec="vp9")
    for offer in both:
        assert layers(offer) == [
            (0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2),
        ]  # fmt: skip
        assert layers(offer, (1, HIGHEST)) == [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2)]
        assert layers(offer, (0, 1)) == [(0, 0), (0, 1)]
        whole = offer.steps(ALL, Seconds(10.0))[-1].rate
        assert whole == pytest.approx(1500e3 * OVERHEAD)
    assert layers(offer_of("L1T3", sharp=True)) == [(0, 0), (0, 1), (0, 2)]
    assert layers(offer_of(None)) == [(0, 0)]


def test_within_a_stream_both_layers_are_bounded() -> None:
    offer = offer_of("L3T3_KEY", codec="vp9")
    allotment = Allotment(offer, is_simulcast=False, priority=64)
    assert allotment.within(0) == EVERYTHING
    steps = allotment.picture(Seconds(10.0)).steps
    assert allotment.give(steps[3], True, Seconds(10.0))
    assert allotment.within(0) == (1, 1)
    assert allotment.excess(0) == 0
    allotment.prefer(0, None)
    assert allotment.within(0) == (0, 1)
    assert not allotment.give(steps[3], True, Seconds(10.0))


def test_among_streams_the_one_that_is_to_go_is_slowed_down() -> None:
    allotment = Allotment(offer_of("L1T3", "L1T3", "L1T3"), is_simulcast=True, priority=64)
    steps = allotment.picture(Seconds(10.0)).steps
    allotment.give(steps[3], True, Seconds(10.0))
    assert [allotment.within(layer) for layer in (None, 0, 1, 2)] == [
        (HIGHEST, HIGHEST), (HIGHEST, HIGHEST), (HIGHEST, 1), (HIGHEST, 0),
    ]  # fmt: skip
    assert allotment.excess(2) == pytest.approx((1500e3 * 0.4 - 500e3 * 0.6) * OVERHEAD)
    assert allotment.excess(1) == 0
    assert allotment.wanted == allotment.target == 1
    allotment.give(None, True, Seconds(10.0))
    assert allotment.is_held_back
    assert allotment.wanted == 0, "for it to come back soon"
    assert allotment.within(2) == (HIGHEST, 0)
    assert allotment.excess(2) == 0


def test_what_is_held_is_found_again_when_steps_come_and_go() -> None:
    allotment = Allotment(offer_of("L1T3", "L1T3"), is_simulcast=True, priority=64)
    first = allotment.picture(Seconds(10.0))
    assert (first.held, first.free) == (5, 5)
    allotment.give(first.steps[2], True, Seconds(10.0))
    assert allotment.picture(Seconds(10.0))[2:] == (3, 3)
    allotment.prefer(0, None)
    assert allotment.picture(Seconds(10.0))[2:] == (3, 3)
    allotment.prefer(1, None)
    assert allotment.picture(Seconds(10.0))[2:] == (3, 5), "a new wish needs no margin"
    allotment.begin(waits=True)
    assert allotment.picture(Seconds(10.0))[2:] == (0, 5)


def test_a_layer_is_withheld_when_it_does_not_come_although_others_do() -> None:
    room = Broadcast()
    publisher, _ = room.publish()
    offer = publisher.producer.offer
    publisher.rates[2] = 0.0
    room.run(1)
    assert not offer.withheld(2, room.world.now)
    room.run(PATIENCE + 1)
    assert offer.withheld(2, room.world.now)
    assert offer.withheld(HIGHEST, room.world.now)
    assert layers(offer, now=room.world.now) == [(0, 0), (1, 0)]
    publisher.rates[:2] = [0.0, 0.0]
    room.run(3)
    assert not offer.withheld(2, room.world.now), "nothing comes at all"
    publisher.rates[:] = CAMERA
    room.run(1)
    assert not offer.withheld(2, room.world.now)
    assert layers(offer, now=room.world.now) == [(0, 0), (1, 0), (2, 0)]


def test_a_voice_takes_more_than_its_payload_and_nothing_when_it_is_silent() -> None:
    room = Broadcast()
    publisher, _ = room.publish(40e3, source="microphone")
    room.run(3)
    offer = publisher.producer.offer
    assert offer.sound(room.world.now) == pytest.approx(40e3 + AUDIO_OVERHEAD, rel=0.1)
    publisher.rates[0] = 0.0
    room.run(3)
    assert offer.sound(room.world.now) == 0.0
