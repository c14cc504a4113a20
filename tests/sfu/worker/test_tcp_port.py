"""Peers at a worker's TCP port: a call, strangers, and who does not read."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from benchmarks.peers.synthetic import Router, SyntheticPeer
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from sfu.config import WorkerConfig
from sfu.transport import stream_guests
from sfu.transport.ice_lite import IceCredentials
from sfu.transport.stream_addresses import is_stream
from sfu.transport.stream_guests import MOST_UNPROVEN_OF_ONE
from sfu.units import Seconds
from sfu.wire.framing import Deframer, frame
from sfu.wire.stun import parse_stun
from sfu.wire.stun_attributes import error_code
from sfu.worker import tcp_port
from sfu.worker.app import Worker
from sfu.worker.opening import WorkerError
from sfu.worker.tcp_connection import ROOM, UNPROVEN_BYTES
from sfu.worker.tcp_port import TcpPort
from tests.support.ice_peer import IcePeer

PATIENCE = 20.0


@asynccontextmanager
async def person(room: Router, name: str, protocol: str) -> AsyncIterator[SyntheticPeer]:
    made = SyntheticPeer(room.member(name), data=True, protocol=protocol)
    try:
        yield made
    finally:
        made.close()


def tcp_of(worker: Worker) -> TcpPort:
    assert worker.port.tcp is not None
    return worker.port.tcp


def ways(worker: Worker) -> dict[str, set[bool]]:
    """Whether each member is sent to by TCP."""
    found: dict[str, set[bool]] = {}
    for one in worker.engine.transports.values():
        found.setdefault(one.leg.member_id, set()).add(is_stream(one.ice.selected or b""))
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)


async def stranger(worker: Worker) -> socket.socket:
    opened = socket.socket()
    opened.setblocking(False)
    # A connection that is refused at once may be over before it is known to stand.
    with suppress(ConnectionResetError):
        await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", tcp_of(worker).number))
    return opened


async def is_ended(opened: socket.socket) -> bool:
    """Whether the worker ends a connection; what it sends before is passed over."""
    try:
        async with asyncio.timeout(PATIENCE):
            while await asyncio.get_running_loop().sock_recv(opened, 65536):
                pass
    except ConnectionError:
        pass
    finally:
        opened.close()
    return True


async def transport_of(peer: SyntheticPeer, direction: str) -> PeerTransport:
    return (await peer.leg("send" if direction == "send" else "recv")).transport


async def test_media_and_data_between_tcp_and_udp(worker: Worker, room: Router) -> None:
    async with (
        person(room, "ada", "tcp") as ada,
        person(room, "bob", "udp") as bob,
        person(room, "cleo", "tcp") as cleo,
    ):
        camera = await ada.publish_video(400_000)
        data_id, spoken = await bob.publish_data("chat")
        _, heard = await cleo.subscribe_data(data_id)
        for other in (bob, cleo):
            view = await other.subscribe(camera.id)
            await other.until(lambda v=view: v.received > 60)  # type: ignore[misc]
            assert view.stream.log.lost == view.stream.log.duplicates == view.stream.corrupt == 0
        assert spoken.send("through TCP")
        await cleo.until(lambda: heard.received == ["through TCP"])
        feedback = ada.legs["send"].transport.media.publishing.feedback
        await ada.until(lambda: feedback.transport > 2 and bool(feedback.receiver_reports))
        assert ways(worker) == {"ada": {True}, "bob": {False}, "cleo": {True}}
        assert tcp_of(worker).book.proven == 2
        assert worker.engine.shared.destinations.streams == 2
        assert tcp_of(worker).counts.dropped == 0
    await until(lambda: not worker.engine.transports)
    assert len(tcp_of(worker).book) == 0
    assert worker.engine.shared.destinations.streams == 0


async def test_a_lost_connection_is_followed_by_another(worker: Worker, room: Router) -> None:
    async with person(room, "ada", "tcp") as ada, person(room, "bob", "tcp") as bob:
        camera = await ada.publish_video(400_000)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 20)
        for one in (await transport_of(bob, "recv"), await transport_of(ada, "send")):
            one.move()
            before = view.received
            await bob.until(lambda b=before: view.received > b + 50)  # type: ignore[misc]
        assert view.stream.corrupt == 0
        await until(lambda: len(tcp_of(worker).book) == 2)
        await bob.restart_ice()
        before = view.received
        await bob.until(lambda: view.received > before + 50)


async def test_who_does_not_read_misses_packets_and_nobody_else_does(
    worker: Worker, room: Router
) -> None:
    async with (
        person(room, "ada", "udp") as ada,
        person(room, "bob", "tcp") as bob,
        person(room, "cleo", "tcp") as cleo,
    ):
        camera = await ada.publish_video(5_000_000)
        slow, quick = await bob.subscribe(camera.id), await cleo.subscribe(camera.id)
        await bob.until(lambda: slow.received > 20)
        reading = await transport_of(bob, "recv")
        assert reading._socket is not None
        asyncio.get_running_loop().remove_reader(reading._socket._socket.fileno())
        tcp = tcp_of(worker)
        await until(lambda: tcp.counts.dropped > 200)
        assert 0 < tcp.queued <= ROOM
        assert quick.stream.log.lost == 0
        asyncio.get_running_loop().add_reader(reading._socket._socket.fileno(), reading._receive)
        before = slow.received
        await bob.until(lambda: slow.received > before + 500)
        await until(lambda: tcp.queued == 0)
        assert slow.stream.corrupt == 0


@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", b"\x16\x03\x01\x02\x00", b"SSH-2.0-x"]
)
async def test_who_speaks_something_else_is_shown_the_door(worker: Worker, said: bytes) -> None:
    opened = await stranger(worker)
    await asyncio.get_running_loop().sock_sendall(opened, said)
    assert await is_ended(opened)
    await until(lambda: len(tcp_of(worker).book) == 0)


async def test_who_says_too_much_before_a_check_is_shown_the_door(worker: Worker) -> None:
    opened = await stranger(worker)
    said = frame(bytes(1000)) * (UNPROVEN_BYTES // 1000 + 1)
    await asyncio.get_running_loop().sock_sendall(opened, said)
    assert await is_ended(opened)


async def test_who_is_silent_or_guesses_is_shown_the_door(
    worker: Worker, room: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    silent, guessing = await stranger(worker), await stranger(worker)
    async with person(room, "ada", "tcp") as ada:
        await ada.leg("send")
        [transport] = worker.engine.transports.values()
        wrong = IceCredentials(transport.ice.credentials.username_fragment, "x" * 24)
        await loop.sock_sendall(guessing, frame(IcePeer(wrong).check().raw))
        [answer] = Deframer(1500).split(await loop.sock_recv(guessing, 4096))
        refused = error_code(parse_stun(answer))
        assert refused is not None
        assert refused.code == 401
        assert tcp_of(worker).book.proven == 1
        monkeypatch.setattr(stream_guests, "PATIENCE", Seconds(0.01))
        assert await is_ended(silent)
        assert await is_ended(guessing)
        assert tcp_of(worker).book.proven == 1


async def test_one_address_holds_few_connections_for_nothing(worker: Worker) -> None:
    opened = [await stranger(worker) for _ in range(MOST_UNPROVEN_OF_ONE)]
    await until(lambda: len(tcp_of(worker).book) == MOST_UNPROVEN_OF_ONE)
    assert await is_ended(await stranger(worker))
    for one in opened:
        one.close()
    await until(lambda: len(tcp_of(worker).book) == 0)
    assert tcp_of(worker).book.refused == 1


async def test_hostile_bytes_disturb_nobody(worker: Worker, room: Router) -> None:
    rng = random.Random(7)
    loop = asyncio.get_running_loop()
    async with person(room, "ada", "tcp") as ada, person(room, "bob", "tcp") as bob:
        camera = await ada.publish_video(400_000)
        view = await bob.subscribe(camera.id)
        await bob.until(lambda: view.received > 20)
        fragments = [one.ice.credentials for one in worker.engine.transports.values()]
        for _ in range(150):
            opened = await stranger(worker)
            pieces = [rng.randbytes(rng.randrange(1, 80)) for _ in range(rng.randrange(1, 9))]
            check = IcePeer(rng.choice(fragments), rng.randrange(9)).check().raw
            pieces.insert(rng.randrange(len(pieces) + 1), check)
            framed = [frame(one) if rng.random() < 0.7 else one for one in pieces]
            with suppress(ConnectionError):
                await loop.sock_sendall(opened, b"".join(framed))
            opened.close()
        before = view.received
        await bob.until(lambda: view.received > before + 50)
        assert view.stream.corrupt == 0
        await until(lambda: len(tcp_of(worker).book) == 2)
    assert worker.engine.port.tcp is tcp_of(worker)


@pytest.mark.parametrize("portable", [False, True])
async def test_a_worker_without_the_port(tmp_path: Path, portable: bool) -> None:
    config = WorkerConfig(control=tmp_path / "w.sock", port=0, tcp=False, portable=portable)
    running = Worker(config, lambda: None)
    assert running.port.tcp is None
    assert {one.protocol for one in running.engine.candidates} == {"udp"}
    await running.close()
    running.port.close()


async def test_candidates_tell_the_port_that_is_announced(tmp_path: Path) -> None:
    control = tmp_path / "w.sock"
    config = WorkerConfig(
        control=control, port=0, announced=("192.0.2.1", "2001:db8::1"), announced_tcp_port=443
    )
    running = Worker(config, lambda: None)
    told = [one for one in running.engine.candidates if one.protocol == "tcp"]
    assert [(one.address, one.port, one.tcp_type) for one in told] == [
        ("192.0.2.1", 443, "passive"),
        ("2001:db8::1", 443, "passive"),
    ]
    lowest = min(one.priority for one in running.engine.candidates if one.protocol == "udp")
    assert max(one.priority for one in told) < lowest
    running.port.close()


async def test_a_taken_port_is_a_reason_to_stop_only_where_it_was_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        number = taken.getsockname()[1]
        asked = WorkerConfig(control=tmp_path / "w.sock", port=0, tcp_port=number)
        with pytest.raises(WorkerError, match=f"TCP port {number} cannot be used"):
            Worker(asked, lambda: None)
        running = Worker(WorkerConfig(control=tmp_path / "w.sock", port=number), lambda: None)
        assert running.port.tcp is None
        assert "who has no UDP does not reach this worker" in caplog.text
        running.port.close()


async def test_without_files_for_connections_it_rests(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tcp = tcp_of(worker)

    class Exhausted:
        def __init__(self, real: socket.socket) -> None:
            self.real, self.refusals = real, 2

        def accept(self) -> tuple[socket.socket, object]:
            if self.refusals:
                self.refusals -= 1
                raise OSError(24, "Too many open files")
            return self.real.accept()

        def fileno(self) -> int:
            return self.real.fileno()

        def getsockname(self) -> object:
            return self.real.getsockname()

        def close(self) -> None:
            self.real.close()

    monkeypatch.setattr(tcp_port, "_REST", 0.01)
    monkeypatch.setattr(tcp, "_listening", Exhausted(tcp._listening))
    opened = await stranger(worker)
    await until(lambda: len(tcp.book) == 1)
    assert "no TCP connection can be accepted" in caplog.text
    opened.close()
