"""A client's network: programs that run in it reach the server by an emulated link only."""

import contextlib
import json
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

from benchmarks.emulation.link_process import SERVER, LinkReport, NoNetwork, Place
from benchmarks.emulation.plan import Plan
from benchmarks.processes import ROOT

__all__ = ["SERVER", "Network", "NoNetwork", "missing", "network"]

_PATIENCE: Final = 20.0


class Network:
    """One client's.

    Args:
        place: where it is.
        words: where its process is told what to do.

    Attributes:
        place: where it is.
        report: what the link did; there once the network is no more.
    """

    def __init__(self, place: Place, words: IO[bytes]) -> None:
        self.place = place
        self.report: LinkReport | None = None
        self._words = words

    def begin(self) -> None:
        """Let the plan begin; until then the conditions of its first step hold."""
        self._words.write(b"begin\n")
        self._words.flush()

    def command(self, command: Sequence[str]) -> list[str]:
        """A command, as it is run on the client's computer."""
        return ["nsenter", f"--net={self.place.namespace}", *command]

    def launcher(self, folder: Path, program: str) -> Path:
        """An executable file that runs a program on the client's computer, with all arguments."""
        path = folder / f"{Path(program).name}-{self.place.address}"
        path.write_text(f'#!/bin/sh\nexec {shlex.join(self.command([program]))} "$@"\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def change_address(self) -> str:
        """The client gets another address and loses the one it had; which."""
        net, _, last = self.place.address.rpartition(".")
        address = f"{net}.{int(last) + 1}"
        for words in (
            ["addr", "add", f"{address}/24", "dev", "eth0"],
            ["addr", "del", f"{self.place.address}/24", "dev", "eth0"],
            ["addr", "replace", f"{address}/24", "dev", "eth0"],
            ["route", "replace", "default", "dev", "eth0"],
        ):
            subprocess.run(self.command(["ip", *words]), check=True, capture_output=True)
        self.place = msgspec.structs.replace(self.place, address=address)
        return address


@contextlib.contextmanager
def network(plan: Plan) -> Iterator[Network]:
    """A client's network, whose link follows a plan; the server's address is ``SERVER``.

    Raises:
        NoNetwork: that cannot be had here.
    """
    if (reason := missing()) is not None:
        raise NoNetwork(reason)
    with tempfile.TemporaryDirectory(prefix="crossover-link-") as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "benchmarks.emulation.link_process", str(log)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(msgspec.json.encode(plan) + b"\n")
            process.stdin.flush()
            made = Network(_place(process.stdout.readline()), process.stdin)
            try:
                yield made
            finally:
                process.stdin.close()
                process.wait(_PATIENCE)
                if log.exists():
                    made.report = msgspec.json.decode(log.read_bytes(), type=LinkReport)


def _place(line: bytes) -> Place:
    said = json.loads(line or b'{"error": "the process of the link did not start"}')
    if "error" in said:
        raise NoNetwork(said["error"])
    return msgspec.convert(said, Place)


def missing() -> str | None:
    """What has to be there first for links to be emulated, as a sentence; None if all is."""
    for tool, package in (("ip", "iproute2"), ("nsenter", "util-linux"), ("unshare", "util-linux")):
        if shutil.which(tool) is None:
            return f"{tool} is not installed: apt-get install {package}."
    if not Path("/dev/net/tun").exists():
        return "There is no /dev/net/tun: modprobe tun."
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        return "Emulated links are made of network namespaces and TUN devices, which takes root."
    return None
