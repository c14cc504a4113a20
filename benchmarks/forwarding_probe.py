"""The least that forwards: no ICE, no DTLS, no RTCP, no retransmissions, keys set directly.

A yardstick for the worker: the same load from the same crowd, the same cryptography and system
calls, and around them what cannot be left out: find the stream, copy, rewrite, send. It knows
nothing of ``sfu.routing``: subscribers of a stream are columns here, and a batch is sent as one.

    python -m benchmarks.forwarding_probe < plan.json

prints ``port N`` and forwards until its input ends.
"""

import contextlib
import os
import select
import socket
import sys
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from sfu.transport.destinations import ADDRESS_BYTES, pack_address
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession, protect_all, unprotect_all
from sfu.units import I64, U16
from sfu.worker import kernel

BUFFER_BYTES: Final = 8 << 20
RECEIVE_ROWS: Final = 256
SEND_ROWS: Final = 4096
LONGEST_RUN: Final = 40
"""Segments of a GSO message: what 64 KiB hold of full packets."""

FEWEST_SORTED: Final = 24
"""Packets of a batch below which looking for runs costs more than it saves."""

NUMBER_AT: Final = 23
"""Where the transport-wide number stands in the packets of the crowd."""


class PlannedPerson(msgspec.Struct):
    """Someone with a socket at ``port``; keys in hex, of what he sends and of what he gets."""

    port: int
    sends_with: str
    gets_with: str


class PlannedStream(msgspec.Struct):
    """Who sends it, and who gets it under which SSRC."""

    ssrc: int
    sender: int
    subscribers: list[int]
    ssrcs: list[int]


class Plan(msgspec.Struct):
    """Everything the probe needs to know."""

    profile: str
    people: list[PlannedPerson]
    streams: list[PlannedStream]


class _Subscribers:
    """The subscribers of a stream: entry j of each column is about subscriber j."""

    def __init__(self, planned: PlannedStream, contexts: Sequence[object]) -> None:
        count = len(planned.subscribers)
        draw = np.random.default_rng(planned.ssrc)
        self.count = count
        self.people: I64 = np.array(planned.subscribers, np.int64)
        self.contexts = [contexts[person] for person in planned.subscribers]
        self.ssrcs = np.array(planned.ssrcs, np.uint32)
        self.number_offsets = draw.integers(0, 1 << 15, count).astype(np.uint16)
        self.time_offsets = draw.integers(0, 1 << 32, count).astype(np.uint32)


class Probe:
    """Forwards a plan's streams."""

    def __init__(self, plan: Plan) -> None:
        profile = SrtpProfile(plan.profile)
        self.port = _open_port()
        self._inbound = [
            SrtpSession.inbound(profile, bytes.fromhex(person.sends_with)) for person in plan.people
        ]
        self._outbound = [
            SrtpSession.outbound(profile, bytes.fromhex(person.gets_with)) for person in plan.people
        ]
        addresses = [
            pack_address("127.0.0.1", person.port, dual_stack=False) for person in plan.people
        ]
        self._contexts = {
            address: session.context
            for address, session in zip(addresses, self._inbound, strict=True)
        }
        contexts = [session.context for session in self._outbound]
        self._streams = {one.ssrc: _Subscribers(one, contexts) for one in plan.streams}
        self._addresses = np.frombuffer(b"".join(addresses), np.uint8).reshape(-1, ADDRESS_BYTES)
        self._names = kernel.addresses_of(self._addresses)
        self._next_number: U16 = np.zeros(len(addresses), np.uint16)
        self._prepare_receiving()
        self._prepare_sending()

    def _prepare_receiving(self) -> None:
        self._received = PacketRing(RECEIVE_ROWS)
        self._in_sources = np.zeros((RECEIVE_ROWS, ADDRESS_BYTES), np.uint8)
        self._in_keys = self._in_sources.view(f"V{ADDRESS_BYTES}")[:, 0]
        self._in_iovecs = _iovecs(self._received)
        self._in_messages = np.zeros(RECEIVE_ROWS, kernel.MESSAGE)
        self._in_messages["name"] = kernel.addresses_of(self._in_sources)
        self._in_messages["name_length"] = ADDRESS_BYTES
        self._in_messages["iovec"] = kernel.addresses_of(self._in_iovecs)
        self._in_messages["iovec_length"] = 1
        self._heads = {
            "number": self._received.column(2, ">u2")[:, 0],
            "time": self._received.column(4, ">u4")[:, 0],
            "ssrc": self._received.column(8, ">u4")[:, 0],
        }

    def _prepare_sending(self) -> None:
        self._ring = ring = PacketRing(SEND_ROWS)
        self._out_numbers = ring.column(2, ">u2")[:, 0]
        self._out_times = ring.column(4, ">u4")[:, 0]
        self._out_ssrcs = ring.column(8, ">u4")[:, 0]
        self._out_transport_numbers = ring.column(NUMBER_AT, ">u2")[:, 0]
        self._people: I64 = np.zeros(SEND_ROWS, np.int64)
        self._out_contexts: list[object] = []
        # One message per row, which stands ready ...
        self._single_iovecs = _iovecs(ring)
        self._singles = np.zeros(SEND_ROWS, kernel.MESSAGE)
        self._singles["name_length"] = ADDRESS_BYTES
        self._singles["iovec"] = kernel.addresses_of(self._single_iovecs)
        self._singles["iovec_length"] = 1
        # ... and messages that are runs of rows, which are made anew for each batch.
        self._row_addresses = kernel.addresses_of(ring.rows)
        self._run_iovecs = np.zeros(SEND_ROWS, kernel.IOVEC)
        self._run_iovec_addresses = kernel.addresses_of(self._run_iovecs)
        self._control = np.tile(kernel.SEGMENT_CONTROL, (SEND_ROWS, 1))
        size_at = kernel.SEGMENT_SIZE_OFFSET
        self._segment_sizes = self._control[:, size_at : size_at + 2].view(np.uint16)[:, 0]
        self._runs = np.zeros(SEND_ROWS, kernel.MESSAGE)
        self._runs["name_length"] = ADDRESS_BYTES
        self._runs["control"] = kernel.addresses_of(self._control)

    def forward_batch(self) -> None:
        """Receive what is there, and send it on."""
        received = self._received
        count: int = kernel.recvmmsg(
            self.port.fileno(),
            self._in_messages.ctypes.data,
            RECEIVE_ROWS,
            kernel.MSG_DONTWAIT,
            None,
        )
        if count <= 0:
            return
        received.lengths[:count] = self._in_messages["length"][:count]
        contexts = [self._contexts[key] for key in self._in_keys[:count].tolist()]
        unprotect_all(contexts, received.packets, received.packet_lengths)
        ssrcs = self._heads["ssrc"][:count].tolist()
        numbers, times = self._heads["number"][:count], self._heads["time"][:count]
        used, repeats = 0, 2 * len(set(ssrcs)) <= count
        for row, ssrc in enumerate(ssrcs):
            stream = self._streams.get(ssrc)
            if stream is None:
                continue
            if used + stream.count > SEND_ROWS:
                self._flush(used, True)
                used = 0
            rows = slice(used, used + stream.count)
            length = received.lengths[row]
            self._ring.rows[rows, :length] = received.rows[row, :length]
            self._out_numbers[rows] = stream.number_offsets + numbers[row].astype(np.uint16)
            self._out_times[rows] = stream.time_offsets + times[row].astype(np.uint32)
            self._out_ssrcs[rows] = stream.ssrcs
            next_numbers = self._next_number[stream.people]
            self._out_transport_numbers[rows] = next_numbers
            self._next_number[stream.people] = next_numbers + np.uint16(1)
            self._ring.lengths[rows] = length
            self._people[rows] = stream.people
            self._out_contexts += stream.contexts
            used += stream.count
        if used:
            self._flush(used, repeats)

    def _flush(self, count: int, streams_repeat: bool) -> None:
        protect_all(self._out_contexts, self._ring.packets, self._ring.packet_lengths)
        self._out_contexts.clear()
        if streams_repeat and count >= FEWEST_SORTED:
            self._send(self._runs, self._arrange(count))
        else:
            self._single_iovecs["length"][:count] = self._ring.lengths[:count]
            self._singles["name"][:count] = self._names[self._people[:count]]
            self._send(self._singles, count)

    def _arrange(self, count: int) -> int:
        """Put rows in order of person, equal lengths that follow each other into one message."""
        people = self._people[:count]
        order = np.argsort(people, kind="stable")
        people, lengths = people[order], self._ring.lengths[:count][order]
        self._run_iovecs["base"][:count] = self._row_addresses[order]
        self._run_iovecs["length"][:count] = lengths
        begins = np.ones(count, np.bool_)
        begins[1:] = (people[1:] != people[:-1]) | (lengths[1:] != lengths[:-1])
        first = begins.nonzero()[0]
        sizes = np.diff(first, append=count)
        if sizes.max() > LONGEST_RUN:
            pieces = [
                range(start, start + size, LONGEST_RUN)
                for start, size in zip(first.tolist(), sizes.tolist(), strict=True)
            ]
            first = np.concatenate([np.array(piece) for piece in pieces])
            sizes = np.diff(first, append=count)
        messages = len(first)
        runs = self._runs
        runs["iovec"][:messages] = self._run_iovec_addresses[first]
        runs["iovec_length"][:messages] = sizes
        runs["name"][:messages] = self._names[people[first]]
        runs["control_length"][:messages] = (sizes > 1) * len(kernel.SEGMENT_CONTROL)
        self._segment_sizes[:messages] = lengths[first]
        return messages

    def _send(self, messages: npt.NDArray[np.void], count: int) -> None:
        start, done = messages.ctypes.data, 0
        while done < count:
            sent: int = kernel.sendmmsg(
                self.port.fileno(),
                start + done * kernel.MESSAGE.itemsize,
                count - done,
                kernel.MSG_DONTWAIT,
            )
            if sent <= 0:
                return  # no room: lost, as on any wire
            done += sent


def _iovecs(ring: PacketRing) -> npt.NDArray[np.void]:
    iovecs = np.zeros(ring.capacity, kernel.IOVEC)
    iovecs["base"] = kernel.addresses_of(ring.rows)
    iovecs["length"] = ring.rows.shape[1]
    return iovecs


def _open_port() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.setblocking(False)
    for option in (kernel.SO_RCVBUFFORCE, kernel.SO_SNDBUFFORCE):
        with contextlib.suppress(PermissionError):
            opened.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    return opened


def main() -> None:
    """Read a plan, say where, and forward until the input ends."""
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=Plan)
    probe = Probe(plan)
    print(f"port {probe.port.getsockname()[1]}", flush=True)
    poll = select.epoll()
    descriptor, ended = probe.port.fileno(), sys.stdin.fileno()
    os.set_blocking(ended, False)
    poll.register(descriptor, select.EPOLLIN)
    poll.register(ended, select.EPOLLIN)
    while all(one == descriptor for one, _ in poll.poll()):
        probe.forward_batch()


if __name__ == "__main__":
    main()
