"""The SFU's workers as signaling knows them: who is there, how busy, who takes the next room."""

from dataclasses import dataclass, field

from sfu.control.messages import WorkerStatus


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
        hoping: Whether workers are about to be there: it counts as alive until told otherwise.
    """

    def __init__(self, room_members: int = 1000, hoping: bool = False) -> None:
        self._room_members = room_members
        self._workers: dict[str, Worker] = {}
        self.hoping = hoping

    @property
    def alive(self) -> bool:
        """Whether a worker is connected, or one is about to be."""
        return bool(self._workers) or self.hoping

    def capacity(self) -> int:
        """Members one room may have on it."""
        return self._room_members if self.alive else 0

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
        """A worker is gone."""
        return self._workers.pop(name, None)

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
