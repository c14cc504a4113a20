"""Programs of the project, run to their end as a person would run them."""

import asyncio
import os
import signal
import sys

from tests.support.server_process import ROOT


async def run_module(name: str, *arguments: str, patience: float) -> tuple[int, str]:
    """Runs ``python -m name`` and returns its exit code and everything it printed.

    One that takes longer than ``patience`` seconds is interrupted, so that it can end what it
    started, and ``TimeoutError`` is raised.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", name, *arguments),
        env={**os.environ, "COLUMNS": "200"},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(patience):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()
