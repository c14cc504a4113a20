"""What a process costs: CPU time in nanoseconds, memory in KiB."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_ALLOWED = sorted(os.sched_getaffinity(0))
"""Cores that this process may use: as of its start, for it pins itself to some later."""


@dataclass(frozen=True, slots=True)
class Memory:
    """KiB: resident, and resident with shared pages divided among those who share them."""

    rss: int
    pss: int


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Nanoseconds that threads ran, and that they were ready but waited for their core."""

    ran: int
    waited: int

    def __sub__(self, before: "CpuTime") -> "CpuTime":
        return CpuTime(self.ran - before.ran, self.waited - before.waited)


def cpu_time(pid: int) -> CpuTime:
    """CPU time of a process and its descendants, all threads.

    From ``schedstat``, which the kernel counts in nanoseconds. The usual ``utime`` and ``stime``
    are samples taken at the timer's rate and up to two times off for a server that works in bursts.
    """
    times = [
        _schedstat(task)
        for process in _tree(pid)
        for task in _listing(_PROC / str(process) / "task")
    ]
    return CpuTime(sum(ran for ran, _ in times), sum(waited for _, waited in times))


def own_wait() -> int:
    """Nanoseconds that this thread was ready but waited for its core."""
    return _schedstat(_PROC / "thread-self")[1]


def memory(pid: int) -> Memory:
    """Memory of one process, without its descendants."""
    lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    sizes = {line.partition(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    return Memory(rss=sizes["Rss"], pss=sizes["Pss"])


def memory_of_tree(pid: int) -> Memory:
    """Memory of a process and its descendants."""
    each = [memory(process) for process in _tree(pid)]
    return Memory(rss=sum(one.rss for one in each), pss=sum(one.pss for one in each))


def udp_drops(*ports: int) -> int:
    """Datagrams that the kernel dropped at UDP ports of this machine for want of room."""
    wanted = frozenset(ports)
    drops = 0
    for table in ("udp", "udp6"):
        for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) in wanted:
                drops += int(fields[-1])
    return drops


def cores() -> tuple[int, int]:
    """A core for the server and another for the load; the same one where there is only one."""
    return _ALLOWED[0], _ALLOWED[-1]


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in _listing(_PROC / str(pid) / "task"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _listing(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # gone
        return []


def _schedstat(task: Path) -> tuple[int, int]:
    try:
        ran, waited, _ = (task / "schedstat").read_text().split()
    except OSError:  # a thread that ended
        return 0, 0
    return int(ran), int(waited)
