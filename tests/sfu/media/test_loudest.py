"""Who is heard in a crowd."""

import random
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from sfu.media.audio_levels import FRAME, AudioLevels
from sfu.media.loudest import KEPT_FOR, Loudest
from sfu.units import Seconds
from tests.sfu.media.speech import cough, quiet, speech

BEAT = 3


class Crowd:
    """Voices side by side, and the places they compete for."""

    def __init__(self, places: int, tracks: dict[str, Iterable[int]]) -> None:
        self.voices = {name: AudioLevels() for name in tracks}
        self.loudest: Loudest[str] = Loudest(places)
        self.speaker: str | None = None
        self.now = 0.0
        self._packets: dict[str, Iterator[int]] = {n: iter(track) for n, track in tracks.items()}

    def run(self, seconds: float) -> list[set[str]]:
        """Who was heard, beat by beat."""
        heard = []
        for _ in range(round(seconds / FRAME / BEAT)):
            for name, voice in self.voices.items():
                packets = self._packets[name]
                voice.fresh.extend(one for _ in range(BEAT) if (one := next(packets, -1)) >= 0)
                voice.beat(BEAT)
            self.now += BEAT * FRAME
            heard.append(self.loudest.choose(self.voices, self.speaker, Seconds(self.now)))
        return heard


def crowd(places: int, seed: int, **tracks: Iterable[int]) -> Crowd:
    """Eight people, of whom those who are not named are silent."""
    rng = random.Random(seed)
    silent = {name: quiet(60, rng) for name in "abcdefgh"}
    return Crowd(places, {**silent, **tracks})


def changes(heard: list[set[str]]) -> int:
    return sum(before != after for before, after in pairwise(heard))


def test_all_are_heard_where_they_are_few_or_all_are_wanted() -> None:
    assert crowd(0, 1).run(1) == [set("abcdefgh")] * 17
    assert crowd(7, 1).run(1)[-1] == set("abcdefgh")
    assert len(crowd(6, 1).run(1)[-1]) == 6
    assert not Loudest(4).selects(5)
    assert Loudest(4).selects(6)


def test_a_silent_crowd_keeps_its_places() -> None:
    assert changes(crowd(3, 2).run(20)) == 0


def test_who_begins_to_speak_is_heard_with_the_next_beat() -> None:
    for seed in range(20):
        rng = random.Random(seed)
        people = crowd(2, seed, a=chain(quiet(3, rng), speech(5, rng)))
        assert "a" not in people.run(3)[-1]
        after = people.run(0.18)
        assert all("a" in heard for heard in after[1:])
        assert all("a" in heard for heard in people.run(4.8))


def test_somebody_stays_for_a_while_after_the_last_word() -> None:
    rng = random.Random(3)
    talk = {name: chain(speech(3, rng), quiet(20, rng)) for name in "gh"}
    people = crowd(2, 3, **talk, a=chain(quiet(4, rng), speech(10, rng, loudness=94)))
    assert people.run(3)[-1] == {"g", "h"}
    held = people.run(KEPT_FOR - 0.3)
    assert held[-1] == {"g", "h"}, "the same loudness takes no place that was used just now"
    assert "a" in people.run(1.5)[-1]


def test_louder_takes_a_place_from_the_quietest_but_not_the_floor() -> None:
    rng = random.Random(4)
    people = crowd(
        2,
        4,
        f=speech(20, rng, loudness=90),
        g=speech(20, rng, loudness=95),
        h=chain(quiet(4, rng), speech(16, rng, loudness=115)),
    )
    assert people.run(3.9)[-1] == {"f", "g"}
    assert people.run(2)[-1] == {"g", "h"}
    people.speaker = "f"
    people.run(2)
    people.speaker = "g"
    assert "g" in people.run(2)[-1]


def test_equals_do_not_flap() -> None:
    rng = random.Random(5)
    people = crowd(2, 5, **{name: speech(30, rng) for name in "efgh"})
    assert changes(people.run(30)) <= 6


def test_a_cough_costs_at_most_an_unused_place() -> None:
    rng = random.Random(6)
    coughs = chain(quiet(5, rng), cough(rng), quiet(20, rng))
    people = crowd(3, 6, a=speech(20, rng), b=speech(20, rng), c=coughs)
    people.run(2)
    heard = people.run(15)
    assert set.intersection(*heard) == {"a", "b"}
    assert changes(heard) == 1


def test_voices_without_levels_are_always_heard_and_take_no_place() -> None:
    rng = random.Random(7)
    people = crowd(2, 7, a=iter(()), h=speech(10, rng), g=speech(10, rng))
    assert people.run(5)[-1] == {"a", "g", "h"}


def test_who_leaves_leaves_a_place() -> None:
    people = crowd(2, 8)
    gone = people.run(1)[-1] - {"a"}
    for name in gone:
        del people.voices[name]
    left = people.loudest.choose(people.voices, None, Seconds(people.now))
    assert len(left) == 2
    assert left <= set(people.voices)
