"""Links of a given delay between people, or between people and the SFU, carried by a process."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Final

from benchmarks.emulation.wires_process import HOST, Address
from benchmarks.processes import ROOT, StartFailed, pinned_to


class NoWireLeft(Exception):  # noqa: N818 - reads as what is the matter
    """More links are wanted than were asked for."""


class Links:
    """Hands out wires, one for each connection.

    Args:
        ports: of all ends.
        words: where the process is told whom an end faces.
    """

    def __init__(self, ports: list[int], words: IO[bytes]) -> None:
        self._ports = ports
        self._words = words
        self._next = 0
        self._begun: dict[str, int] = {}

    def between(self, name: str, address: Address) -> Address:
        """One of two who connect with each other tells where it is.

        Args:
            name: of their connection; who tells it first has one end of a new wire.
            address: of its socket.

        Returns:
            Where the other has to send to in its place.

        Raises:
            NoWireLeft: there is none.
        """
        first = self._begun.pop(name, None)
        if first is None:
            near = self._begun[name] = self._take()
        else:
            near = first + 1
        self._face(near, address)
        return HOST, self._ports[near ^ 1]

    def towards(self, address: Address) -> Address:
        """Where to send to in place of an address; who sends first is answered.

        Raises:
            NoWireLeft: there is none.
        """
        near = self._take()
        self._face(near + 1, address)
        return HOST, self._ports[near]

    def _take(self) -> int:
        taken, self._next = self._next, self._next + 2
        if taken >= len(self._ports):
            raise NoWireLeft(f"all {len(self._ports) // 2} wires are in use")
        return taken

    def _face(self, end: int, address: Address) -> None:
        self._words.write(json.dumps([end, *address]).encode() + b"\n")
        self._words.flush()


class Report:
    """What a process of wires has told in the end.

    Attributes:
        carried: datagrams.
        late: seconds by which the slowest hundredth was late, at least.
    """

    def __init__(self) -> None:
        self.carried = 0
        self.late = 0.0


@contextlib.contextmanager
def links(core: int, count: int, delay: float) -> Iterator[tuple[Links, Report]]:
    """So many wires, of so many seconds each way; the report is filled in at the end.

    Raises:
        StartFailed: the process did not say where they are.
    """
    command = [sys.executable, "-m", "benchmarks.emulation.wires_process", str(count), str(delay)]
    with pinned_to(core):
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    report = Report()
    with process:
        ports = process.stdout.readline()
        if not ports:
            raise StartFailed("the emulated links did not start")
        try:
            yield Links(json.loads(ports), process.stdin), report
        finally:
            said, _ = process.communicate(timeout=_PATIENCE)
            if said:
                report.carried, report.late = json.loads(said)


_PATIENCE: Final = 10.0
