"""Packets that leave in slices: probes, and repetitions that had to wait."""

from dataclasses import dataclass
from typing import Final, Protocol

from sfu.congestion.pacer import SLICE
from sfu.congestion.probing import LEAST_PACKETS, Probe
from sfu.congestion.sent_packets import SentPackets
from sfu.routing.repairs import Repairs
from sfu.routing.shared import Shared
from sfu.transport.srtp import SrtpSession
from sfu.units import Seconds

_MOST_SECONDS: Final = 0.5
"""How long a probe takes at most, whatever its packets' sizes."""


class Padded(Protocol):
    """The sending side of a transport, as far as padding goes."""

    @property
    def destination(self) -> tuple[int, SrtpSession] | None:
        """Slot and session; None before it is connected."""

    def padding_source(self) -> Repairs | None:
        """Who can send padding; None when nobody can."""


@dataclass(slots=True)
class _Running:
    """A probe that is being sent.

    Attributes:
        outbound: of the transport.
        probe: what is to be sent.
        begun: when its first packet left.
        octets: sent so far.
        packets: sent so far.
    """

    outbound: Padded
    probe: Probe
    begun: Seconds
    octets: int = 0
    packets: int = 0


class PacedSending:
    """Sends what is not sent as it comes.

    Args:
        shared: in which repetitions wait.
        sent: told which packets are probes.

    Attributes:
        probes: begun so far.
        padding: bytes sent for them, before protection.
    """

    def __init__(self, shared: Shared, sent: SentPackets) -> None:
        self.probes = 0
        self.padding = 0
        self._shared = shared
        self._sent = sent
        self._running: dict[int, _Running] = {}
        self._at = Seconds(0.0)

    @property
    def due(self) -> Seconds | None:
        """When ``run`` has something to do; None for never."""
        return Seconds(self._at + SLICE) if self._running or self._shared.waiting else None

    def begin(self, slot: int, outbound: Padded, probe: Probe, now: Seconds) -> None:
        """Send a probe, beginning with one packet: its rate is seen between first and last.

        Args:
            slot: of the transport.
            outbound: its sending side.
            probe: what to send.
            now: monotonic.
        """
        self.probes += 1
        self._running[slot] = running = _Running(outbound, probe, now)
        if not self._send(slot, running, 1, now):
            del self._running[slot]

    def forget(self, slot: int) -> None:
        """Send nothing to a transport any more."""
        self._running.pop(slot, None)
        self._shared.waiting.pop(slot, None)

    def run(self, now: Seconds) -> None:
        """Send what may leave now."""
        self._at = now
        for slot, running in list(self._running.items()):
            elapsed = now - running.begun
            wanted = int(running.probe.rate * elapsed / 8) - running.octets
            going = wanted <= 0 or self._send(slot, running, wanted, now)
            enough = elapsed >= running.probe.duration and running.packets >= LEAST_PACKETS
            if enough or not going or elapsed > _MOST_SECONDS:
                del self._running[slot]
        for slot, pacer in list(self._shared.waiting.items()):
            while (next_one := pacer.next(now)) is not None:
                repeats, number, destination = next_one
                pacer.spend(repeats.repeat(number, destination, now))
            if not len(pacer):
                del self._shared.waiting[slot]

    def _send(self, slot: int, running: _Running, octets: int, now: Seconds) -> bool:
        """Send so much of a probe; False when there is no way to."""
        source, destination = running.outbound.padding_source(), running.outbound.destination
        if source is None or destination is None:
            return False
        for number, size in source.pad(octets, destination, now):
            self._sent.note_probe(slot, number, running.probe.cluster)
            running.octets += size
            running.packets += 1
            self.padding += size
        return True
