"""Synthetic voices: levels as packets of 20 ms carry them, from a seed."""

import random
from collections.abc import Iterator

NOISE, SPEECH, CLICK = 45, 96, 105
"""Decibels above silence."""

SILENT = 127


def level(loudness: float) -> int:
    """As in the extension (RFC 6464), without the sender's guess."""
    return 127 - max(0, min(127, round(loudness)))


def quiet(seconds: float, rng: random.Random, noise: float = NOISE) -> Iterator[int]:
    for _ in range(round(seconds / 0.02)):
        yield level(noise + rng.gauss(0, 2))


def speech(
    seconds: float, rng: random.Random, loudness: float = SPEECH, noise: float = NOISE
) -> Iterator[int]:
    """Syllables of 100 to 250 ms with short dips, and a breath after some of them."""
    left = round(seconds / 0.02)
    while left > 0:
        frames = [loudness + rng.gauss(0, 4) for _ in range(rng.randrange(8, 25))]
        frames += [loudness - 25 + rng.gauss(0, 4)] * rng.randrange(0, 3)
        if rng.random() < 0.15:
            frames += [noise + rng.gauss(0, 2)] * rng.randrange(8, 20)
        for one in frames[:left]:
            yield level(one)
        left -= len(frames)


def cough(rng: random.Random) -> Iterator[int]:
    """260 ms, louder than speech."""
    for _ in range(13):
        yield level(CLICK + rng.gauss(0, 3))


def keyboard(seconds: float, rng: random.Random) -> Iterator[int]:
    """A stroke of 20 to 40 ms every 150 to 250 ms."""
    left = round(seconds / 0.02)
    while left > 0:
        frames = [CLICK - 8 + rng.gauss(0, 3)] * rng.randrange(1, 3)
        frames += [NOISE + rng.gauss(0, 2)] * rng.randrange(7, 12)
        for one in frames[:left]:
            yield level(one)
        left -= len(frames)
