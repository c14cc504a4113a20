"""How busy a worker is, and what may still be given to it.

::

                 load ≥ limit                          load ≥ the hard limit
      ROOMS ───────────────────► MEMBERS: no new room ───────────────► NOBODY: no new member
         ▲                         │   ▲                                  │
         └── load < 0.9 · limit ───┘   └──── load < 0.9 · hard limit ─────┘

The same of packets, where they are limited. A worker's own figures are smoothed over some seconds,
and a limit that was passed has to be left by a tenth before it counts as left: so one busy second
changes nothing, and a worker that stands right at its limit does not change its mind with each.

Between the limit and the hard limit members still enter rooms that the worker carries already: they
could go nowhere else, since a router lives on one worker. It lies half-way to a whole core, beyond
which packets are late for everybody.
"""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sfu.control.messages import WorkerStatus

SMOOTHED: Final = 4.0
"""Seconds (time constant) over which a worker's figures are averaged."""

BELOW: Final = 0.9
"""The part of a limit below which it is left again."""


class Intake(IntEnum):
    """What a worker takes."""

    ROOMS = 0
    """New rooms, and members."""
    MEMBERS = 1
    """Members of the rooms that it carries."""
    NOBODY = 2
    """Nobody."""


@dataclass(frozen=True)
class WorkerLimits:
    """The operator's limits of one worker.

    Attributes:
        load: Share of its core, 0 to 1, from which it takes no new room.
        packets: RTP packets it sends in a second, likewise; 0 = no limit.
    """

    load: float = 0.85
    packets: float = 0.0

    @property
    def hard_load(self) -> float:
        """From which it takes nobody: half of what is left of the core."""
        return (1.0 + self.load) / 2

    @property
    def hard_packets(self) -> float:
        """The same of packets: a tenth more."""
        return self.packets * 1.1


class Pressure:
    """One worker's figures over time.

    Attributes:
        load: Share of its core in use, smoothed, 0 to 1.
        packets: RTP packets it sends in a second, smoothed.
        intake: What it takes.
    """

    def __init__(self, limits: WorkerLimits, status: WorkerStatus, now: float) -> None:
        self.load = status.load
        self.packets = 0.0
        self.intake = Intake.ROOMS
        self._limits = limits
        self._sent = status.packets_out
        self._at = now
        self._judge()

    def hear(self, status: WorkerStatus, now: float) -> bool:
        """A sign of life; whether the worker takes more, or less, than before."""
        passed = now - self._at
        if passed <= 0.0:
            return False
        part = 1.0 - math.exp(-passed / SMOOTHED)
        rate = max(0, status.packets_out - self._sent) / passed
        self.load += part * (status.load - self.load)
        self.packets += part * (rate - self.packets)
        self._sent, self._at = status.packets_out, now
        before = self.intake
        self._judge()
        return self.intake is not before

    def _judge(self) -> None:
        limits = self._limits
        if self._passes(limits.hard_load, limits.hard_packets, Intake.NOBODY):
            self.intake = Intake.NOBODY
        elif self._passes(limits.load, limits.packets, Intake.MEMBERS):
            self.intake = Intake.MEMBERS
        else:
            self.intake = Intake.ROOMS

    def _passes(self, load: float, packets: float, level: Intake) -> bool:
        """Whether a limit is passed, or was and has not been left yet."""
        factor = BELOW if self.intake >= level else 1.0
        return self.load >= load * factor or 0.0 < packets * factor <= self.packets
