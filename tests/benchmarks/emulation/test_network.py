"""A real link: namespaces, TUN devices, a process, UDP sockets. What it carried is counted."""

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from benchmarks.emulation.link_process import pipe_seed
from benchmarks.emulation.network import SERVER, Network, missing, network
from benchmarks.emulation.pipe import Pipe
from benchmarks.emulation.pipe_log import Fate
from benchmarks.emulation.plan import Conditions, Plan, Step

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"{missing()}")

CLIENT = """
import socket, sys
server = (sys.argv[1], int(sys.argv[2]))
end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[3])):
    end.sendto(number.to_bytes(4, "big").ljust(int(sys.argv[4]), b"x"), server)
if sys.argv[5:]:
    socket.create_connection(server)
"""
HEADERS = 28
"""Bytes of IPv4 and UDP."""


def plan(up: Conditions) -> Plan:
    return Plan(name="test", seconds=10, steps=(Step(up=up),))


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("0.0.0.0", 0))
        opened.settimeout(20)
        yield opened


def send(made: Network, server: socket.socket, count: int, size: int, *also: str) -> None:
    """The client sends datagrams of so many bytes of IP in one go."""
    port = server.getsockname()[1]
    words = [SERVER, f"{port}", f"{count}", f"{size - HEADERS}", *also]
    subprocess.run(made.command([sys.executable, "-c", CLIENT, *words]), check=True)


def numbers(server: socket.socket, count: int) -> list[int]:
    return [int.from_bytes(server.recv(2048)[:4], "big") for _ in range(count)]


def test_a_full_link_carries_its_rate_in_order(server: socket.socket) -> None:
    with network(plan(Conditions(rate=1e6, delay=0.02))) as made:
        made.begin()
        begun = time.monotonic()
        send(made, server, 20, 1250)
        assert numbers(server, 20) == list(range(20))
        assert time.monotonic() - begun >= 0.02 + 20 * 0.01  # 10,000 bits at 1 Mbit/s each
    assert made.report is not None
    packets = made.report.directions["up"]
    left = [packets.left[row] for row, size in enumerate(packets.sizes) if size == 1250]
    gaps = [later - earlier for earlier, later in itertools.pairwise(left)]
    assert min(gaps) >= 0.01 - 1e-4
    assert packets.count(Fate.LOST, Fate.DROPPED) == 0


def test_losses_are_those_of_the_seed(server: socket.socket) -> None:
    lossy = Conditions(loss=0.2, burst=3)
    twin = Pipe[int](plan(lossy).changes("up"), pipe_seed(plan(lossy), "up"))
    for number in range(60):
        twin.put(0.0, number, 500)
    expected = [one.packet for one in twin.take(0.0)]
    with network(plan(lossy)) as made:
        send(made, server, 60, 500)
        assert numbers(server, len(expected)) == expected
    assert made.report is not None
    assert made.report.directions["up"].count(Fate.CARRIED) == len(expected)


def test_what_is_blocked_does_not_pass(server: socket.socket) -> None:
    with (
        socket.create_server(("0.0.0.0", server.getsockname()[1])),
        network(plan(Conditions(blocked=("udp",)))) as made,
    ):
        send(made, server, 5, 500, "and connect")
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recv(2048)


def test_a_new_address_is_reached(server: socket.socket) -> None:
    with network(plan(Conditions())) as made:
        before = made.place.address
        send(made, server, 1, 500)
        assert server.recvfrom(2048)[1][0] == before
        after = made.change_address()
        send(made, server, 1, 500)
        assert server.recvfrom(2048)[1][0] == after != before
