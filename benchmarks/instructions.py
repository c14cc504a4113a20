"""Instructions that a process executes, by ``perf``, where the machine lets it count them."""

import shutil
import subprocess

_EVENTS = "instructions:u,instructions:k"


def can_be_counted() -> bool:
    """Whether ``perf`` is there and the machine has counters for us."""
    if shutil.which("perf") is None:
        return False
    tried = subprocess.run(
        ["perf", "stat", "-x,", "-e", _EVENTS, "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tried.returncode == 0 and tried.stderr[:1].isdigit()


class Counting:
    """Counts a process's instructions, user and kernel, for a while.

    Args:
        seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._perf: subprocess.Popen[str] | None = None

    def begin(self, pid: int) -> None:
        """Begin to count."""
        command = ["perf", "stat", "-x,", "-e", _EVENTS, "-p", str(pid), "sleep"]
        self._perf = subprocess.Popen(
            [*command, str(self._seconds)], stderr=subprocess.PIPE, text=True
        )

    def end(self) -> int:
        """What was counted; waits for the time to be over."""
        if self._perf is None:
            return 0
        counted = self._perf.communicate()[1]
        return sum(int(line.split(",")[0]) for line in counted.splitlines() if line[:1].isdigit())
