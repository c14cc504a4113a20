"""Half a minute of a room of ten on a worker: its memory stays what it is, and nothing is lost.

The soak benchmark is run as it is. How late packets were says more about the machine than about the
worker here, so it does not count; nor does what the kernel says it dropped.
"""

from pathlib import Path

import msgspec
import pytest

from benchmarks.soak import INTERVAL, Soaked
from tests.support.modules import run_module

MINUTES = 0.5
PATIENCE = 150.0


@pytest.mark.timeout(180)
async def test_half_a_minute_of_a_call_leaves_no_trace(tmp_path: Path) -> None:
    found = tmp_path / "soak.json"
    code, text = await run_module(
        "benchmarks.soak",
        *("--light", "--minutes", str(MINUTES), "--json", str(found), "--plot", str(tmp_path)),
        patience=PATIENCE,
    )
    assert "Traceback" not in text, text
    soaked = msgspec.json.decode(found.read_bytes(), type=Soaked)
    assert code == (0 if soaked.steady else 1), text
    assert len(soaked.samples) == round(60 * MINUTES / INTERVAL)
    assert all(sample.packets for sample in soaked.samples)
    assert soaked.expected > 0
    assert soaked.sound, text
