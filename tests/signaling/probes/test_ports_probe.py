"""Ports that are free, taken, forbidden, or served by a Crossover."""

import socket
from collections.abc import Iterator

import pytest
from aiohttp import web

from signaling.config import SETTINGS, Settings, load
from signaling.probes.ports import (
    announced_tcp_port,
    running,
    sfu_tcp_ports,
    tcp_port,
    udp_ports,
)
from tests.support.coturn import free_port


def settings(**given: str) -> Settings:
    chosen = {"host": "127.0.0.1", "sfu_host": "127.0.0.1", "workers": "1", **given}
    return load({}, {one.name: chosen.get(one.name) for one in SETTINGS})


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def stream(port: int) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", port)):
        yield port


@pytest.fixture
def datagrams() -> Iterator[int]:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", ""])
def test_a_free_port(port: int, host: str) -> None:
    facts = tcp_port(settings(host=host, port=str(port)))
    assert (facts.port, facts.is_free, facts.detail) == (port, True, "")
    with socket.create_server(("127.0.0.1", port)):
        pass  # it was given back


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", ""])
async def test_a_taken_port(stream: int, host: str) -> None:
    given = settings(host=host, port=str(stream))
    facts = tcp_port(given)
    assert (facts.is_free, facts.is_taken, facts.detail) == (False, True, "address already in use")


def test_a_port_whose_last_connections_linger_is_free(port: int) -> None:
    """A server that has just ended may start again: so may we say."""
    with socket.create_server(("127.0.0.1", port)) as server:
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first keeps the port in TIME_WAIT
        assert client.recv(1) == b""
        client.close()
    assert tcp_port(settings(port=str(port))).is_free


@pytest.mark.parametrize("host", ["192.0.2.77", "no-such-host.invalid"])
def test_a_host_that_is_not_this_machine(port: int, host: str) -> None:
    facts = tcp_port(settings(host=host, port=str(port)))
    assert (facts.is_free, facts.is_taken) == (False, False)
    assert facts.detail


def test_any_port_is_free() -> None:
    assert tcp_port(settings(port="0")).is_free
    (facts,) = udp_ports(settings(sfu_port="0"))
    assert (facts.port, facts.is_free) == (0, True)


def test_each_worker_has_its_port(datagrams: int) -> None:
    if datagrams > 65533:
        pytest.skip("too near the end")
    facts = udp_ports(settings(workers="2", sfu_port=str(datagrams)))
    assert [one.port for one in facts] == [datagrams, datagrams + 1]
    assert (facts[0].is_free, facts[0].is_taken) == (False, True)
    assert udp_ports(settings(workers="0")) == []


def test_there_is_an_end_to_ports() -> None:
    first, second = udp_ports(settings(workers="2", sfu_port="65535"))
    assert first.port == 65535
    assert (second.port, second.is_free, second.is_taken) == (65536, False, False)


def test_tcp_does_not_take_udp(stream: int) -> None:
    assert udp_ports(settings(sfu_port=str(stream)))[0].is_free


def test_tcp_of_the_workers(stream: int) -> None:
    if stream > 65533:
        pytest.skip("too near the end")
    facts = sfu_tcp_ports(settings(workers="2", sfu_port=str(stream)))
    assert [one.port for one in facts] == [stream, stream + 1]
    assert facts[0].is_taken
    chosen = settings(sfu_port="0", sfu_tcp_port=str(stream))
    assert [one.is_taken for one in sfu_tcp_ports(chosen)] == [True]
    assert sfu_tcp_ports(settings(sfu_port="0")) == []
    assert sfu_tcp_ports(settings(sfu_tcp_port="off")) == []
    first, second = sfu_tcp_ports(settings(workers="2", sfu_tcp_port="65535"))
    assert (first.port, second.is_free) == (65535, False)


def test_where_browsers_are_told_to_connect() -> None:
    assert announced_tcp_port(settings(sfu_port="41000")) == 41_000
    assert announced_tcp_port(settings(sfu_tcp_port="8443")) == 8443
    assert announced_tcp_port(settings(sfu_tcp_port="8443", announced_tcp_port="443")) == 443
    assert announced_tcp_port(settings(sfu_tcp_port="off", announced_tcp_port="443")) is None
    assert announced_tcp_port(settings(sfu_port="0")) is None


async def answering(port: int, body: object, status: int = 200) -> web.AppRunner:
    async def health(request: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get("/health", health)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


@pytest.mark.parametrize(
    "body", [[], {}, "well", None, {"version": "1"}, {"version": "1", "sfu": {"workers": "many"}}]
)
async def test_another_web_server_is_none_of_ours(port: int, body: object) -> None:
    runner = await answering(port, body)
    assert await running(settings(port=str(port))) is None
    await runner.cleanup()


async def test_nobody_answers(port: int) -> None:
    assert await running(settings(port=str(port))) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", ""])
async def test_ours_answers(port: int, host: str) -> None:
    runner = await answering(port, {"version": "1.2.3", "sfu": {"workers": 2, "more": 1}})
    found = await running(settings(host=host, port=str(port)))
    await runner.cleanup()
    assert found is not None
    assert (found.version, found.workers) == ("1.2.3", 2)
