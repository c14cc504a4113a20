"""Who has the floor, in synthetic conversations on virtual time."""

import random
from collections.abc import Iterable
from itertools import chain

import pytest

from sfu.media.audio_levels import FRAME, AudioLevels
from sfu.media.dominant_speaker import DominantSpeaker, score
from sfu.units import Seconds
from tests.sfu.media.speech import cough, keyboard, quiet, speech

BEAT = 3

Change = tuple[float, str]


def listen(tracks: dict[str, Iterable[int]]) -> list[Change]:
    """Play voices side by side, a packet of 20 ms at a time; when who took the floor."""
    voices = {name: AudioLevels() for name in tracks}
    packets = {name: iter(track) for name, track in tracks.items()}
    floor: DominantSpeaker[str] = DominantSpeaker()
    changes: list[Change] = []
    now = 0.0
    while True:
        for name, packet in packets.items():
            some = [one for one in (next(packet, None) for _ in range(BEAT)) if one is not None]
            if not some:
                return changes
            voices[name].fresh.extend(some)
        now += BEAT * FRAME
        for voice in voices.values():
            voice.beat(BEAT)
        if floor.decide(voices, Seconds(now)):
            assert floor.speaker is not None
            changes.append((now, floor.speaker))


SEEDS = range(10)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_who_speaks_has_the_floor_in_a_second(seed: int) -> None:
    rng = random.Random(seed)
    changes = listen({"a": quiet(6, rng), "b": chain(quiet(2, rng), speech(4, rng))})
    assert [name for _, name in changes] == ["b"]
    assert 2.3 < changes[0][0] < 3.2


@pytest.mark.parametrize("seed", SEEDS)
def test_the_floor_is_handed_over_within_a_second_and_does_not_flap(seed: int) -> None:
    """Each begins 200 ms after the other has ended."""
    rng = random.Random(seed)
    a = chain(speech(6, rng), quiet(6.2, rng), speech(6, rng), quiet(2, rng))
    b = chain(quiet(6.2, rng), speech(5.8, rng), quiet(8.2, rng))
    changes = listen({"a": a, "b": b, "c": quiet(20.2, rng)})
    assert [name for _, name in changes] == ["a", "b", "a"]
    for (at, _), begun in zip(changes, (0.0, 6.2, 12.2), strict=True):
        assert 0.3 < at - begun < 1.3, changes


@pytest.mark.parametrize("seed", SEEDS)
def test_coughs_clicks_and_keyboards_take_nothing(seed: int) -> None:
    rng = random.Random(seed)
    a = chain(speech(4, rng), quiet(8, rng))
    coughs = chain(quiet(2, rng), cough(rng), quiet(4, rng), cough(rng), quiet(5.48, rng))
    changes = listen({"a": a, "b": coughs, "c": keyboard(12, rng)})
    assert [name for _, name in changes] == ["a"]


def test_who_speaks_is_hardly_ever_interrupted_by_somebody_louder() -> None:
    """It takes a breath at the wrong moment; they have the floor again when the other is done."""
    interrupted = 0
    for seed in SEEDS:
        rng = random.Random(seed)
        a = speech(9, rng)
        b = chain(quiet(4, rng), speech(1, rng, loudness=106), quiet(4, rng))
        names = [name for _, name in listen({"a": a, "b": b})]
        assert names in (["a"], ["a", "b", "a"])
        interrupted += len(names) > 1
    assert interrupted <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_noisy_room_is_no_speaker(seed: int) -> None:
    """A fan of -37 dBov is as loud as speech, but steady: that is known after some seconds."""
    rng = random.Random(seed)
    a = chain(quiet(12, rng), speech(4, rng, loudness=90), quiet(6, rng))
    b = chain(quiet(2, rng), quiet(20, rng, noise=88))
    at, name = listen({"a": a, "b": b})[-1]
    assert name == "a"
    assert 12 < at < 15, "later than in silence: less of it is clearly above the noise"


def test_who_is_gone_has_the_floor_no_more() -> None:
    floor: DominantSpeaker[str] = DominantSpeaker()
    voices = {"a": AudioLevels()}
    for _ in range(20):
        voices["a"].fresh.extend([30] * BEAT)
        voices["a"].beat(BEAT)
    assert floor.decide(voices, Seconds(10.0))
    holders = []
    for gone in "ba":
        floor.forget(gone)
        holders.append(floor.speaker)
    assert holders == ["a", None]
    assert not floor.decide({}, Seconds(20.0))


def test_scores_grow_with_activity() -> None:
    for parts, rate in ((5, 24.0), (10, 47.0)):
        scores = [score(active, parts, rate) for active in range(parts + 1)]
        assert scores == sorted(scores)
        assert 0 < scores[0] < 1e-9
    assert score(0, 13, 0.78) < 1e-9 < score(8, 13, 0.78)
