"""A worker's ports, opened as its configuration says."""

import errno
import logging
import os
import socket

from sfu.config import WorkerConfig
from sfu.routing.shared import Shared
from sfu.transport.packet_ring import PacketRing
from sfu.wire.header_rewriter import HEADROOM
from sfu.worker import kernel
from sfu.worker.batched_socket import BatchedSocket
from sfu.worker.engine import RECEIVE_ROWS
from sfu.worker.peer_port import PeerPort
from sfu.worker.portable_socket import PortableSocket
from sfu.worker.tcp_port import TcpPort
from sfu.worker.udp_socket import UdpSocket, bind_tcp, open_port

log = logging.getLogger(__name__)


class WorkerError(Exception):
    """The worker cannot start; the message says what to do about it."""


def open_udp(config: WorkerConfig) -> socket.socket:
    """The UDP port, or another one where that will do.

    Raises:
        WorkerError: it cannot be had.
    """
    try:
        return open_port(config.host, config.port)
    except OSError as error:
        if config.port_fallback and error.errno == errno.EADDRINUSE:
            log.warning(
                "UDP port %d is taken: another is used, which a firewall may not let through; "
                "set CROSSOVER_SFU_PORT",
                config.port,
            )
            return open_port(config.host, 0)
        raise WorkerError(
            f"UDP port {config.port} cannot be used ({os.strerror(error.errno or 0).lower()}); "
            "choose another with --port or CROSSOVER_SFU_PORT."
        ) from None


def peer_port(config: WorkerConfig, opened: socket.socket, shared: Shared) -> PeerPort:
    """Both ports, ready to receive; the TCP port does not listen yet.

    Args:
        config: the worker's.
        opened: the UDP port.
        shared: whose ring is sent from.

    Raises:
        WorkerError: the TCP port that was asked for cannot be had.
    """
    received = PacketRing(RECEIVE_ROWS, headroom=HEADROOM)
    udp = _udp_port(config, opened, shared, received)
    try:
        listening = _open_tcp(config, opened.getsockname()[1]) if config.tcp else None
    except WorkerError:
        udp.close()
        raise
    tcp = None
    if listening is not None:
        tcp = TcpPort(listening, shared.destinations, received, udp.arrivals)
    return PeerPort(udp, tcp, shared.destinations, shared.ring)


def announced_tcp_port(config: WorkerConfig, port: PeerPort) -> int | None:
    """The TCP port that peers are told; None without."""
    return None if port.tcp is None else config.announced_tcp_port or port.tcp.number


def _udp_port(
    config: WorkerConfig, opened: socket.socket, shared: Shared, received: PacketRing
) -> UdpSocket:
    if config.portable or not kernel.HAS_BATCHES:
        if not config.portable:
            log.warning(
                "this system has no sendmmsg: plain sockets are used, at several times the cost"
            )
        return PortableSocket(opened, shared.destinations, shared.ring, received)
    return BatchedSocket(opened, shared.destinations, shared.ring, received, arrivals=True)


def _open_tcp(config: WorkerConfig, udp_port: int) -> socket.socket | None:
    number = config.tcp_port or udp_port
    try:
        return bind_tcp(config.host, number)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
    if not config.port and not config.tcp_port:
        return bind_tcp(config.host, 0)  # any will do, as with UDP
    if config.tcp_port:
        raise WorkerError(
            f"TCP port {number} cannot be used ({why}); "
            "choose another with --tcp-port or CROSSOVER_SFU_TCP_PORT."
        )
    log.warning(
        "TCP port %d cannot be used (%s): who has no UDP does not reach this worker; "
        "set CROSSOVER_SFU_TCP_PORT",
        number,
        why,
    )
    return None
