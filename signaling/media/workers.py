"""The SFU's workers as signaling knows them: who is there, how busy, who takes the next room."""

from dataclasses import dataclass, field

from sfu.control.messages import WorkerStatus
from signaling.media.pressure import Intake, Pressure, WorkerLimits
from signaling.media_plane import SfuState


@dataclass(slots=True, eq=False)
class Worker:
    """A worker that is connected.

    Attributes:
        status: What it said last of itself.
        pressure: How busy it is.
        carried: Routers that it carries for rooms here.
        found: Routers it already had when it was connected and that no room has claimed yet.
    """

    status: WorkerStatus
    pressure: Pressure
    carried: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)

    @property
    def draining(self) -> bool:
        """Whether it is about to end."""
        return self.status.drain_seconds is not None

    @property
    def takes_rooms(self) -> bool:
        """Whether it is given new ones."""
        return not self.draining and self.pressure.intake is Intake.ROOMS

    @property
    def takes_moved_rooms(self) -> bool:
        """Whether it is given those of a worker that ends: they would be lost otherwise."""
        return not self.draining and self.pressure.intake < Intake.NOBODY


class Workers:
    """A media plane made of worker processes.

    Args:
        room_members: Members one room may have on it.
        limits: What one worker may be burdened with.
    """

    def __init__(self, room_members: int = 1000, limits: WorkerLimits | None = None) -> None:
        self._room_members = room_members
        self._limits = limits or WorkerLimits()
        self._workers: dict[str, Worker] = {}
        self._without: SfuState = SfuState.NONE

    @property
    def state(self) -> SfuState:
        """Whether a worker is connected, or one is about to be, and takes rooms."""
        if not self._workers:
            return self._without
        if any(worker.takes_rooms for worker in self._workers.values()):
            return SfuState.READY
        ending = all(worker.draining for worker in self._workers.values())
        return SfuState.DRAINING if ending else SfuState.FULL

    def state_for(self, room_id: str) -> SfuState:
        """The same, for a room: who has its router already need not be given it."""
        worker = self._carrier(room_id)
        if worker is None:
            return self.state
        if worker.draining:
            others = any(one.takes_moved_rooms for one in self._workers.values())
            return SfuState.READY if others else SfuState.DRAINING
        return SfuState.READY if worker.pressure.intake < Intake.NOBODY else SfuState.FULL

    def expect(self) -> None:
        """Workers are being started, and are there in a moment."""
        self._without = SfuState.STARTING

    def despair(self) -> None:
        """None has come in time."""
        self._without = SfuState.NONE

    def capacity(self) -> int:
        """Members one room may have on it."""
        return 0 if self.state is SfuState.NONE else self._room_members

    def connected(self) -> list[tuple[str, Worker]]:
        """Every worker that is there, by name."""
        return list(self._workers.items())

    def find(self, name: str) -> Worker | None:
        """A worker that is there."""
        return self._workers.get(name)

    def connect(self, name: str, status: WorkerStatus, now: float) -> Worker:
        """A worker has come, with the routers it has had already."""
        pressure = Pressure(self._limits, status, now)
        worker = self._workers[name] = Worker(status, pressure, found=set(status.router_ids))
        return worker

    def hear(self, name: str, status: WorkerStatus, now: float) -> bool:
        """A sign of life; whether what may be given to the worker has changed."""
        worker = self._workers[name]
        draining = worker.draining
        worker.status = status
        return worker.pressure.hear(status, now) or worker.draining != draining

    def lose(self, name: str) -> Worker | None:
        """A worker is gone; if it was the last one, it is usually back in a moment."""
        gone = self._workers.pop(name, None)
        if gone is not None and not self._workers:
            self._without = SfuState.LOST
        return gone

    def choose(self, router_id: str, homeless: bool = False) -> str | None:
        """Who has this router already, else who is the least busy of those who take rooms.

        Args:
            router_id: Whose carrier is looked for.
            homeless: The room has lost its worker: a full one is better than none.

        Returns:
            The worker's name; None when nobody takes the room.
        """
        all_of_them = self._workers.items()
        having = [name for name, worker in all_of_them if router_id in worker.found]
        taking = [name for name, worker in all_of_them if worker.takes_rooms]
        staying = [name for name, worker in all_of_them if not worker.draining]
        found = having or taking or (staying if homeless else [])
        return min(found, key=self._reluctance, default=None)

    def choose_for_moved(self) -> str | None:
        """Who is the least busy of those who may be given a room of a worker that ends."""
        taking = [name for name, worker in self._workers.items() if worker.takes_moved_rooms]
        return min(taking, key=self._reluctance, default=None)

    # ---- inside --------------------------------------------------------------------------

    def _carrier(self, room_id: str) -> Worker | None:
        """Who has the room's router; one that ends only where no other has it."""
        having = [
            worker
            for worker in self._workers.values()
            if room_id in worker.carried or room_id in worker.found
        ]
        return min(having, key=lambda worker: worker.draining, default=None)

    def _reluctance(self, name: str) -> tuple[bool, int, int, int, str]:
        """Tenths of load come first; then rooms: many may come between two signs of life."""
        worker = self._workers[name]
        pressure = worker.pressure
        load, carried = int(pressure.load * 10), len(worker.carried)
        return (worker.draining, pressure.intake, load, carried, name)
