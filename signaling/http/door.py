"""The listening sockets: accepts connections, refuses those too many, does the TLS handshakes.

The event loop's own server would make a protocol for every connection before anybody could refuse
it, would not count those that never finish their handshake, and cannot change its certificate.
"""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from signaling.http.clients import is_in
from signaling.http.doorkeeper import Doorkeeper, Visit
from signaling.http.visitor import Visitor
from signaling.setting_values import Network

log = logging.getLogger(__name__)

BACKLOG: Final = 4096
BATCH: Final = 64
"""Connections accepted before others are served again."""

LOOK: Final = 0.5
"""Seconds between two looks at who is overdue."""

PAUSE: Final = 0.2
"""Seconds for which nobody is accepted when the system has no more files or memory."""

_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: a refused connection leaves nothing behind, not even in the kernel."""

_OUT_OF_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

ProtocolFactory = Callable[[], asyncio.Protocol]
Address = tuple[int, str, int]


@dataclass(eq=False)
class Door:
    """Listens until it is closed.

    Args:
        keeper: says who may come in; may serve several doors.
        protocols: one for each connection: an aiohttp server.
        trusted: proxies, which are not counted by their address.
        tls: the TLS context for new connections; None for plain HTTP.
        handshake_timeout: seconds for TLS.
    """

    keeper: Doorkeeper
    protocols: ProtocolFactory
    trusted: tuple[Network, ...] = ()
    tls: Callable[[], ssl.SSLContext] | None = None
    handshake_timeout: float = 10.0
    _sockets: list[socket.socket] = field(default_factory=list)
    _timers: set[asyncio.TimerHandle] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self, host: str, port: int) -> int:
        """Begins to listen.

        Args:
            host: an address or a name; empty for all addresses, IPv4 and IPv6.
            port: 0 for any.

        Returns:
            The port.

        Raises:
            OSError: nobody can listen there.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        addresses = {(int(one[0]), str(one[4][0]), int(one[4][1])): None for one in found}
        try:
            self._listen(addresses)
        except OSError:
            self.close()
            raise
        for listening in self._sockets:
            loop.add_reader(listening, self._accept, listening)
        self._later(LOOK, self._look)
        return self.port

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._sockets[0].getsockname()[1])

    def close(self) -> None:
        """Accepts nobody any more; who is inside stays. May be called twice."""
        loop = asyncio.get_running_loop()
        for listening in self._sockets:
            loop.remove_reader(listening)
            listening.close()
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        self._sockets.clear()
        self._timers.clear()

    # ---- listening -------------------------------------------------------------------------

    def _listen(self, addresses: Iterable[Address]) -> None:
        """One socket per address, all with the same port; families this machine lacks are left."""
        failed: OSError | None = None
        for family, host, port in addresses:
            try:
                listening = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:
                failed = error
                continue
            with contextlib.ExitStack() as undo:
                undo.callback(listening.close)
                listening.setblocking(False)
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                try:
                    listening.bind((host, port or (self.port if self._sockets else 0)))
                    listening.listen(BACKLOG)
                except OSError as error:
                    if error.errno != errno.EADDRNOTAVAIL:
                        raise
                    failed = error
                    continue
                undo.pop_all()
            self._sockets.append(listening)
        if not self._sockets and failed is not None:
            raise failed

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(BATCH):
            try:
                client, address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _OUT_OF_ROOM:
                    raise
                log.error("no connection can be accepted: %s", error.strerror)
                self._rest(listening)
                return
            self._receive(client, address[0])

    def _rest(self, listening: socket.socket) -> None:
        """The socket stays readable: looking at it again at once would be a busy loop."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(listening)
        self._later(PAUSE, partial(loop.add_reader, listening, self._accept, listening))

    def _receive(self, client: socket.socket, address: str) -> None:
        loop = asyncio.get_running_loop()
        exempt = is_in(address, self.trusted)
        visit = self.keeper.arrive(address, exempt, client.close, loop.time())
        if visit is None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            client.close()
            return
        client.setblocking(False)
        task = loop.create_task(self._connect(client, visit))
        visit.leave = task.cancel  # until there is a transport
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if task.cancelled():  # maybe before it has begun
                self.keeper.gone(visit)
                client.close()

        task.add_done_callback(ended)

    async def _connect(self, client: socket.socket, visit: Visit) -> None:
        loop = asyncio.get_running_loop()

        def protocol() -> Visitor:
            return Visitor(self.protocols(), self.keeper, visit, loop.time)

        context = self.tls and self.tls()
        seconds = self.handshake_timeout if context else None
        try:
            await loop.connect_accepted_socket(
                protocol, client, ssl=context, ssl_handshake_timeout=seconds
            )
        except OSError:
            # No handshake: what a stranger does is nothing to log.
            self.keeper.gone(visit)
            client.close()

    # ---- time ------------------------------------------------------------------------------

    def _look(self) -> None:
        self.keeper.dismiss_overdue(asyncio.get_running_loop().time())
        self._later(LOOK, self._look)

    def _later(self, delay: float, act: Callable[[], object]) -> None:
        def now() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(delay, now)
        self._timers.add(timer)
