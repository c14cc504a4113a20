"""Hundreds of synthetic peers in one thread: real ICE, DTLS and SRTP, packets counted by columns.

Everybody has a UDP socket. What comes is received by the batch, and of most packets only the header
is read: SSRC and number stand in clear (RFC 3711 §3.1), so every packet is counted exactly. Peers
that are *checked* decrypt all that they get, look for the publisher's stamp at its end, and time it
by when the kernel received it, so that this thread's own business does not count as delay.
"""

import asyncio
import heapq
import itertools
import random
import select
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from benchmarks.peers.synthetic.answering import Answers, transport_numbers
from benchmarks.peers.synthetic.batch_receiver import BatchReceiver, note_arrivals
from benchmarks.peers.synthetic.connection import Desk
from benchmarks.peers.synthetic.crowd_transport import CrowdStream, CrowdTransport
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.head_count import HeadCount, Spans
from benchmarks.peers.synthetic.published import Track
from benchmarks.peers.synthetic.stamp import STAMP_BYTES
from sfu.units import Mask

_IDLE: Final = 0.05
_NANOSECONDS_PER_MICROSECOND: Final = 1000


class Crowd:
    """The peers of a load.

    Args:
        streams: consumers of everybody together, at most.
        rng: draws ids; seeded, a run repeats.
        host: address of everybody's sockets; empty for whichever leads to the server.

    Attributes:
        identity: the certificate that everybody has.
        table: all consumers' packets.
        tally: what happened.
        transports: everybody, by the order of joining.
        silent: whether publishers hold back what is due; see ``hold``.
        desk: where single packets are protected.
        wiretap: called with every datagram that somebody sends.
        answers: everybody's transport-wide feedback; None where nobody gives any. To be set before
            anybody joins.
    """

    def __init__(
        self, streams: int, rng: random.Random | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.identity = Identity()
        self._receiver = BatchReceiver()
        self._heads = HeadCount(streams, self._receiver)
        self.table = self._heads.table
        self.tally = self._heads.tally
        self.transports: list[CrowdTransport] = []
        self.silent = False
        self.wiretap: Callable[[bytes], None] | None = None
        self.answers: Answers | None = None
        self._host = host
        self.rng = rng or random.Random()
        self._poll = select.epoll()
        self.desk = Desk()
        self._by_descriptor: dict[int, CrowdTransport] = {}
        self._ties = itertools.count()
        self._business: list[tuple[float, int, CrowdTransport]] = []
        self._frames: list[tuple[float, int, CrowdTransport, Track]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    # ---- who is here -------------------------------------------------------------------------

    def join(self, cname: str = "crowd", *, checked: bool = False) -> CrowdTransport:
        """A transport for one more peer."""
        index = len(self.transports)
        transport = CrowdTransport(self, index, self.identity, cname, self._host, checked, self.rng)
        self.transports.append(transport)
        return transport

    def watch(self, transport: CrowdTransport) -> None:
        """Receive from a transport's socket."""
        assert transport.socket is not None
        if transport.checked or self.answers is not None:
            note_arrivals(transport.socket)
        descriptor = transport.socket.fileno()
        self._by_descriptor[descriptor] = transport
        self._poll.register(descriptor, select.EPOLLIN)

    def unwatch(self, transport: CrowdTransport) -> None:
        """Receive from it no longer."""
        assert transport.socket is not None
        descriptor = transport.socket.fileno()
        self._poll.unregister(descriptor)
        del self._by_descriptor[descriptor]

    def expect(self, transport: CrowdTransport, ssrc: int) -> CrowdStream:
        """Count a stream from now on."""
        stream = self._heads.expect(transport, ssrc)
        transport.media.receiving.add(stream)
        return stream

    def schedule(self, transport: CrowdTransport) -> None:
        """Give a transport time when it is due."""
        due = transport.due
        transport.scheduled = due
        if due != float("inf"):
            heapq.heappush(self._business, (due, next(self._ties), transport))
            self._set_timer()

    def send_frames_of(self, transport: CrowdTransport) -> None:
        """Send the tracks that a transport publishes, from their ``due`` on."""
        known = {id(track) for _, _, one, track in self._frames if one is transport}
        for track in transport.media.publishing.tracks:
            if id(track) not in known:
                heapq.heappush(self._frames, (track.due, next(self._ties), transport, track))
        self._set_timer()

    def close(self) -> None:
        """Everybody says goodbye."""
        self.detach()
        for transport in self.transports:
            transport.close()
        self._poll.close()

    # ---- time --------------------------------------------------------------------------------

    def attach(self) -> None:
        """Live in the running asyncio loop from now on."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._poll.fileno(), self.collect)
        self._set_timer()

    def detach(self) -> None:
        """Live in no loop: ``run`` is called."""
        if self._loop is not None:
            self._loop.remove_reader(self._poll.fileno())
            self._loop = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def run(self, seconds: float) -> None:
        """Send and receive for so long, in this thread and nothing else."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            self.act(now)
            self.collect(0.001)

    def rush(self, packets: int, per_second: float) -> None:
        """Publish so many packets faster than is due, and fall silent."""
        self.hold()
        begun, before = time.monotonic(), self.tally.published
        while (sent := self.tally.published - before) < packets and self._frames:
            if sent < (time.monotonic() - begun) * per_second:
                for _, _, transport, track in self._frames:
                    due = track.due
                    self._send_frame(transport, track)
                    track.due = due
            self.act(time.monotonic())
            self.collect(0.001)

    def hold(self) -> None:
        """Publish nothing until ``resume``; connections stay alive."""
        self.silent = True

    def resume(self) -> None:
        """Publish on, with the same time between everybody's frames as before."""
        late = time.monotonic() - min((due for due, *_ in self._frames), default=0.0)
        for _, _, _, track in self._frames:
            track.due += late
        self._rebuild_frames()
        self.silent = False
        self._set_timer()

    def shift(self, track: Track, seconds: float) -> None:
        """Have a track's frames come later."""
        track.due += seconds
        self._rebuild_frames()

    def _rebuild_frames(self) -> None:
        self._frames = [(track.due, tie, one, track) for _, tie, one, track in self._frames]
        heapq.heapify(self._frames)

    def _set_timer(self) -> None:
        if self._loop is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        due = [heap[0][0] for heap in (self._business, self._frames) if heap]
        delay = max(0.0, min(due) - time.monotonic()) if due else _IDLE
        self._timer = self._loop.call_later(min(delay, _IDLE), self._on_timer)

    def _on_timer(self) -> None:
        self.act(time.monotonic())
        self._set_timer()

    def act(self, now: float) -> None:
        """Send what is due."""
        if self.answers is not None:
            self.answers.act(now)
        while self._frames and not self.silent and self._frames[0][0] <= now:
            _, _, transport, track = self._frames[0]
            if transport.socket is None or track not in transport.media.publishing.tracks:
                heapq.heappop(self._frames)
                continue
            self._send_frame(transport, track)
            heapq.heapreplace(self._frames, (track.due, next(self._ties), transport, track))
        while self._business and self._business[0][0] <= now:
            due, _, transport = heapq.heappop(self._business)
            if due == transport.scheduled:
                for compound in transport.tick(now):
                    transport.send_rtcp(compound)
                self.schedule(transport)

    def _send_frame(self, transport: CrowdTransport, track: Track) -> None:
        packets = track.frame(time.monotonic(), transport.media.publishing.take_number)
        for packet in packets:
            if transport.send_rtp(packet):
                self.tally.published += 1
            else:
                self.tally.unsent += 1

    # ---- receiving ---------------------------------------------------------------------------

    def collect(self, timeout: float = 0.0) -> None:
        """Take what the sockets have, or wait a little for something."""
        receiver, before = self._receiver, self.tally.packets
        for descriptor, _ in self._poll.poll(timeout, 4096):
            while receiver.receive(descriptor):
                if receiver.full:
                    self._take_batch()
            if receiver.full:
                self._take_batch()
        if receiver.count:
            self._take_batch()
        self.tally.busiest = max(self.tally.busiest, self.tally.packets - before)

    def _take_batch(self) -> None:
        receiver = self._receiver
        count = receiver.close_batch()
        spans = [(self._by_descriptor.get(one), some) for one, some in receiver.spans]
        lengths = receiver.ring.lengths[:count]
        heads = receiver.ring.rows[:count, :2]
        kinds = heads[:, 1] & 0xE0
        is_media = (heads[:, 0] & 0xC0 == 0x80) & (kinds != 0xC0) & (lengths > STAMP_BYTES)
        if not is_media.all():
            self._take_others(spans, is_media)
        if self.answers is not None:
            numbers = transport_numbers(receiver.ring.rows[:count])
            arrivals = receiver.arrivals(np.arange(count)) // _NANOSECONDS_PER_MICROSECOND
            self.answers.note(spans, numbers, arrivals, is_media, time.monotonic())
        self._heads.count(spans, is_media)
        receiver.next_batch()

    def _take_others(self, spans: Spans, is_media: Mask) -> None:
        now = time.monotonic()
        ring = self._receiver.ring
        at = 0
        for peer, some in spans:
            for row in range(at, at + some):
                if not is_media[row] and peer is not None:
                    self._take_other(peer, ring.rows[row, : ring.lengths[row]].tobytes(), now)
            at += some

    def _take_other(self, peer: CrowdTransport, datagram: bytes, now: float) -> None:
        if peer.receive_other(datagram, now) and peer.inbound is not None:
            compound = self.desk.unprotect_rtcp(datagram, peer.inbound)
            if compound is not None:
                for again in peer.media.receive_rtcp(compound, now):
                    peer.send_rtp(again)
        if peer.due < peer.scheduled:
            self.schedule(peer)
