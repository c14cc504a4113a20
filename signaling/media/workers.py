"""The SFU's workers as signaling knows them: who is there, how busy, who takes the next room."""

from dataclasses import dataclass, field

from sfu.control.messages import WorkerStatus
from signaling.media_plane import SfuState


@dataclass(slots=True, eq=False)
class Worker:
    """A worker that is connected.

    Attributes:
        status: What it said last of itself.
        carried: Routers that it carries for rooms here.
        found: Routers it already had when it was connected and that no room has claimed yet.
    """

    status: WorkerStatus
    carried: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)


class Workers:
    """A media plane made of worker processes.

    Args:
        room_members: Members one room may have on it.
    """

    def __init__(self, room_members: int = 1000) -> None:
        self._room_members = room_members
        self._workers: dict[str, Worker] = {}
        self._without: SfuState = SfuState.NONE

    @property
    def state(self) -> SfuState:
        """Whether a worker is connected, or one is about to be."""
        return SfuState.READY if self._workers else self._without

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

    def connect(self, name: str, status: WorkerStatus) -> Worker:
        """A worker has come, with the routers it has had already."""
        worker = self._workers[name] = Worker(status, found=set(status.router_ids))
        return worker

    def lose(self, name: str) -> Worker | None:
        """A worker is gone; if it was the last one, it is usually back in a moment."""
        gone = self._workers.pop(name, None)
        if gone is not None:
            self._without = SfuState.LOST
        return gone

    def choose(self, router_id: str) -> str | None:
        """Who has this router already, else who is the least busy; None when nobody is there."""
        if not self._workers:
            return None
        return min(self._workers, key=lambda name: self._reluctance(name, router_id))

    def _reluctance(self, name: str, router_id: str) -> tuple[bool, int, int, str]:
        """Tenths of load first; then rooms, because many may come between two signs of life."""
        worker = self._workers[name]
        return (
            router_id not in worker.found,
            int(worker.status.load * 10),
            len(worker.carried),
            name,
        )
