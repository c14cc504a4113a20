import asyncio
import time

from benchmarks.gaps import Window
from benchmarks.load.lateness import Lateness


async def test_a_loop_that_is_held_up_is_noticed() -> None:
    async with Lateness() as lateness:
        await asyncio.sleep(0.01)
        begun = time.monotonic()
        time.sleep(0.1)  # noqa: ASYNC251 - what is to be noticed
        await asyncio.sleep(0.02)
        ended = time.monotonic()
    assert lateness.worst(Window(begun, ended)) > 0.08
    assert lateness.worst(Window(ended, ended + 1)) == 0
    assert 0 <= lateness.waited <= 1
