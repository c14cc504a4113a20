"""Two minutes of a room of ten on a worker: its memory stays what it is, and nothing is lost.

The soak benchmark is run as it is. How late packets were says more about the machine than about the
worker here, so it does not count; nor does what the kernel says it dropped.
"""

import asyncio
import signal
import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.soak import INTERVAL, Soaked
from tests.support.server_process import ROOT

MINUTES = 2.0
PATIENCE = 270.0


@pytest.mark.timeout(300)
async def test_two_minutes_of_a_call_leave_no_trace(tmp_path: Path) -> None:
    found = tmp_path / "soak.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.soak", "--light", "--minutes", str(MINUTES)),
        *("--json", str(found), "--plot", str(tmp_path)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # so that it ends its worker
            await process.communicate()
    text = output.decode()
    assert "Traceback" not in text, text
    soaked = msgspec.json.decode(found.read_bytes(), type=Soaked)
    assert process.returncode == (0 if soaked.steady else 1), text
    assert len(soaked.samples) == round(60 * MINUTES / INTERVAL)
    assert all(sample.packets for sample in soaked.samples)
    assert soaked.expected > 0
    assert soaked.sound, text
