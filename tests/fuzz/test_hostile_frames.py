"""Ten thousand frames that nobody should send: no exception, no harm, nothing left behind."""

import asyncio
import logging

import pytest

from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from signaling.messages import channels
from tests.support.fake_worker import FakeWorker
from tests.support.hostile import CHANNELS, Hostile
from tests.support.server import Server, Socket
from tests.support.sfu_truth import agree
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Client, Frame, Stage

ROOMS, SIGNALING = channels.ROOMS, channels.SIGNALING
PUBLIC = set(CHANNELS)
COUNT = {"type", "count", "timestamp"}

LIMITS = Limits(messages_per_second=0, rooms_per_address=20, replay_frames=50, replay_bytes=20_000)


def personal(frame: Frame) -> bool:
    """Whether a channel-dialect client takes a frame as meant for it, or as the server's word.

    What strangers say to a whole public channel is relayed to it, and only that.
    """
    if frame["type"] in {"server-room-list", "client_count"}:
        return set(frame) not in ({"type", "channel", "rooms", "timestamp"}, COUNT)
    return channels.understands(frame["type"], frame.get("channel")) or (
        frame.get("channel") not in PUBLIC
    )


class Company:
    """Two pairs that behave, one of each dialect, among people who do not."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ann, self.bob = [stage.connect(f"198.51.100.{n}") for n in range(2)]
        self.room_id = self.ann.create("Ours", password="p", instance="a")["id"]
        self.bob.join(self.room_id, password="p", instance="b")
        home = "https://home.example"
        self.cid, self.dan = [
            stage.connect_channels(ROOMS, SIGNALING, "private news", origin=home) for _ in range(2)
        ]
        data = {"id": "theirs", "name": "Theirs", "hostId": "cid", "host": "Cid", "secret": "s",
                "maxParticipants": 2}  # fmt: skip
        self.cid.say("room-created", channel=ROOMS, data=data)
        data = {"roomId": "theirs", "userId": "dan", "userName": "Dan", "secret": "s"}
        self.dan.say("user-joined-room", channel=ROOMS, data=data)
        self.eve = stage.connect("198.51.100.9")
        self.visitor = Visitor(self.eve, self.eve.create(mode="sfu", instance="e")["id"])
        self.camera = self.visitor.produce()
        self.everybody = (self.ann, self.bob, self.cid, self.dan, self.eve)
        for client in self.everybody:
            client.take()

    def chat(self, number: int) -> None:
        """They talk, and hear each other and nothing else."""
        assert self.ann.ask("chat", roomId=self.room_id, payload=f"{number}")["type"] == "chat"
        assert [frame["payload"] for frame in self.bob.take()] == [f"{number}"]
        self.bob.say("offer", roomId=self.room_id, to=self.ann.id, payload={"n": number})
        assert [frame["payload"] for frame in self.ann.take()] == [{"n": number}]
        said = {
            "channel": SIGNALING,
            "fromUserId": "cid",
            "toUserId": "dan",
            "offer": {"n": number},
        }
        self.cid.say("webrtc-offer", **said)
        self.dan.say("anything", channel="private news", n=number)
        assert [*filter(personal, self.dan.take())] == [{"type": "webrtc-offer", **said}]
        assert [*filter(personal, self.cid.take())] == [
            {"type": "anything", "channel": "private news", "n": number}
        ]
        self.eve.take()
        set_ = self.visitor.ask("set-producer", producerId=self.camera, paused=number % 2 == 0)
        assert set_["type"] == "ok"
        for client in self.everybody:
            assert client.closing is None


def check_bounds(stage: Stage) -> None:
    """Nothing grows with what strangers send."""
    exchange, index = stage.exchange, stage.registry.index
    assert len(exchange.sessions) <= 60
    assert len(index) <= 3 + 2 * LIMITS.rooms_per_address
    for session in exchange.sessions.values():
        assert len(index.rooms_of(session.member_id)) <= LIMITS.rooms_per_member
        assert session.connections or ("grace", session.member_id) in exchange.deadlines
        if session.replay is not None:
            assert len(session.replay._frames) <= LIMITS.replay_frames
            assert sum(map(len, session.replay._frames)) <= LIMITS.replay_bytes
    for connection in exchange.connections.values():
        assert len(connection.channels) <= LIMITS.channels_per_connection
    for deadlines in (exchange.deadlines, stage.registry._deadlines):
        assert len(deadlines._heap) <= 65 + 4 * len(deadlines._due)


def leave(stage: Stage) -> None:
    """Everybody goes, and nothing is left."""
    for client in stage.clients.values():
        if not client.gone:
            client.drop()
    stage.run_out()
    exchange = stage.exchange
    assert exchange.sessions == {}
    assert exchange.connections == {}
    assert exchange.channel_connections == {}
    assert exchange.list_subscribers == {}
    assert (exchange.sfu.rooms, len(exchange.sfu.pending)) == ({}, 0)
    assert stage.workers["worker-0"].routers == {}
    assert stage.switchboard._per_address == {}
    assert len(stage.registry.index) == 0
    assert stage.registry.index._rooms_of == {}
    assert stage.registry.index._opened_by == {}
    assert exchange.deadlines._due == {}
    assert stage.registry._deadlines._due == {}


@pytest.mark.parametrize("seed", range(4))
def test_hostile_frames(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    config = SwitchboardConfig(limits=LIMITS, resume_grace=3.0, legacy_direct=True)
    stage = Stage(config, workers=[FakeWorker()])
    company = Company(stage)
    hostile = Hostile(seed, ["theirs", "cid", "dan", "a room", "m1", "m2"])
    for name in (company.visitor.room_id, company.visitor.send, company.camera):
        hostile.learn(name)
    rng = hostile._rng
    attackers: list[Client] = []
    answered = 0
    for number in range(2500):
        if len(attackers) < 8 and rng.random() < 0.2:
            attacker = stage.connect(f"203.0.113.{rng.randrange(2)}", "https://evil.example")
            attackers.append(attacker)
            hostile.learn(attacker.id)
            hostile.learn(attacker.token)
        if attackers:
            attacker = rng.choice(attackers)
            attacker.say_text(hostile.frame())
            answered += sum(frame["type"] == "error" for frame in attacker.take())
            if rng.random() < 0.02:
                attackers.remove(attacker)
                attacker.drop(rng.choice([1000, 1001, 1006]))
        stage.advance(rng.choice([0.0, 0.0, 0.001, 0.05, 1.0]))
        stage.finish_closing()
        attackers = [attacker for attacker in attackers if not attacker.gone]
        if number % 25 == 0:
            company.chat(number)
            check_bounds(stage)
            agree(stage)
    assert answered > 500, "the frames were looked at"
    leave(stage)
    assert caplog.records == []


def test_hostile_frames_within_the_rate(caplog: pytest.LogCaptureFixture) -> None:
    """As fast as they can: the flood is stopped, the others talk on."""
    stage = Stage(workers=[FakeWorker()])
    company = Company(stage)
    hostile = Hostile(7, ["theirs", "cid", "dan"])
    closed = 0
    for number in range(5):
        mallory = stage.connect("203.0.113.1", "https://evil.example")
        for _ in range(1000):
            mallory.say_text(hostile.frame())
        assert mallory.closing is not None
        assert mallory.closing.code == 4008
        stage.finish_closing()
        closed += mallory.gone
        stage.advance(1.0)
        company.chat(number)
    assert closed == 5
    leave(stage)
    assert caplog.records == []


async def test_hostile_frames_over_sockets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with Server(messages_per_second=0, rooms_per_address=20, allowed_origins="*") as server:
        ann, bob = await server.connect(), await server.connect()
        room_id = (await ann.create("Ours", password="p", instance="a"))["id"]
        await bob.join(room_id, password="p", instance="b")
        await ann.take()

        async def attack(seed: int) -> int:
            hostile = Hostile(seed, [ann.id, bob.id, "theirs", "m1"], sendable=True)
            answers = 0
            for start in range(0, 500, 50):
                mallory = await server.connect(headers={"Origin": "https://evil.example"})
                hostile.learn(mallory.token)
                for _ in range(start, start + 50):
                    await mallory.say_text(hostile.frame())
                await mallory.websocket.send_bytes(b"\xff\x00")
                await settle(mallory)
                answers += len(mallory.frames)
                mallory.cut()
            return answers

        async def talk() -> None:
            for number in range(300):
                answer = await ann.ask("chat", roomId=room_id, payload=f"{number}")
                assert answer["order"] == number + 1
                assert (await bob.expect("chat"))["payload"] == f"{number}"
                assert await bob.take() == []

        attacks = [attack(seed) for seed in range(3)]
        *answers, _ = await asyncio.gather(*attacks, talk())
        assert all(count is not None and count > 100 for count in answers)
        await ann.take("chat")
        assert ann.frames == []
    unusual = [one.getMessage() for one in caplog.records if one.levelno > logging.INFO]
    assert unusual == []


async def settle(socket: Socket) -> None:
    """Waits until the server has dealt with everything, whatever has become of the socket."""
    await socket.say("ping", id="the last")
    while not any(frame.get("id") == "the last" for frame in socket.frames):
        message = await socket.websocket.receive()
        socket._keep(message)
