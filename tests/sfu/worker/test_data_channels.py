"""What becomes of messages between transports: with associations that only pretend to send."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sfu.control.messages import (
    AnyReport,
    DataConsumerClosed,
    DataProducerClosed,
    HeldDataProducer,
)
from sfu.media.packet_store import PacketMemory
from sfu.ortc.parameters import SctpStreamParameters
from sfu.routing.data_backlog import MOST_BYTES, MOST_MESSAGES
from sfu.routing.data_relay import DataConsumer
from sfu.routing.router import Router
from sfu.routing.shared import Shared
from sfu.transport.destinations import Destinations
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds
from sfu.worker.data_association import DataAssociation
from sfu.worker.data_channels import GATHERED, MOST_LOSSY_WAITING, DataChannels

TEXT, BINARY, EMPTY_TEXT = 51, 53, 56
MOST_WAITING = 300_000
NOW = Seconds(0.0)


class Association:
    """An association whose peer reads when it is told to."""

    def __init__(self) -> None:
        self.open: set[int] = set()
        self.closed: list[int] = []
        self.queued: list[tuple[int, int, bytes]] = []
        self.sent: list[tuple[int, int, bytes]] = []
        self.read: list[tuple[int, int, bytes]] = []
        self.flushes = 0

    @property
    def buffered(self) -> int:
        return sum(len(data) for _, _, data in self.queued + self.sent)

    def start(self, remote_port: int) -> None: ...

    def receive(self, data: bytes) -> None: ...

    def abort(self) -> None: ...

    def open_stream(
        self,
        stream: int,
        ordered: bool = True,
        max_retransmits: int | None = None,
        max_packet_life_time: int | None = None,
        label: str = "",
        protocol: str = "",
    ) -> None:
        self.open.add(stream)
        for messages in (self.queued, self.sent, self.read):  # those before were another channel's
            messages[:] = [(-1 if on == stream else on, ppid, data) for on, ppid, data in messages]

    def close_stream(self, stream: int) -> None:
        self.open.discard(stream)
        self.closed.append(stream)

    def queue_message(self, stream: int, ppid: int, data: bytes) -> bool:
        if stream not in self.open or self.buffered + len(data) > MOST_WAITING:
            return False
        self.queued.append((stream, ppid, data))
        return True

    def flush(self) -> None:
        self.flushes += 1
        self.sent += self.queued
        self.queued.clear()

    def take(self, most: int = 1 << 30) -> None:
        """The peer reads so many of the messages that were sent to it."""
        self.read += self.sent[:most]
        del self.sent[:most]

    def of(self, stream: int) -> list[bytes]:
        """All messages that were taken for a stream, read or not."""
        return [data for on, _, data in self.read + self.sent + self.queued if on == stream]


@dataclass(eq=False)
class Transport:
    """A transport that has nothing but data."""

    id: str
    router_id: str = "room"
    association: Association = field(default_factory=Association)
    sctp: DataAssociation | None = None

    def __post_init__(self) -> None:
        self.sctp = self.association


class Stage:
    """A room in which Ann speaks."""

    def __init__(self) -> None:
        shared = Shared(TransmitRing(16), Destinations(16), PacketMemory(16))
        self.router = Router("room", "a room", shared, random.Random(1))
        self.reports: list[AnyReport] = []
        self.transports = {name: Transport(name) for name in ("ann", "bob", "cid")}
        self.channels = DataChannels({"room": self.router}, self.transports, self.reports)

    def produce(self, stream: int, *, lossy: bool = False, protocol: str = "crossover") -> str:
        producer_id = f"producer {stream}"
        held = HeldDataProducer(
            id=producer_id, transport_id="ann", member_id="ann", label="", protocol=protocol
        )
        terms = SctpStreamParameters(
            stream_id=stream, ordered=not lossy, max_retransmits=0 if lossy else None
        )
        producer = self.router.data.produce(held, terms)
        self.channels.open(self.transports["ann"], producer)
        return producer_id

    def consume(
        self, producer_id: str, who: str = "bob", paused: bool = False, name: str = ""
    ) -> DataConsumer:
        producer = self.router.data.producers[producer_id]
        consumer = self.router.data.consume(
            name or f"{who} of {producer_id}", who, who, producer, paused=paused
        )
        self.channels.open(self.transports[who], consumer)
        return consumer

    def say(self, stream: int, data: bytes, kind: int = BINARY) -> None:
        self.channels.relay(self.transports["ann"], stream, kind, data)

    def got(self, consumer: DataConsumer) -> list[bytes]:
        """All that has been sent to a consumer."""
        association = self.transports[consumer.transport_id].association
        return association.of(consumer.stream.stream_id)

    def due(self) -> Seconds | None:
        return self.channels.due

    def too_slow(self) -> list[str]:
        return [
            report.data_consumer_id
            for report in self.reports
            if isinstance(report, DataConsumerClosed) and report.reason == "too-slow"
        ]


# ---- flowing -------------------------------------------------------------------------------------


def test_a_message_reaches_everybody_with_its_kind_when_it_is_flushed() -> None:
    stage = Stage()
    chat = stage.produce(0)
    consumers = [stage.consume(chat, who) for who in ("bob", "cid")]
    for kind, data in ((TEXT, b"hi"), (BINARY, b"\0"), (EMPTY_TEXT, b"")):
        stage.say(0, data, kind)
    for consumer in consumers:
        association = stage.transports[consumer.transport_id].association
        number = consumer.stream.stream_id
        assert association.flushes == 0
        assert association.queued == [
            (number, TEXT, b"hi"), (number, BINARY, b"\0"), (number, EMPTY_TEXT, b""),
        ]  # fmt: skip
    stage.channels.flush(NOW, busy=False)
    stage.channels.flush(NOW, busy=False)
    assert [one.association.flushes for one in stage.transports.values()] == [0, 1, 1]
    assert (stage.channels.counts.received, stage.channels.counts.relayed) == (3, 6)


def test_what_comes_from_nowhere_goes_nowhere() -> None:
    stage = Stage()
    chat = stage.produce(0)
    consumer = stage.consume(chat)
    stage.say(7, b"on no channel")
    stage.channels.relay(stage.transports["cid"], 0, TEXT, b"not Cid's")
    stage.channels.relay(Transport("x", router_id="gone"), 0, TEXT, b"of no room")
    assert stage.got(consumer) == []


def test_a_message_for_one_member_reaches_nobody_else_paused_or_not() -> None:
    stage = Stage()
    chat = stage.produce(0)
    bob, cid = stage.consume(chat, "bob"), stage.consume(chat, "cid", paused=True)
    stage.say(0, b"@cid\nfor Cid", TEXT)
    stage.say(0, b"@bob\nfor Bob", TEXT)
    stage.say(0, b"@dan\nfor nobody", TEXT)
    stage.say(0, b"@" + b"x" * 200_000, TEXT)
    stage.channels.resume(stage.router, cid)
    assert stage.got(bob) == [b"@bob\nfor Bob"]
    assert stage.got(cid) == [b"@cid\nfor Cid"]


def test_lossy_messages_are_dropped_for_the_one_who_does_not_read() -> None:
    stage = Stage()
    positions = stage.produce(0, lossy=True)
    slow, quick = stage.consume(positions, "bob"), stage.consume(positions, "cid")
    for number in range(100):
        stage.say(0, b"%03d" % number + bytes(2000))
        stage.channels.flush(NOW, busy=False)
        stage.transports["cid"].association.take()
    assert len(stage.got(quick)) == 100
    waiting = stage.transports["bob"].association.buffered
    assert MOST_LOSSY_WAITING < waiting <= MOST_LOSSY_WAITING + 2003
    assert stage.channels.counts.dropped == 100 - len(stage.got(slow))
    stage.transports["bob"].association.take()
    stage.say(0, b"fresh")
    assert stage.got(slow)[-1] == b"fresh"
    assert stage.reports == []


def test_a_reliable_channel_ends_with_a_word_before_it_loses_anything() -> None:
    stage = Stage()
    chat = stage.produce(0)
    slow, quick = stage.consume(chat, "bob"), stage.consume(chat, "cid")
    said = [b"%03d" % number + bytes(30_000) for number in range(20)]
    for data in said:
        stage.say(0, data)
        stage.channels.flush(NOW, busy=False)
        stage.transports["cid"].association.take()
    assert stage.got(quick) == said
    got = stage.got(slow)
    assert 0 < len(got) < 20 and got == said[: len(got)]
    assert stage.reports == [DataConsumerClosed(data_consumer_id=slow.id, reason="too-slow")]
    assert stage.transports["bob"].association.closed == [slow.stream.stream_id]
    assert list(stage.router.data.consumers) == [quick.id]
    assert (stage.channels.counts.too_slow, stage.channels.counts.dropped) == (1, 0)


def test_lossy_messages_do_not_push_reliable_ones_out() -> None:
    stage = Stage()
    chat, positions = stage.produce(0), stage.produce(1, lossy=True)
    reliable, lossy = stage.consume(chat), stage.consume(positions)
    for number in range(60):
        stage.say(1, bytes(4000))
        stage.say(0, b"%d" % number)
    assert len(stage.got(reliable)) == 60
    assert len(stage.got(lossy)) < 60
    assert stage.reports == []


def hum(stage: Stage, messages: int) -> None:
    """Ann has sent so many messages in the second that ends at 1.0, and Bob has read them."""
    for number in range(1, 11):
        for _ in range(messages // 10):
            stage.say(0, b"")
        stage.channels.flush(Seconds(number / 10), busy=False)
        stage.transports["bob"].association.take()
    stage.transports["bob"].association.flushes = 0


def test_on_a_worker_busy_with_them_messages_gather_but_not_for_long() -> None:
    stage = Stage()
    stage.consume(stage.produce(0))
    hum(stage, 10_000)
    bob, channels = stage.transports["bob"].association, stage.channels
    channels.flush(Seconds(1.01), busy=True)
    assert stage.due() is None, "nothing gathers"
    stage.say(0, b"first")
    channels.flush(Seconds(1.02), busy=True)
    assert bob.flushes == 0 and stage.due() == Seconds(1.02 + GATHERED)
    stage.say(0, b"second")
    channels.flush(Seconds(1.02 + GATHERED / 2), busy=True)
    assert bob.flushes == 0
    channels.flush(Seconds(1.02 + GATHERED), busy=True)
    assert bob.flushes == 1 and stage.due() is None
    assert [data for _, _, data in bob.sent] == [b"first", b"second"]
    stage.say(0, b"third")
    channels.flush(Seconds(1.03), busy=True)
    channels.flush(Seconds(1.03), busy=False)
    assert bob.flushes == 2 and stage.due() is None, "it is busy no more"


def test_few_messages_do_not_wait_for_each_other_however_busy_the_worker() -> None:
    stage = Stage()
    stage.consume(stage.produce(0))
    hum(stage, 4000)
    stage.say(0, b"first")
    stage.channels.flush(Seconds(1.02), busy=True)
    assert stage.transports["bob"].association.flushes == 1
    hum(stage, 10_000)
    stage.channels.flush(Seconds(5.0), busy=True)
    stage.say(0, b"after a while")
    stage.channels.flush(Seconds(5.0), busy=True)
    assert stage.transports["bob"].association.flushes == 1


# ---- paused --------------------------------------------------------------------------------------


def test_what_comes_while_a_consumer_is_paused_comes_later_and_first() -> None:
    stage = Stage()
    chat = stage.produce(0)
    stage.say(0, b"before")
    consumer = stage.consume(chat, paused=True)
    for data in (b"one", b"", b"two"):
        stage.say(0, data)
    assert stage.got(consumer) == []
    stage.channels.resume(stage.router, consumer)
    stage.say(0, b"three")
    stage.channels.resume(stage.router, consumer)
    assert stage.got(consumer) == [b"one", b"", b"two", b"three"]
    assert (stage.channels.counts.kept, stage.channels.counts.relayed) == (3, 4)


def test_a_long_pause_costs_a_lossy_consumer_the_oldest() -> None:
    stage = Stage()
    positions = stage.produce(0, lossy=True)
    consumer = stage.consume(positions, paused=True)
    said = [b"%d" % number for number in range(MOST_MESSAGES + 10)]
    for data in said:
        stage.say(0, data)
    stage.channels.resume(stage.router, consumer)
    assert stage.got(consumer) == said[10:]
    assert stage.channels.counts.dropped == 10


def test_all_that_a_lossy_consumer_was_kept_for_is_sent_at_once() -> None:
    stage = Stage()
    positions = stage.produce(0, lossy=True)
    consumer = stage.consume(positions, paused=True)
    said = [b"%d" % number + bytes(50_000) for number in range(4)]
    for data in said:
        stage.say(0, data)
    stage.channels.resume(stage.router, consumer)
    assert stage.got(consumer) == said


@pytest.mark.parametrize("size", [0, 10_000])
def test_a_long_pause_ends_a_reliable_consumer_with_a_word(size: int) -> None:
    stage = Stage()
    chat = stage.produce(0)
    consumer = stage.consume(chat, paused=True)
    most = MOST_MESSAGES if not size else MOST_BYTES // size
    for _ in range(most):
        stage.say(0, bytes(size))
    assert stage.reports == []
    stage.say(0, bytes(size))
    assert stage.too_slow() == [consumer.id]
    assert stage.got(consumer) == []
    stage.say(0, b"more")
    stage.channels.resume(stage.router, consumer)
    assert stage.too_slow() == [consumer.id]


def test_what_waited_may_be_more_than_the_peer_has_room_for() -> None:
    stage = Stage()
    chat, other = stage.produce(0), stage.produce(1)
    stage.consume(other)
    consumer = stage.consume(chat, paused=True)
    stage.say(1, bytes(200_000))
    for number in range(3):
        stage.say(0, b"%d" % number + bytes(70_000))
    stage.channels.resume(stage.router, consumer)
    assert stage.too_slow() == [consumer.id]
    assert stage.got(consumer) == [b"0" + bytes(70_000)]


# ---- ends ----------------------------------------------------------------------------------------


def test_a_peer_that_closes_its_channel_ends_what_was_on_it() -> None:
    stage = Stage()
    chat = stage.produce(0)
    bob, cid = stage.consume(chat, "bob"), stage.consume(chat, "cid")
    stage.channels.stream_closed(stage.transports["bob"], bob.stream.stream_id)
    stage.say(0, b"hi")
    assert (stage.got(bob), stage.got(cid)) == ([], [b"hi"])
    assert stage.reports == []
    stage.channels.stream_closed(stage.transports["ann"], 0)
    assert stage.reports == [DataProducerClosed(data_producer_id=chat)]
    assert stage.transports["cid"].association.closed == [cid.stream.stream_id]
    stage.channels.stream_closed(stage.transports["ann"], 0)
    stage.channels.stream_closed(Transport("x", router_id="gone"), 0)
    assert len(stage.reports) == 1
    assert not stage.router.data.consumers


def test_a_consumer_whose_transport_is_gone_is_not_sent_to() -> None:
    stage = Stage()
    positions = stage.produce(0, lossy=True)
    stage.consume(positions, "bob")
    stage.transports["bob"].sctp = None
    stage.say(0, b"hi")
    del stage.transports["bob"]
    stage.say(0, b"hi")
    assert stage.channels.counts.dropped == 2


# ---- any order -----------------------------------------------------------------------------------


@dataclass
class Watched:
    """A consumer, and all that was said to it."""

    consumer: DataConsumer
    said: list[bytes] = field(default_factory=list)
    taken_when_closed: list[bytes] | None = None


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whichever order: reliable consumers get everything, or a word."""

    @initialize()
    def begin(self) -> None:
        self.stage = Stage()
        self.producers = [self.stage.produce(0), self.stage.produce(1, lossy=True)]
        self.watched: list[Watched] = []
        self.number = 0

    def _open(self) -> Iterator[Watched]:
        return (one for one in self.watched if one.taken_when_closed is None)

    @precondition(lambda self: len(self.watched) < 6)
    @rule(lossy=st.booleans(), who=st.sampled_from(["bob", "cid"]), paused=st.booleans())
    def consume(self, lossy: bool, who: str, paused: bool) -> None:
        name = f"consumer {len(self.watched)}"
        consumer = self.stage.consume(self.producers[lossy], who, paused, name)
        self.watched.append(Watched(consumer))

    @rule(
        lossy=st.booleans(),
        size=st.sampled_from([0, 10, 3000, 40_000, 100_000]),
        times=st.sampled_from([1, 1, 3, 300]),
        to=st.sampled_from(["", "@bob\n", "@cid\n", "@dan\n"]),
    )
    def say(self, lossy: bool, size: int, times: int, to: str) -> None:
        for _ in range(times if size < 5000 else 1):
            self.number += 1
            data = f"{to}{self.number} ".encode() + bytes(size)
            for one in self._open():
                mine = one.consumer.producer.held.id == self.producers[lossy]
                if mine and to[1:-1] in ("", one.consumer.member_id):
                    one.said.append(data)
            self.stage.say(lossy, data)
        self._note_closed()

    @rule(pick=st.integers(0, 5))
    def resume(self, pick: int) -> None:
        for one in self.watched[pick : pick + 1]:
            if one.taken_when_closed is None:
                self.stage.channels.resume(self.stage.router, one.consumer)
        self._note_closed()

    @rule(who=st.sampled_from(["bob", "cid"]), most=st.sampled_from([1, 20, 100_000]))
    def read(self, who: str, most: int) -> None:
        self.stage.channels.flush(NOW, busy=False)
        self.stage.transports[who].association.take(most)

    @rule(pick=st.integers(0, 5))
    def close(self, pick: int) -> None:
        for one in self.watched[pick : pick + 1]:
            if one.taken_when_closed is None:
                self.stage.router.data.close_consumer(one.consumer.id)
                self.stage.channels.close_streams([one.consumer])
                one.taken_when_closed = self.stage.got(one.consumer)

    def _note_closed(self) -> None:
        for one in self._open():
            if one.consumer.id in self.stage.too_slow():
                assert not one.consumer.lossy
                taken = self.stage.got(one.consumer)
                assert taken == one.said[: len(taken)] and len(taken) < len(one.said)
                one.taken_when_closed = taken

    @invariant()
    def all_is_accounted_for(self) -> None:
        if not hasattr(self, "watched"):
            return
        for one in self._open():
            consumer, backlog = one.consumer, one.consumer.backlog
            waiting = [] if backlog is None else [each.data for each in backlog._messages]
            got = self.stage.got(consumer) + waiting
            assert backlog is None or backlog.size == sum(map(len, waiting)) <= MOST_BYTES
            assert len(waiting) <= MOST_MESSAGES
            if consumer.lossy:
                rest = iter(one.said)
                assert all(data in rest for data in got), "in order, and once"
            else:
                assert got == one.said
        for transport in self.stage.transports.values():
            assert transport.association.buffered <= MOST_WAITING

    @invariant()
    def whoever_was_cut_off_is_told_once(self) -> None:
        if hasattr(self, "watched"):
            told = self.stage.too_slow()
            assert len(told) == len(set(told)) == self.stage.channels.counts.too_slow


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyOrder = AnyOrder.TestCase
