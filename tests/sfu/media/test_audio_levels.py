"""What packets say of a voice, as frames of 20 ms."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.audio_levels import REMEMBERED, AudioLevels

LOUD, SOFT = 27, 82
"""As in the extension: 100 and 45 dB above silence."""


def frames(voice: AudioLevels) -> list[int]:
    """Whether there was speech in each remembered frame, the newest first."""
    return voice.blocks(1, REMEMBERED)


def beat(voice: AudioLevels, *levels: int, frames: int = 3) -> None:
    voice.fresh.extend(levels)
    voice.beat(frames)
    assert not voice.fresh


def test_without_levels_nothing_is_known() -> None:
    voice = AudioLevels()
    beat(voice)
    assert (voice.known, voice.speaks) == (False, False)
    beat(voice, SOFT)
    assert (voice.known, voice.speaks) == (True, False)


def test_packets_of_any_length_are_frames() -> None:
    for levels in ((LOUD,), (LOUD,) * 2, (LOUD,) * 3, (LOUD,) * 6):
        voice = AudioLevels()
        beat(voice, *levels)
        assert sum(frames(voice)) == 3
        assert voice.blocks(5, 2) == [3, 0]


def test_the_senders_guess_does_not_count() -> None:
    voice = AudioLevels()
    beat(voice, 0x80 | SOFT)
    assert voice.immediate == 0
    beat(voice, 0x80 | LOUD)
    assert voice.speaks
    assert 90 < voice.loudness <= 100


def test_packets_that_come_in_a_bunch_are_put_where_they_were_missing() -> None:
    voice = AudioLevels()
    beat(voice, *[LOUD] * 3)
    beat(voice)
    beat(voice)
    assert sum(frames(voice)) == 3
    beat(voice, *[LOUD] * 9)
    assert frames(voice) == [1] * 12 + [0] * 38


def test_silence_is_not_rewritten_by_who_begins_to_speak() -> None:
    voice = AudioLevels()
    beat(voice)
    beat(voice, *[LOUD] * 3)
    assert frames(voice)[:6] == [1, 1, 1, 0, 0, 0]


def test_what_is_not_above_the_background_is_silence() -> None:
    voice = AudioLevels()
    for _ in range(200):
        beat(voice, *[40] * 3)  # 87 dB: louder than some speech
    assert voice.immediate == 0
    beat(voice, *[28] * 3)
    assert voice.speaks


def test_loudness_fades() -> None:
    voice = AudioLevels()
    beat(voice, LOUD)
    before = voice.loudness
    for _ in range(17):
        beat(voice)
    assert before - 5.5 < voice.loudness < before - 4.5
    voice.fresh.extend([LOUD] * 3)
    voice.quieten()
    assert voice.loudness == sum(frames(voice)) == 0


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 255), max_size=300), st.integers(1, 5)), max_size=30)
)
def test_whatever_is_sent_is_bounded(beats: list[tuple[list[int], int]]) -> None:
    voice = AudioLevels()
    for levels, count in beats:
        beat(voice, *levels, frames=count)
        assert 0 <= voice.loudness <= 127
        assert 0 <= voice.immediate <= 12
        assert len(frames(voice)) == REMEMBERED
