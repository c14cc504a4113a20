"""Voices of a room: who has the floor, and who is forwarded."""

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise

import pytest

from sfu.control.messages import ActiveSpeakers, AnyReport, LayersWanted
from sfu.media.audio_levels import FRAME
from sfu.ortc.capabilities import router_capabilities
from sfu.ortc.encodings import Encoding
from sfu.routing.consumer import Consumer
from sfu.routing.router import Leg, Router
from sfu.routing.shared import Crowds
from sfu.transport.destinations import Destinations
from sfu.transport.srtp import SrtpProfile
from sfu.units import Seconds
from sfu.wire.extensions import Extension
from sfu.wire.rtp import parse_rtp
from tests.sfu.media.speech import quiet, speech
from tests.sfu.routing.publishing import IDS, Peer, World, parameters
from tests.sfu.routing.subscribing import Audience, Subscriber, later

SAMPLES = 960
PROFILE = SrtpProfile.AES_128_GCM


class Room:
    """A router with people who all publish a voice and hear everybody's."""

    def __init__(self, people: int, *, loudest: int = 2, levels: bool = True) -> None:
        self.world = World()
        self.world.shared.crowds = Crowds(loudest=loudest)
        self.world.shared.destinations = Destinations(16)
        self.audience = Audience(self.world)
        self.router = Router("r", "room", self.world.shared, random.Random(1))
        self.reports: list[AnyReport] = []
        self.peers: list[Peer] = []
        self.legs: list[Leg] = []
        self.voices: list[Iterator[int]] = []
        self._number = 0
        ids = {} if levels else {1: Extension.MID}
        for person in range(people):
            peer, one = Peer(self.world, PROFILE), self.audience.join()
            leg = Leg(f"t{person}", f"m{person}", peer.inbound, one.outbound)
            self.router.add(leg)
            self.peers.append(peer)
            self.legs.append(leg)
            given = parameters(
                Encoding(ssrc=1000 + person), kind="audio", codec="opus", ids=ids or IDS, rtx=False
            )
            self.router.produce(leg, f"p{person}", "microphone", given, False, self.world.now)
            self.voices.append(quiet(600, random.Random(person)))

    def listener(self) -> tuple[Subscriber, list[Consumer]]:
        """Somebody who hears everybody."""
        one = self.audience.join()
        producers = self.router.producers.values()
        return one, [one.consume(producer, name=f"c-{producer.id}") for producer in producers]

    def run(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        """Everybody sends a packet every 20 ms, unless their voice has ended."""
        for _ in range(round(seconds / FRAME)):
            later(self.world, FRAME)
            self._number += 1
            for person, peer in enumerate(self.peers):
                level = next(self.voices[person], None)
                if level is not None:
                    self._send(peer, 1000 + person, level)
            due = self.router.next_deadline()
            if due is not None and due <= self.world.now:
                self.router.tend(self.world.now)
            self.reports += self.router.take_reports()
            self.audience.flush()
            each()

    def _send(self, peer: Peer, ssrc: int, level: int) -> None:
        timestamp = self._number * SAMPLES
        packet = peer.rtp(self._number, timestamp, ssrc, b"opus", audio_level=bytes((level,)))
        peer.send(packet)

    def heard(self) -> set[str]:
        """Whose packets are forwarded now."""
        stopped = {one.id for one in self.router.producers.values() if one.streams[0].expected < 0}
        return self.router.producers.keys() - stopped

    def told(self) -> list[tuple[str | None, list[str], bool]]:
        """What members were told of who speaks."""
        return [
            (one.dominant, one.speakers, one.loudest_only)
            for one in self.reports
            if isinstance(one, ActiveSpeakers)
        ]


def say(room: Room, person: int, *parts: Iterable[int]) -> None:
    room.voices[person] = chain(*parts, quiet(600, random.Random(99)))


def test_who_takes_the_floor_is_told_once() -> None:
    room = Room(3)
    room.run(1)
    assert room.told() == []
    say(room, 1, speech(4, random.Random(1)))
    room.run(4)
    assert room.told() == [("m1", ["m1"], False)]
    say(room, 2, speech(4, random.Random(2)))
    room.run(4)
    assert room.told()[1:] == [("m2", ["m2", "m1"], False)]
    room.router.close_leg("t2", room.world.now)
    room.run(1)
    assert room.told()[2:] == [(None, ["m1"], False)]


def test_only_the_loudest_are_forwarded_in_a_crowd_and_who_begins_is_heard_at_once() -> None:
    room = Room(6)
    one, consumers = room.listener()
    room.run(1)
    before = room.heard()
    assert len(before) == 2
    assert room.told()[-1] == (None, [], True)
    newcomer = next(n for n in range(6) if f"p{n}" not in before)
    sent = one.sent(consumers[newcomer])
    so_far = len(sent.packets)
    say(room, newcomer, speech(3, random.Random(5)))
    room.run(3)
    assert f"p{newcomer}" in room.heard()
    lost = 150 - (len(sent.packets) - so_far)
    assert 0 <= lost <= 4
    numbers = sorted(sent.packets)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "no gap"
    times = [parse_rtp(sent.packets[number]).timestamp for number in numbers]
    silent = [(b - a) & 0xFFFFFFFF for a, b in pairwise(times)]
    assert max(silent) > 10 * SAMPLES, "the clock went on meanwhile"
    assert sum(silent) == (times[-1] - times[0]) & 0xFFFFFFFF
    assert all(step % SAMPLES == 0 for step in silent)


def test_muted_microphones_do_not_count() -> None:
    room = Room(6)
    room.run(1)
    assert len(room.heard()) == 2
    for muted in range(3):
        room.router.pause_producer(room.router.producers[f"p{muted}"], True, room.world.now)
    room.run(1)
    assert room.heard() == {"p3", "p4", "p5"}
    assert room.told()[-1] == (None, [], False)


def test_nobody_is_silenced_where_all_are_wanted_or_levels_are_unknown() -> None:
    everybody = {f"p{n}" for n in range(6)}
    for room in (Room(6, loudest=0), Room(6, levels=False)):
        room.run(1)
        assert room.heard() == everybody


def test_a_room_of_muted_microphones_hardly_wakes() -> None:
    room = Room(3)
    for producer in room.router.producers.values():
        room.router.pause_producer(producer, True, room.world.now)
    room.run(2)
    due = room.router.next_deadline()
    assert due is not None
    beats = set[Seconds]()
    room.run(5, lambda: beats.add(room.router.next_deadline() or Seconds(0)))
    assert len(beats) <= 7
    room.router.pause_producer(room.router.producers["p0"], False, room.world.now)
    assert (room.router.next_deadline() or 0) < room.world.now + 0.2
    for leg in room.legs:
        room.router.close_leg(leg.id, room.world.now)
    assert room.router.next_deadline() is None


@pytest.mark.parametrize("spatial", [1, 3])
def test_layers_are_wanted_while_somebody_may_look(spatial: int) -> None:
    world = World()
    router = Router("r", "room", world.shared, random.Random(1))
    audience = Audience(world)
    publisher = Peer(world, PROFILE)
    leg = Leg("t", "a", publisher.inbound, audience.join().outbound)
    router.add(leg)
    encodings = [Encoding(ssrc=10 + layer) for layer in range(spatial)]
    given = parameters(*encodings)
    producer = router.produce(leg, "p", "camera", given, False, world.now)

    def wanted(after: float = 0.0) -> list[int]:
        until = Seconds(world.now + after)
        while (due := router.next_deadline()) is not None and due <= until:
            world.now = due
            router.tend(world.now)
        world.now = until
        reports = router.take_reports()
        return [one.spatial_layers for one in reports if isinstance(one, LayersWanted)]

    assert wanted(6) == ([1] if spatial > 1 else []), "whoever enters sees something at once"
    other = Leg("u", "b", Peer(world, PROFILE).inbound, audience.join().outbound)
    router.add(other)
    router.consume(other, producer, "c", router_capabilities(), True, world.now)
    assert wanted(6) == [0]
    consumer = router.consumers["c"]
    consumer.prefer(0, None, world.now)
    consumer.resume(world.now)
    router.wishes_changed(consumer, world.now)
    assert wanted() == [1]
    consumer.prefer(7, None, world.now)
    router.wishes_changed(consumer, world.now)
    assert wanted() == ([3] if spatial > 1 else [])
    assert router.held_producers()[0].layers_wanted == spatial
    consumer.prefer(1, None, world.now)
    router.wishes_changed(consumer, world.now)
    assert wanted(6) == ([2] if spatial > 1 else [])
    router.close_consumer("c", world.now)
    assert wanted(6) == ([1] if spatial > 1 else [])
    router.close_producer("p", world.now)
    assert router.next_deadline() is None
