"""A client that is no browser and knows nothing of our page, in a call with pages."""

import json
import subprocess
import sys
import threading

from tests.support.server_process import ROOT, ServerProcess


class PlainScript:
    """The script in a process of its own, and what it reports."""

    def __init__(self, server: ServerProcess, room: str) -> None:
        script = ROOT / "tests/support/plain_caller.py"
        self._process = subprocess.Popen(
            [sys.executable, str(script), f"{server.url}/ws", room.rpartition("/")[2]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: list[dict[str, object]] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self._lines.append(json.loads(line))
                self._news.notify_all()

    def expect(self, patience: float = 20.0, **what: object) -> None:
        """Waits until a line with these fields was reported."""
        with self._news:
            found = self._news.wait_for(
                lambda: any(what.items() <= line.items() for line in self._lines), patience
            )
        assert found, f"no {what} in {self._lines}"

    def close(self) -> None:
        """Ends it."""
        self._process.communicate(timeout=10)
