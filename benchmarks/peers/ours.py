"""Our own SFU among the servers that are compared: a worker as the service starts it."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from benchmarks import processes
from benchmarks.peers.contestant import Absence, machine_address
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_peer import CrowdPeer
from benchmarks.peers.synthetic.crowd_transport import CrowdStream
from benchmarks.peers.synthetic.published import VideoTrack
from benchmarks.peers.synthetic.worker_control import Router, WorkerControl


class Crossover:
    """See ``Contestant``."""

    name = "Crossover"

    def absence(self) -> Absence | None:
        """It is here."""
        return None

    def settings(self) -> str:
        """As it comes."""
        return "one worker, python -m sfu, as it comes"

    @contextlib.asynccontextmanager
    async def running(self, core: int, crowd: Crowd) -> AsyncIterator["CrossoverServer"]:
        """A worker of its own."""
        with processes.sfu_worker(core, host=machine_address()) as worker:
            async with WorkerControl.connected(worker.control) as control:
                yield CrossoverServer(worker.pid, control, crowd)


class CrossoverServer:
    """See ``Server``; everybody speaks with the worker as the signaling service would."""

    def __init__(self, pid: int, control: WorkerControl, crowd: Crowd) -> None:
        self.pid = pid
        self._control = control
        self._crowd = crowd
        self._routers: dict[str, Router] = {}

    async def publish(self, room: str, track: VideoTrack) -> str:
        """See ``Server``."""
        publisher = CrowdPeer((await self._router(room)).member(self._new_member()), self._crowd)
        return (await publisher.publish(track, "camera")).id

    async def subscribe(
        self, room: str, publications: Sequence[str], checked: bool
    ) -> list[CrowdStream]:
        """See ``Server``."""
        member = (await self._router(room)).member(self._new_member())
        subscriber = CrowdPeer(member, self._crowd, checked=checked)
        return [(await subscriber.subscribe(one)).stream for one in publications]

    async def _router(self, room: str) -> Router:
        if room not in self._routers:
            self._routers[room] = await self._control.open_router(room)
        return self._routers[room]

    def _new_member(self) -> str:
        return self._control.new_id("member")
