"""A process with one emulated link between a network namespace of its own and the caller's.

    python -m benchmarks.emulation.link_process LOG < words

The first line of its input is a plan as JSON. It prints one line of JSON, ``Place``, when the
link stands, with the conditions of the plan's first step. Each further line is a word: ``begin``
lets the plan begin. When its input ends, it writes ``LinkReport`` into the file and takes
everything away; all that it makes ends with it, however it ends.

The client's namespace has one device, the server's side one for each link. The server has the same
address for all of them.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.emulation.pipe import Pipe
from benchmarks.emulation.pipe_log import Packets
from benchmarks.emulation.plan import DIRECTIONS, Direction, Plan, Protocol, parse
from benchmarks.emulation.tun import Tun

SERVER: Final = "10.78.0.1"
"""The server's address, of which every link has its end."""

_LINKS: Final = range(1, 250)
_BATCH: Final = 64
_PROTOCOLS: Final[dict[int, Protocol]] = {6: "tcp", 17: "udp"}
_PROTOCOL_BYTE: Final = 9
_QUEUE_LENGTH: Final = "2000"
_LONGEST_WAIT: Final = 0.5


class Place(msgspec.Struct, frozen=True):
    """Where the client is.

    Attributes:
        namespace: path of its network namespace.
        address: the client's, in a /24 that is routed to it.
        server: the server's address.
        pid: of the process that carries.
    """

    namespace: str
    address: str
    server: str
    pid: int


class LinkReport(msgspec.Struct):
    """What a link did.

    Attributes:
        began: Unix seconds when the plan began.
        seconds: since then.
        directions: by direction, what became of each packet.
        late: seconds by which the latest hundredth of the packets left later than they should, at
            least; what the machine added to the plan.
        cpu: of a core, that carrying took.
    """

    began: float
    seconds: float
    directions: dict[str, Packets]
    late: float
    cpu: float


class Link:
    """The two devices, and what is between them.

    Args:
        plan: of the link.
        near: the client's device.
        far: the server's.
    """

    def __init__(self, plan: Plan, near: Tun, far: Tun) -> None:
        self._began = time.monotonic()
        self._began_unix = time.time()  # noqa: TID251 - compared with the pages' clocks
        self._pipes = {
            one: Pipe[bytes](plan.changes(one), pipe_seed(plan, one)) for one in DIRECTIONS
        }
        down, up = self._pipes["down"], self._pipes["up"]
        self._ways = [(far, down, near), (near, up, far)]
        self._late: list[float] = []

    def begin(self) -> None:
        """The plan begins."""
        self._began, self._began_unix = time.monotonic(), time.time()  # noqa: TID251 - as above
        for pipe in self._pipes.values():
            pipe.begin(self._began)

    def carry(self, words: int) -> bool:
        """Wait for what comes or is due, and move it.

        Args:
            words: another descriptor to wait for.

        Returns:
            Whether that can be read.
        """
        soonest = min(pipe.due() for _, pipe, _ in self._ways)
        wait = min(_LONGEST_WAIT, max(0.0, soonest - time.monotonic()))
        ready, _, _ = select.select(
            [words, *(tun.fileno() for tun, _, _ in self._ways)], (), (), wait
        )
        for tun, pipe, _ in self._ways:
            if tun.fileno() in ready:
                _take_in(tun, pipe)
        now = time.monotonic()
        for _, pipe, target in self._ways:
            for at, packet in pipe.take(now):
                target.write(packet)
                self._late.append(now - at)
        return words in ready

    def report(self, cpu: float) -> LinkReport:
        """Of all since the plan began (or, before that, since the link stands)."""
        ordered = sorted(self._late)
        return LinkReport(
            began=self._began_unix,
            seconds=time.monotonic() - self._began,
            directions={name: pipe.log.told(self._began) for name, pipe in self._pipes.items()},
            late=ordered[int(0.99 * len(ordered))] if ordered else 0.0,
            cpu=cpu,
        )


def pipe_seed(plan: Plan, direction: Direction) -> int:
    """Of one direction of a plan's link."""
    return 2 * plan.seed + DIRECTIONS.index(direction)


def _take_in(tun: Tun, pipe: Pipe[bytes]) -> None:
    now = time.monotonic()
    blocked = pipe.conditions(now).blocked
    for _ in range(_BATCH):
        packet = tun.read()
        if packet is None:
            return
        if packet[0] >> 4 != 4:
            continue  # IPv6 says hello to its neighbours
        if blocked and _PROTOCOLS.get(packet[_PROTOCOL_BYTE]) in blocked:
            continue
        pipe.put(now, packet, len(packet))


# ---- namespaces ----------------------------------------------------------------------------------


class NoNetwork(Exception):  # noqa: N818 - reads as what is the matter
    """A link cannot be made here; the message says why."""


def _ip(*words: str, namespace: str | None = None) -> None:
    enter = ["nsenter", f"--net={namespace}"] if namespace else []
    try:
        subprocess.run([*enter, "ip", *words], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise NoNetwork(f"ip {' '.join(words)}: {error.stderr.strip()}") from error


@contextlib.contextmanager
def _namespace() -> Iterator[str]:
    """A network namespace, as long as somebody is in it or this goes on."""
    command = ["unshare", "--net", "sh", "-c", "echo; exec cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        if not holder.stdout.readline():
            raise NoNetwork("a network namespace could not be made")
        yield f"/proc/{holder.pid}/ns/net"
        holder.stdin.close()


def _devices() -> tuple[int, Tun, Tun]:
    """Devices with the first number that nobody has."""
    for number in _LINKS:
        try:
            far = Tun(f"xo-far-{number}")
        except OSError:
            continue
        try:
            return number, Tun(f"xo-near-{number}"), far
        except OSError:
            far.close()
    raise NoNetwork("no network device could be made: that takes root and /dev/net/tun")


@contextlib.contextmanager
def standing(plan: Plan) -> Iterator[tuple[Link, Place]]:
    """A link, its namespace, its addresses and its routes.

    Raises:
        NoNetwork: that cannot be had here.
    """
    number, near, far = _devices()
    with _namespace() as namespace, contextlib.closing(near), contextlib.closing(far):
        net, client = f"10.78.{number}.0/24", f"10.78.{number}.2"
        _ip("link", "set", near.name, "netns", namespace.split("/")[2])
        _ip("link", "set", far.name, "txqueuelen", _QUEUE_LENGTH, "up")
        _ip("addr", "add", f"{SERVER}/32", "dev", far.name)
        _ip("route", "add", net, "dev", far.name, "src", SERVER)
        for words in (
            ["link", "set", "lo", "up"],
            ["link", "set", near.name, "name", "eth0"],
            ["link", "set", "eth0", "txqueuelen", _QUEUE_LENGTH, "up"],
            ["addr", "add", f"{client}/24", "dev", "eth0"],
            ["route", "add", "default", "dev", "eth0"],
        ):
            _ip(*words, namespace=namespace)
        yield Link(plan, near, far), Place(namespace, client, SERVER, os.getpid())


def _hurry() -> None:
    """Come before others, who fill the machine; not allowed everywhere."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def main(log: Path) -> None:
    """Carry until the input ends."""
    words = sys.stdin.fileno()
    rest = b""
    while b"\n" not in rest:
        read = os.read(words, 65536)
        if not read:
            return
        rest += read
    text, _, rest = rest.partition(b"\n")
    try:
        with standing(parse(text)) as (link, place):
            print(json.dumps(msgspec.to_builtins(place)), flush=True)
            _hurry()
            log.write_bytes(msgspec.json.encode(_carry(link, words, rest)))
    except NoNetwork as error:
        print(json.dumps({"error": str(error)}), flush=True)


def _carry(link: Link, words: int, rest: bytes) -> LinkReport:
    since, spent = time.monotonic(), time.process_time()
    while True:
        if not link.carry(words):
            continue
        read = os.read(words, 65536)
        *lines, rest = (rest + read).split(b"\n")
        if b"begin" in lines:
            link.begin()
            since, spent = time.monotonic(), time.process_time()
        if not read:
            cpu = (time.process_time() - spent) / max(1e-9, time.monotonic() - since)
            return link.report(cpu)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
