"""The ``crossover`` command as the operator starts and stops it."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession

from sfu.control.messages import FromWorker, WorkerStatus
from signaling.workers.control_link import SocketLink
from tests.support.server import PATIENCE, SECRET, Socket, until

ROOT = Path(__file__).parent.parent.parent
READY = re.compile(r"http://\S+")


@contextlib.asynccontextmanager
async def command(
    *arguments: str, variables: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command with nothing in its environment but what the test says."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "500", "CROSSOVER_WORKERS": "0"}
    environment |= variables or {}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "signaling",
        *arguments,
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(2 * PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def outcome(*arguments: str, variables: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Runs the command to its end; exit code and everything it printed."""
    async with command(*arguments, variables=variables) as process:
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, (out + err).decode()


async def ready(process: asyncio.subprocess.Process) -> str:
    """Waits until the server accepts connections; its address."""
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    found = READY.search(line)
    assert found, line
    return found.group()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_starts_serves_and_ends_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    variables = {"CROSSOVER_STATE_DIR": str(tmp_path / "state")}
    async with command(
        "serve", "--host", "127.0.0.1", "--port", "0", variables=variables
    ) as process:
        address = await ready(process)
        async with ClientSession(address) as http:
            async with http.get("/health") as response:
                assert (await response.json())["status"] == "ok"
            client = Socket(await http.ws_connect("/ws"))
            await client.expect("client-id")
            process.send_signal(number)
            assert (await client.expect("goodbye"))["code"] == "shutdown"
            assert await client.closed() == 4012
        out, err = await process.communicate()
        assert process.returncode == 0
        assert out == b""
        lines = err.decode().splitlines()
        assert all(" INFO signaling.http.journal: server-" in line for line in lines), err
        assert [line.split(": ")[1].split()[0] for line in lines][:: len(lines) - 1] == [
            "server-started",
            "server-ended",
        ]
    kept = tmp_path / "state" / "secret"
    assert len(kept.read_text()) >= 32
    assert kept.stat().st_mode & 0o077 == 0, "nobody else may read it"


async def test_made_secret_survives_a_restart(tmp_path: Path) -> None:
    variables = {"CROSSOVER_STATE_DIR": str(tmp_path), "HOST": "127.0.0.1", "PORT": "0"}
    tokens: list[str] = []
    ids: list[str] = []
    for _ in range(2):
        async with (
            command("serve", variables=variables) as process,
            ClientSession(await ready(process)) as http,
        ):
            client = Socket(await http.ws_connect("/ws"))
            await client.expect("client-id")
            for token in tokens:
                await client.say("resume", resumeToken=token, received=0)
                await client.expect("client-id")
            tokens.append(client.token)
            ids.append(client.id)
    assert ids[0] == ids[1]


async def test_secret_that_cannot_be_kept_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    variables = {"CROSSOVER_STATE_DIR": str(tmp_path / "file" / "state")}
    async with command(
        "serve", "--host", "127.0.0.1", "--port", "0", variables=variables
    ) as process:
        await ready(process)
        process.terminate()
        _, err = await process.communicate()
        assert b"CROSSOVER_SECRET" in err
        assert process.returncode == 0


async def test_occupied_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, text = await outcome(
            "serve", "--host", "127.0.0.1", "--port", f"{port}", "--secret", SECRET
        )
    assert code == 2
    assert f"Port {port} cannot be used" in text
    assert "--port" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "variables", "named"),
    [
        (["--port", "http"], {}, "--port"),
        ([], {"PORT": "-1"}, "PORT"),
        ([], {"CROSSOVER_SECRET": "too short"}, "CROSSOVER_SECRET"),
    ],
)
async def test_wrong_setting(arguments: list[str], variables: dict[str, str], named: str) -> None:
    code, text = await outcome("serve", *arguments, variables=variables)
    assert code == 2
    assert named in text
    assert "too short" not in text, "secrets are not printed"
    assert "Traceback" not in text


async def test_one_worker_alone(tmp_path: Path) -> None:
    """It becomes the worker: the same process, with the worker's own flags."""
    socket_path = tmp_path / "sfu" / "worker-3.sock"
    variables = {"CROSSOVER_STATE_DIR": str(tmp_path), "CROSSOVER_SFU_PORT": "0"}
    async with command("sfu", "--name", "worker-3", variables=variables) as process:
        heard: list[FromWorker] = []
        await until(socket_path.exists)
        link = await SocketLink.connect("worker-3", str(socket_path), heard.extend)
        await until(lambda: bool(heard))
        link.close()
        assert isinstance(heard[0], WorkerStatus)
        assert (heard[0].worker, heard[0].process) == ("worker-3", process.pid)
        process.terminate()
        await process.communicate()
        assert process.returncode == 0
    code, text = await outcome("sfu", "--sfu-port", "x")
    assert code == 2
    assert "--sfu-port" in text


async def test_version_and_help() -> None:
    code, text = await outcome("version")
    assert code == 0
    assert text.strip()
    code, text = await outcome("serve", "--help")
    assert code == 0
    assert "--turn-secret" in text
    assert "CROSSOVER_TURN_SECRET" in text
