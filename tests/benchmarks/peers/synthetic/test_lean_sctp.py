"""The SCTP of peers for load, against a worker's."""

import asyncio
import random

from benchmarks.peers.synthetic.lean_sctp import LeanSctp
from sfu.worker.sctp_aiortc import BINARY, SctpAssociation
from tests.support.dtls_virtual_time import run_virtually

Message = tuple[int, int, bytes]


class Pair:
    """A worker's association and a peer's; ``lose`` says which packets of the worker's are lost."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.heard: list[Message] = []
        self.got: list[Message] = []
        self.packets = 0
        self.lose = False
        self.worker = SctpAssociation(
            lambda packet: None if self.lose else self._later(loop, packet),
            lambda *message: self.heard.append(message),
            lambda _: None,
        )
        self.peer = LeanSctp(
            lambda packet: (loop.call_soon(self.worker.receive, packet), None)[1],
            lambda *message: self.got.append(message),
            random.Random(1),
        )

    def _later(self, loop: asyncio.AbstractEventLoop, packet: bytes) -> None:
        self.packets += 1
        loop.call_soon(self.peer.receive, packet)

    async def connect(self) -> None:
        for stream in (0, 9):
            self.worker.open_stream(stream)
        self.worker.start(5000)
        await asyncio.sleep(0.01)
        assert self.peer.established


def test_messages_go_both_ways_and_are_acknowledged() -> None:
    async def main() -> None:
        pair = Pair()
        await pair.connect()
        said = [(0, BINARY, b"%d" % number) for number in range(100)]
        for stream, ppid, data in said:
            pair.peer.send(stream, ppid, data, ordered=True)
            assert pair.worker.send_message(9, ppid, data)
            await asyncio.sleep(0.001)
        assert pair.heard == said
        assert [data for _, _, data in pair.got] == [data for _, _, data in said]
        assert pair.peer.unacknowledged == 0
        assert pair.peer.packets == 100 and pair.peer.acknowledgements == 50
        pair.peer.acknowledge()
        assert pair.peer.acknowledgements == 50, "all is acknowledged"

    run_virtually(main())


def test_what_was_lost_is_asked_for() -> None:
    async def main() -> None:
        pair = Pair()
        await pair.connect()
        for number in range(40):
            pair.lose = number % 5 == 0
            assert pair.worker.send_message(9, BINARY, b"%d" % number)
            await asyncio.sleep(0.001)
        pair.lose = False
        await asyncio.sleep(5)
        assert {data for _, _, data in pair.got} == {b"%d" % number for number in range(40)}
        assert len(pair.got) == 40

    run_virtually(main())


def test_end_is_noticed() -> None:
    async def main() -> None:
        pair = Pair()
        await pair.connect()
        pair.worker.abort()
        await asyncio.sleep(0.01)
        assert pair.peer.ended

    run_virtually(main())
