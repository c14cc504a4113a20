"""What the kernel says: compared with another way of asking it."""

import os
import re
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sfu.worker import kernel
from sfu.worker.udp_socket import open_port
from signaling.probes import machine

linux = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")


@linux
def test_sockets_get_what_a_worker_gets() -> None:
    facts = machine.sockets()
    with open_port("127.0.0.1", 0) as worker:
        given = [
            worker.getsockopt(socket.SOL_SOCKET, one) // 2
            for one in (socket.SO_RCVBUF, socket.SO_SNDBUF)
        ]
    assert [facts.receive_buffer, facts.send_buffer] == given
    assert facts.batches == kernel.HAS_BATCHES
    assert facts.segments == kernel.segmentation_works()


@linux
def test_memory_is_not_more_than_there_is() -> None:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = machine.available_memory()
    assert found is not None
    assert 0 < found <= total


def test_a_container_may_have_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, used = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(machine, "_CGROUP_LIMITS", ((str(limit), str(used)),))
    before = machine.available_memory()
    limit.write_text("5000000\n")
    used.write_text("1000000\n")
    assert machine.available_memory() == 4_000_000
    used.write_text("6000000\n")
    assert machine.available_memory() == 0
    limit.write_text("max\n")
    after = machine.available_memory()
    assert (before is None) == (after is None)
    assert after is None or after > 5_000_000


@linux
def test_the_clock_is_read_as_another_program_reads_it() -> None:
    """`adjtimex` has no other reader here but Python's own idea of the structure."""
    script = (
        "import ctypes, struct; m = ctypes.create_string_buffer(256);"
        "s = ctypes.CDLL(None).adjtimex(m); print(s, *struct.unpack_from('@Ilqqqi', m))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    state, modes, _, _, worst, _, status = map(int, said.stdout.split())
    assert (modes, state != 5 and not status & 64) == (0, machine.clock().is_synchronised)
    assert machine.clock().worst == pytest.approx(worst / 1e6, abs=5)


def test_open_files_are_the_hard_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert machine.open_files() == (0 if hard == resource.RLIM_INFINITY else hard)


@linux
def test_cores_are_those_we_may_use() -> None:
    listed = re.search(r"Cpus_allowed_list:\s*(\S+)", Path("/proc/self/status").read_text())
    assert listed
    ranges = [part.split("-") for part in listed[1].split(",")]
    assert machine.cores() == sum(int(part[-1]) - int(part[0]) + 1 for part in ranges)
    assert machine.has_uvloop()
