"""How much of the machine programs used that are not ours, while something was measured."""

import os
import time
from pathlib import Path
from typing import Final

from benchmarks import metering

_TICK: Final = os.sysconf("SC_CLK_TCK")


class Neighbours:
    """Watches from its making on; ours are this process and all that it has started."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._busy, self._ours = _busy(), _ours()

    @property
    def share(self) -> float:
        """Of all cores' time until now, what others had; programs that ended count as others."""
        passed = (time.monotonic() - self._begun) * (os.cpu_count() or 1)
        others = _busy() - self._busy - (_ours() - self._ours)
        return max(0.0, others / max(passed, 1e-9))


def _busy() -> float:
    """Seconds that the machine's cores have worked."""
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, interrupts, soft, stolen = map(int, words[:8])
    return (user + nice + system + interrupts + soft + stolen) / _TICK


def _ours() -> float:
    return metering.cpu_time(os.getpid()).ran / 1e9
