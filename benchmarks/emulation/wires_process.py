"""A process with wires of UDP: what comes in at one end leaves at the other, later.

    python -m benchmarks.emulation.wires_process 15 0.03     # so many wires, seconds one way

Ends 2k and 2k + 1 are those of wire k. It prints their ports as JSON, then takes lines of JSON,
``[end, host, port]``: whom an end faces. An end that faces nobody yet faces the first who sends to
it. When its input ends it prints how many datagrams it has carried and how late it was with them.
"""

import json
import os
import select
import socket
import sys
import time
from typing import Final

from benchmarks.emulation.delay_queue import DelayQueue
from benchmarks.peers.synthetic.latency import Latencies

HOST: Final = "127.0.0.1"
_MOST: Final = 2048
_BUFFER: Final = 1 << 21

Address = tuple[str, int]


class Wires:
    """The ends, and what is between them.

    Args:
        count: wires.
        delay: seconds, each way.

    Attributes:
        carried: datagrams that have arrived.
        late: by how much each was later than its delay.
    """

    def __init__(self, count: int, delay: float) -> None:
        self.carried = 0
        self.late = Latencies()
        self._queue = DelayQueue(delay)
        self._ends = [_end() for _ in range(2 * count)]
        self._numbers = {one.fileno(): number for number, one in enumerate(self._ends)}
        self._facing: list[Address | None] = [None] * len(self._ends)

    @property
    def ports(self) -> list[int]:
        """Of the ends, in order."""
        return [int(one.getsockname()[1]) for one in self._ends]

    def face(self, end: int, address: Address) -> None:
        """Whom an end is to send to."""
        self._facing[end] = address

    def carry(self, *also: int) -> list[int]:
        """Wait for what comes or is due, and move it.

        Args:
            also: other file descriptors to wait for.

        Returns:
            Those of them that can be read.
        """
        wait = self._queue.wait(time.monotonic())
        ready, _, _ = select.select([*self._numbers, *also], (), (), wait)
        for descriptor in ready:
            if descriptor in self._numbers:
                self._take(self._numbers[descriptor])
        self._deliver()
        return [one for one in ready if one not in self._numbers]

    def close(self) -> None:
        """Take the wires away."""
        for one in self._ends:
            one.close()

    def _take(self, end: int) -> None:
        while True:
            try:
                datagram, source = self._ends[end].recvfrom(_MOST)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if self._facing[end] is None:
                self._facing[end] = source
            self._queue.put(time.monotonic(), end ^ 1, datagram)

    def _deliver(self) -> None:
        for one in self._queue.take(time.monotonic()):
            address = self._facing[one.way]
            if address is None:
                continue  # nobody is there: lost, as on any wire
            self.carried += 1
            self.late.add(time.monotonic() - one.due)
            try:
                self._ends[one.way].sendto(one.datagram, address)
            except (BlockingIOError, ConnectionRefusedError):
                continue


def _end() -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.setblocking(False)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    end.bind((HOST, 0))
    return end


def main(count: int, delay: float) -> None:
    """Carry until the input ends."""
    wires = Wires(count, delay)
    print(json.dumps(wires.ports), flush=True)
    words, rest = sys.stdin.fileno(), b""  # no buffer, for select does not look into one
    while True:
        if not wires.carry(words):
            continue
        read = os.read(words, 65536)
        if not read:
            break
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            end, host, port = json.loads(line)
            wires.face(end, (host, port))
    late = wires.late.percentile(99) if wires.carried else 0.0
    print(json.dumps([wires.carried, late]), flush=True)
    wires.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
