"""Transport-wide feedback of a crowd: what came, and when, told as browsers tell it.

Chromium speaks of every packet since its last feedback, 10 to 20 times a second, in an RTCP packet
of its own (libwebrtc's ``TransportSequenceNumberFeedbackGenenerator``).
"""

import heapq
import random
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from sfu.units import I64, Mask
from sfu.wire.header_rewriter import TRANSPORT_SEQUENCE_OFFSET
from sfu.wire.rtcp import encode_rtcp
from sfu.wire.rtcp_feedback import TransportFeedback
from sfu.wire.twcc import NOT_RECEIVED, TICK_US, TICKS_PER_REFERENCE, build_feedback

_REPORTER: Final = 1
_MOST_TOLD: Final = 1000
_MOST_SMALL: Final = 0x1FFF
_SMALL_RUN: Final = 1 << 13


class Answering(Protocol):
    """Somebody who gives feedback."""

    def send_rtcp(self, compound: bytes) -> None:
        """Protect a compound and send it."""


class Answers:
    """Everybody's feedback.

    Args:
        interval: seconds between two feedbacks of one.
        rng: draws when each begins, so that not all speak at once.

    Attributes:
        sent: feedbacks sent.
    """

    def __init__(self, interval: float, rng: random.Random) -> None:
        self.sent = 0
        self._interval = interval
        self._rng = rng
        self._numbers: dict[Answering, list[int]] = {}
        self._times: dict[Answering, list[int]] = {}  # µs
        self._next: dict[Answering, int] = {}  # number after the newest that was told
        self._counts: dict[Answering, int] = {}
        self._due: list[tuple[float, int, Answering]] = []

    def note(
        self,
        spans: Sequence[tuple[Answering | None, int]],
        numbers: I64,
        arrivals: I64,
        media: Mask,
        now: float,
    ) -> None:
        """Packets have come.

        Args:
            spans: who received so many rows, in order.
            numbers: int64, shape (n,), transport-wide sequence numbers of the rows.
            arrivals: int64, shape (n,), when they came, in µs of any clock.
            media: bool, shape (n,), which rows are media.
            now: monotonic.
        """
        values, times = numbers.tolist(), arrivals.tolist()
        all_media = bool(media.all())
        at = 0
        for peer, some in spans:
            if peer is not None:
                mine, when = values[at : at + some], times[at : at + some]
                if not all_media:
                    kept = media[at : at + some].nonzero()[0].tolist()
                    mine, when = [mine[one] for one in kept], [when[one] for one in kept]
                if peer not in self._numbers:
                    self._begin(peer, now)
                self._numbers[peer] += mine
                self._times[peer] += when
            at += some

    def note_one(self, peer: Answering, number: int, now: float) -> None:
        """A packet of media has come: its transport-wide sequence number, and when."""
        if peer not in self._numbers:
            self._begin(peer, now)
        self._numbers[peer].append(number)
        self._times[peer].append(int(now * 1e6))

    def _begin(self, peer: Answering, now: float) -> None:
        self._numbers[peer], self._times[peer] = [], []
        self._counts[peer] = len(self._counts)
        begun = now + self._rng.random() * self._interval
        heapq.heappush(self._due, (begun, self._counts[peer], peer))

    def act(self, now: float) -> None:
        """Send what is due."""
        while self._due and self._due[0][0] <= now:
            due, tie, peer = self._due[0]
            heapq.heapreplace(
                self._due, (max(due, now - self._interval) + self._interval, tie, peer)
            )
            numbers, times = self._numbers[peer], self._times[peer]
            if numbers:
                self._numbers[peer], self._times[peer] = [], []
                self._tell(peer, numbers, times)

    def _tell(self, peer: Answering, numbers: list[int], times: list[int]) -> None:
        first = self._next.get(peer, numbers[0])
        ahead = [(one - first + 0x8000 & 0xFFFF) - 0x8000 for one in numbers]
        self._next[peer] = first + max(ahead) + 1 & 0xFFFF
        fci = None
        if ahead == list(range(len(ahead))):
            fci = _without_gaps(first, times)
        if fci is None:
            early = min(min(ahead), 0)
            column = np.full(max(ahead) - early + 1, NOT_RECEIVED, np.int64)
            column[np.array(ahead) - early] = times
            fci = build_feedback(first + early & 0xFFFF, column[:_MOST_TOLD], 0)[0]
        peer.send_rtcp(encode_rtcp([TransportFeedback(_REPORTER, _REPORTER, fci)]))
        self.sent += 1


def _without_gaps(first: int, times: list[int]) -> bytes | None:
    """Feedback on packets that came one after the other; None where a delta is large.

    A quarter of what ``build_feedback`` costs, which matters to a crowd on one core.
    """
    ticks = [one // TICK_US for one in times]
    reference = ticks[0] // TICKS_PER_REFERENCE
    before = [reference * TICKS_PER_REFERENCE, *ticks]
    deltas = [now - then for now, then in zip(ticks, before, strict=False)]
    if len(times) > _MOST_SMALL or max(deltas) > 0xFF or min(deltas) < 0:
        return None
    head = first << 48 | len(times) << 32 | (reference & 0xFFFFFF) << 8
    return head.to_bytes(8, "big") + (_SMALL_RUN | len(times)).to_bytes(2, "big") + bytes(deltas)


def transport_numbers(rows: np.typing.NDArray[np.uint8]) -> I64:
    """Transport-wide sequence numbers of canonical packets, which stand in clear.

    Args:
        rows: uint8, shape (n, width).
    """
    at = TRANSPORT_SEQUENCE_OFFSET
    return rows[:, at].astype(np.int64) << 8 | rows[:, at + 1]
