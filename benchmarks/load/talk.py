"""Everybody tells everybody something, over data channels beside the media, and when it arrives."""

import asyncio
import random
import struct
import time
from collections.abc import Callable
from typing import Final

from typing_extensions import override

from benchmarks.load.gathering import Attendee, Gathering
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.lean_sctp import SACK_DELAY, LeanSctp, OnMessage
from benchmarks.peers.synthetic.member import Leg
from benchmarks.peers.synthetic.peer_transport import PeerTransport

PER_SECOND: Final = 5.0
"""Messages of each member to all others."""

MESSAGE_BYTES: Final = 100
_BINARY: Final = 53
_STREAM: Final = 0
_OPEN_WITHIN: Final = 10.0
_GLANCE: Final = 0.01
_sent = struct.Struct("!d")

_INIT, _INIT_ACK, _COOKIE_ECHO, _COOKIE_ACK = 1, 2, 10, 11
_STATE_COOKIE: Final = 7
_FIXED: Final = 16
"""Bytes of an INIT ACK before its parameters (RFC 9260 §3.3.3)."""


class CallingSctp(LeanSctp):
    """``LeanSctp`` that asks for the association itself, as one of two members has to."""

    def call(self) -> None:
        """Ask; the other end has to listen already, for it is asked once."""
        fields = struct.pack("!LLHHL", self._tag, 1 << 20, 1024, 1024, self._next)
        self._send_chunk(_INIT, 0, fields)

    @override
    def _take_control(self, kind: int, body: bytes) -> None:
        if kind == _INIT_ACK:
            self._their_tag, _, _, _, first = struct.unpack_from("!LLHHL", body)
            self._seen = (first - 1) % (1 << 32)
            self._send_chunk(_COOKIE_ECHO, 0, state_cookie(body))
        elif kind == _COOKIE_ACK:
            self.established = True
        else:
            super()._take_control(kind, body)


def state_cookie(body: bytes) -> bytes:
    """The cookie in an INIT ACK; empty if there is none."""
    at = _FIXED
    while at + 4 <= len(body):
        kind, length = struct.unpack_from("!HH", body, at)
        if kind == _STATE_COOKIE:
            return body[at + 4 : at + length]
        at += max(4, length + (-length & 3))
    return b""


class Talk:
    """The channels of a gathering. ``begin`` opens them; ``close`` ends the talk.

    Attributes:
        sent: messages, counted for each who is to have them.
        received: messages that came.
        latencies: from the call that sent a message to its arrival in the receiver's code.
    """

    def __init__(self, gathering: Gathering) -> None:
        self.sent = 0
        self.received = 0
        self.latencies = Latencies()
        self._gathering = gathering
        self._rng = random.Random(5)
        self._ways: dict[str, list[LeanSctp]] = {}
        self._all: list[LeanSctp] = []
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def begin(cls, gathering: Gathering) -> "Talk":
        """Open all channels, and let everybody talk.

        Raises:
            TimeoutError: not all could be opened.
        """
        talk = cls(gathering)
        if gathering.mode == "mesh":
            talk._connect_mesh()
        else:
            await talk._connect_sfu()
        async with asyncio.timeout(_OPEN_WITHIN):
            while not all(one.established for one in talk._all):  # noqa: ASYNC110 - many of them
                await asyncio.sleep(_GLANCE)
        talk._tasks = [asyncio.create_task(talk._acknowledge())]
        talk._tasks += [asyncio.create_task(talk._speak(one)) for one in gathering.attendees]
        return talk

    def forget(self) -> None:
        """Count from here on."""
        self.sent = self.received = 0
        self.latencies = Latencies()

    def close(self) -> None:
        """Be silent; harmless when done twice."""
        for task in self._tasks:
            task.cancel()

    # ---- channels --------------------------------------------------------------------------------

    def _connect_mesh(self) -> None:
        calling: list[CallingSctp] = []
        for one in self._gathering.attendees:
            links = {} if one.mesh is None else one.mesh.links
            self._ways[one.id] = []
            for other, link in links.items():
                leads = one.id < other
                way = self._associate(link.transport, CallingSctp if leads else LeanSctp)
                self._ways[one.id].append(way)
                if isinstance(way, CallingSctp):
                    calling.append(way)
        for way in calling:
            way.call()

    async def _connect_sfu(self) -> None:
        producers = {}
        for one in self._gathering.attendees:
            sending, _ = _legs(one)
            self._ways[one.id] = [self._associate(sending.transport, LeanSctp)]
            parameters = {"streamId": _STREAM, "ordered": True}
            producers[one.id] = await one.member.produce_data(
                sending.id, parameters, "comparison", "comparison"
            )
        for one in self._gathering.attendees:
            _, receiving = _legs(one)
            self._associate(receiving.transport, LeanSctp)
            for member_id, producer_id in producers.items():
                if member_id != one.id:
                    await one.member.consume_data(receiving.id, producer_id)

    def _associate(
        self,
        transport: PeerTransport,
        kind: Callable[[Callable[[bytes], None], OnMessage, random.Random], LeanSctp],
    ) -> LeanSctp:
        association = kind(transport.send_data, self._take, self._rng)
        transport.on_data = association.receive
        for packet in transport.connection.take_data():
            association.receive(packet)
        self._all.append(association)
        return association

    # ---- messages --------------------------------------------------------------------------------

    async def _speak(self, one: Attendee) -> None:
        listeners = len(self._gathering.attendees) - 1
        due = time.monotonic() + self._rng.random() / PER_SECOND
        while True:
            await asyncio.sleep(max(0.001, due - time.monotonic()))
            due += 1 / PER_SECOND
            self.sent += listeners
            for way in self._ways[one.id]:
                said = _sent.pack(time.monotonic())
                way.send(_STREAM, _BINARY, said + bytes(MESSAGE_BYTES - len(said)), ordered=True)

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(SACK_DELAY)
            for association in self._all:
                association.acknowledge()

    def _take(self, _stream: int, _ppid: int, data: bytes) -> None:
        self.received += 1
        self.latencies.add(time.monotonic() - _sent.unpack_from(data)[0])


def _legs(one: Attendee) -> tuple[Leg[PeerTransport], Leg[PeerTransport]]:
    """To the SFU, and from it."""
    peer = None if one.sfu is None else one.sfu.peer
    if peer is None:
        raise RuntimeError("the way through the SFU is gone")
    return peer.legs["send"], peer.legs["recv"]
