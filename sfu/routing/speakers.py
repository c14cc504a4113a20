"""Who speaks in a room, and whose voices are forwarded."""

import math
from typing import Final, NamedTuple

from sfu.media.audio_levels import FRAME, REMEMBERED
from sfu.media.dominant_speaker import DominantSpeaker
from sfu.media.loudest import Loudest
from sfu.routing.producer import Producer
from sfu.units import Seconds

BEAT: Final = Seconds(0.1)
SHORT_BEAT: Final = Seconds(0.06)
"""Seconds between two looks at the levels; the short one where not all voices are forwarded: so
much is cut off the first word of somebody who has been silent, at most."""

IDLE_BEAT: Final = Seconds(1.0)
"""Where every microphone is muted."""

MOST_HISTORY: Final = 32


class Speaking(NamedTuple):
    """What the members of a room should know.

    Attributes:
        dominant: the member who has the floor, or had it last; None before anybody.
        speakers: members by when they had it last, the latest first.
        loudest_only: whether not all voices are forwarded.
    """

    dominant: str | None
    speakers: tuple[str, ...]
    loudest_only: bool


NOBODY: Final = Speaking(None, (), False)


class Speakers:
    """The microphones of a room.

    Args:
        places: voices that are forwarded where there are more than one above it; 0 for all.

    Attributes:
        history: members by when they had the floor last, the latest first.
    """

    def __init__(self, places: int) -> None:
        self.history: list[str] = []
        self._microphones: dict[str, Producer] = {}
        self._floor: DominantSpeaker[str] = DominantSpeaker()
        self._loudest: Loudest[str] = Loudest(places)
        self._selecting = False
        self._told = NOBODY
        self._beat_at: Seconds | None = None
        self._heard_until = Seconds(0.0)

    def add(self, producer: Producer, now: Seconds) -> None:
        """Listen to a producer, if it is a microphone."""
        if producer.levels is not None:
            self._microphones[producer.id] = producer
            self.wake(now)

    def remove(self, producer: Producer) -> None:
        """A producer is gone."""
        if self._microphones.pop(producer.id, None) is not None:
            self._floor.forget(producer.id)
        if not self._microphones:
            self._beat_at = None

    def wake(self, now: Seconds) -> None:
        """A microphone was turned on."""
        if self._beat_at is None:
            self._heard_until = now
        if self._beat_at is None or self._beat_at > now + BEAT:
            self._beat_at = _next(now, BEAT)

    def forget(self, member_id: str) -> None:
        """A member has left."""
        if member_id in self.history:
            self.history.remove(member_id)

    def next_deadline(self) -> Seconds | None:
        """When ``beat`` has something to do; None without microphones."""
        return self._beat_at

    def beat(self, now: Seconds) -> Speaking | None:
        """Listen to what has come; what members should be told, if it is news."""
        frames = min(max(round((now - self._heard_until) / FRAME), 1), REMEMBERED)
        self._heard_until = now
        voices = {}
        for key, producer in self._microphones.items():
            levels = producer.levels
            if levels is None:
                continue
            if producer.paused:
                levels.quieten()
            else:
                levels.beat(frames)
                voices[key] = levels
        if self._floor.decide(voices, now):
            self._took_floor()
        selecting = self._loudest.selects(len(voices))
        if selecting or self._selecting:
            chosen = self._loudest.choose(voices, self._floor.speaker, now)
            for key, producer in self._microphones.items():
                producer.hold(key in voices and key not in chosen, now)
        self._selecting = selecting
        interval = SHORT_BEAT if selecting else BEAT if voices else IDLE_BEAT
        self._beat_at = _next(now, interval) if self._microphones else None
        return self._news()

    def _took_floor(self) -> None:
        speaker = self._microphones.get(self._floor.speaker or "")
        if speaker is not None:
            self.forget(speaker.member_id)
            self.history.insert(0, speaker.member_id)
            del self.history[MOST_HISTORY:]

    def _news(self) -> Speaking | None:
        speaker = self._microphones.get(self._floor.speaker or "")
        dominant = speaker.member_id if speaker is not None else None
        speaking = Speaking(dominant, tuple(self.history), self._selecting)
        if speaking == self._told:
            return None
        self._told = speaking
        return speaking


def _next(now: Seconds, interval: Seconds) -> Seconds:
    """The next of the moments at which all rooms listen: one wake-up for all of them."""
    return Seconds((math.floor(now / interval) + 1) * interval)
