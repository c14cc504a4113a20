"""Data channels through a whole worker, over real ICE, DTLS and SCTP, in both forms of its port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
import pytest

from benchmarks.peers.synthetic import Refused, Router, SyntheticPeer, WorkerControl
from benchmarks.peers.synthetic.data_channels import Channel
from sfu.control import messages
from sfu.control.messages import DataConsumerClosed, DataProducerClosed
from sfu.units import Seconds
from sfu.worker import data_channels
from sfu.worker.app import Worker
from sfu.worker.sctp_outbox import MOST_BUFFERED


@asynccontextmanager
async def people(room: Router, *names: str) -> AsyncIterator[list[SyntheticPeer]]:
    made = [SyntheticPeer(room.member(name), data=True) for name in names]
    try:
        yield made
    finally:
        for one in made:
            one.close()


@dataclass(frozen=True)
class Heard:
    """A data consumer, and the channel it comes on."""

    who: SyntheticPeer
    id: str
    channel: Channel

    @property
    def received(self) -> list[str | bytes]:
        return self.channel.received

    async def resume(self) -> None:
        await self.who.signaling.resume_data_consumer(self.id)


async def listen(who: SyntheticPeer, producer_id: str, *, paused: bool = False) -> Heard:
    consumption, channel = await who.subscribe_data(producer_id, paused)
    return Heard(who, consumption.id, channel)


async def test_text_binary_and_nothing_reach_everybody(
    control: WorkerControl, room: Router
) -> None:
    async with people(room, "ada", "bob", "cleo") as (ada, *others):
        chat, channel = await ada.publish_data("chat")
        heard = [await listen(other, chat) for other in others]
        said: list[str | bytes] = ["grüß", b"\0\xff", "", b"", "x" * 60_000, b"y" * 262_144]
        for message in said:
            assert channel.send(message)
        for other, one in zip(others, heard, strict=True):
            await other.until(lambda c=one.channel: len(c.received) == len(said))  # type: ignore[misc]
            assert one.received == said


async def test_nothing_is_lost_or_disordered_around_a_pause(room: Router, worker: Worker) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        for stream, retransmits in ((0, None), (1, 0)):
            sent, channel = await ada.publish_data(
                ordered=retransmits is None, max_retransmits=retransmits
            )
            heard = await listen(bob, sent, paused=True)
            counts = worker.engine.data.counts
            before = counts.kept
            for number in range(100):
                assert channel.send(f"{stream} {number}")
            await bob.until(lambda b=before, c=counts: c.kept == b + 100)  # type: ignore[misc]
            assert heard.received == []
            await heard.resume()
            for number in range(100, 200):
                assert channel.send(f"{stream} {number}")
            await bob.until(lambda h=heard: len(h.received) == 200)  # type: ignore[misc]
            assert heard.received == [f"{stream} {number}" for number in range(200)]
            await heard.resume()
        assert worker.engine.data.counts.dropped == 0


async def test_a_message_for_one_member(room: Router) -> None:
    async with people(room, "ada", "bob", "cleo") as (ada, bob, cleo):
        sent, channel = await ada.publish_data(protocol="crossover")
        to_bob, to_cleo = [await listen(who, sent) for who in (bob, cleo)]
        hostile: list[str | bytes] = [
            "@",
            "@\n",
            "@" + "x" * 100_000,
            "@nobody\nhi",
            b"@\xff\xfe\n",
            b"@bob",
        ]
        for message in [*hostile, "@bob\nhi Bob", "@cleo\n", "all", ""]:
            assert channel.send(message)
        await bob.until(lambda: len(to_bob.received) == 3)
        await cleo.until(lambda: len(to_cleo.received) == 3)
        assert to_bob.received == ["@bob\nhi Bob", "all", ""]
        assert to_cleo.received == ["@cleo\n", "all", ""]


async def test_whoever_does_not_read_loses_positions_and_then_the_chat_with_a_word(
    control: WorkerControl, room: Router
) -> None:
    async with people(room, "ada", "bob", "cleo") as (ada, bob, cleo):
        chat, speak = await ada.publish_data("chat")
        positions, move = await ada.publish_data("positions", ordered=False, max_retransmits=0)
        heard = {who: await listen(who, chat) for who in (bob, cleo)}
        seen = {who: await listen(who, positions) for who in (bob, cleo)}
        await bob.until(lambda: bob.legs["recv"].transport.connection.connected)
        bob.legs["recv"].transport.drop_incoming = lambda datagram: 20 <= datagram[0] <= 63
        said = 0
        while not control.reports_of(DataConsumerClosed):
            assert speak.send(b"%06d" % said + bytes(20_000))
            assert move.send(b"%06d" % said)
            said += 1
            await cleo.until(
                lambda n=said: (
                    len(heard[cleo].received) == n  # type: ignore[misc]
                    and len(seen[cleo].received) == n
                )
            )
            assert said * 20_000 < 2 * MOST_BUFFERED
        assert control.reports_of(DataConsumerClosed) == [
            DataConsumerClosed(data_consumer_id=heard[bob].id, reason="too-slow")
        ]
        bob.legs["recv"].transport.drop_incoming = None
        await bob.until(lambda: heard[bob].channel.closed, timeout=30)
        got = [message[:6] for message in heard[bob].received]
        assert got == [b"%06d" % number for number in range(len(got))]
        assert said * 0.8 < len(got) < said
        assert len(seen[bob].received) < said
        assert move.send(b"fresh")
        await bob.until(lambda: seen[bob].received[-1:] == [b"fresh"])
        again = await listen(bob, chat)
        assert speak.send("back")
        await bob.until(lambda: again.received == ["back"])


async def test_a_channel_that_its_reader_closes_ends_alone(
    control: WorkerControl, room: Router, worker: Worker
) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        chat, speak = await ada.publish_data("chat")
        first, second = [await listen(bob, chat) for _ in range(2)]
        router = worker.engine.routers[room.id]
        first.channel.close()
        await bob.until(lambda: list(router.data.consumers) == [second.id])
        assert speak.send("hi")
        await bob.until(lambda: second.received == ["hi"])
        speak.close()
        await bob.until(lambda: second.channel.closed)
        await bob.until(lambda: bool(control.reports_of(DataProducerClosed)))
        assert control.reports_of(DataConsumerClosed) == []
        assert not router.data.consumers and not router.data.producers


async def test_everybody_to_everybody_at_once(room: Router) -> None:
    names = [f"person {number}" for number in range(6)]
    async with people(room, *names) as everybody:
        speaking = [await one.publish_data("chat", protocol="crossover") for one in everybody]
        heard = [[await listen(one, sent) for sent, _ in speaking] for one in everybody]
        for number in range(50):
            for _, channel in speaking:
                assert channel.send(str(number))
            await asyncio.sleep(0)
        for one, channels in zip(everybody, heard, strict=True):
            await one.until(lambda h=channels: all(len(c.received) == 50 for c in h))  # type: ignore[misc]
            for each in channels:
                assert each.received == [str(number) for number in range(50)]


async def test_a_busy_worker_lets_messages_gather_and_sends_them_all_the_same(
    room: Router, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with people(room, "ada", "bob") as (ada, bob):
        sent, channel = await ada.publish_data("chat")
        heard = await listen(bob, sent)
        flush, held = worker.engine.data.flush, 0

        def hold(now: Seconds, busy: bool) -> None:
            nonlocal held
            flush(now, True)
            held += worker.engine.data.due is not None

        monkeypatch.setattr(data_channels, "MANY", -1.0)
        monkeypatch.setattr(worker.engine.data, "flush", hold)
        for number in range(20):
            assert channel.send(str(number))
            if number % 5 == 4:  # and nothing else comes that would wake the worker
                await bob.until(lambda n=number: len(heard.received) == n + 1)  # type: ignore[misc]
        assert heard.received == [str(number) for number in range(20)]
        assert held >= 4


async def test_data_that_makes_no_sense_is_refused(control: WorkerControl, room: Router) -> None:
    async with people(room, "ada") as (ada,):
        chat, _ = await ada.publish_data("chat")
        heard = await listen(ada, chat, paused=True)
        transport = ada.legs["send"].id
        for code, command in (
            (
                "consumer-not-found",
                lambda n: messages.ResumeDataConsumer(request=n, data_consumer_id="nobody"),
            ),
            (
                "id-taken",
                lambda n: messages.ConsumeData(
                    request=n,
                    transport_id=transport,
                    data_producer_id=chat,
                    data_consumer_id=heard.id,
                ),
            ),
            (
                "id-taken",
                lambda n: messages.ProduceData(
                    request=n,
                    transport_id=transport,
                    data_producer_id=chat,
                    sctp_stream_parameters=msgspec.Raw(b'{"streamId":9}'),
                    label="",
                    protocol="",
                ),
            ),
        ):
            with pytest.raises(Refused) as refused:
                await control.ask(command, messages.Done)
            assert refused.value.code == code
        await heard.resume()
