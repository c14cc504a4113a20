"""Workers that are about to end, and the rooms that leave them in time."""

from sfu.control.messages import OpenRouter
from signaling.dialects.rooms.media_moves import OVERLAP
from signaling.mode_policy import ModePolicy
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Client, Stage


class Moving:
    """Ann and Bob on the first of some workers, in one room."""

    def __init__(self, workers: int = 2, policy: ModePolicy | None = None) -> None:
        self.workers = [FakeWorker(f"worker-{number}") for number in range(workers)]
        self.stage = Stage(workers=self.workers[:1], policy=policy)
        self.ann_client, self.bob_client = self.stage.connect(), self.stage.connect()
        self.room_id = self.ann_client.create(mode="sfu", instance="a")["id"]
        self.bob_client.join(self.room_id, instance="b")
        self.ann = Visitor(self.ann_client, self.room_id)
        self.bob = Visitor(self.bob_client, self.room_id)
        self.camera = self.ann.produce()
        self.bob.consume(self.camera)
        for worker in self.workers[1:]:
            self.stage.connect_worker(worker)
        self.quiet()

    def quiet(self) -> None:
        for client in (self.ann_client, self.bob_client):
            client.take()

    def drain(self, seconds: float = 30.0) -> None:
        self.workers[0].drain_seconds = seconds
        self.stage.hear(self.workers[0], self.workers[0].status())
        self.stage.advance()

    def routers(self) -> list[bool]:
        return [self.room_id in worker.routers for worker in self.workers]


def kinds(client: Client) -> list[str]:
    return [frame["type"] for frame in client.take()]


def test_a_room_is_on_both_until_everybody_receives_by_the_next() -> None:
    it = Moving()
    it.drain()
    moved = it.ann_client.expect("router-moved")
    assert (moved["routerId"], moved["seconds"]) == (f"{it.room_id}@worker-0", OVERLAP)
    assert it.bob_client.expect("router-moved")["routerId"] == moved["routerId"]
    assert it.routers() == [True, True]
    assert it.ann.ask("set-producer", producerId=it.camera, paused=True)["type"] == "ok"
    assert it.bob_client.expect("producer-changed")["producerId"] == it.camera

    ann = Visitor(it.ann_client, it.room_id)
    assert ann.entered["routerId"] == f"{it.room_id}@worker-1"
    assert (ann.entered["producers"], ann.entered["transports"]) == ([], [])
    again = ann.produce()
    assert kinds(it.bob_client) == [], "Bob is not there yet"
    assert it.ann.ask("set-producer", producerId=it.camera, paused=False)["type"] == "ok"
    bob = Visitor(it.bob_client, it.room_id)
    assert [one["id"] for one in bob.entered["producers"]] == [again]
    bob.consume(again)
    it.quiet()

    assert it.bob.ask("close-transport", transportId=it.bob.recv)["type"] == "ok"
    it.stage.advance()
    assert it.routers() == [True, True]
    assert it.ann.ask("close-transport", transportId=it.ann.recv)["type"] == "ok"
    it.stage.advance()
    assert it.routers() == [False, True]
    for client in (it.ann_client, it.bob_client):
        assert client.expect("router-lost")["routerId"] == f"{it.room_id}@worker-0"
    assert ann.ask("set-producer", producerId=again, paused=True)["type"] == "ok"
    assert it.ann.refused("set-producer", producerId=it.camera, paused=True)


def test_who_does_not_follow_is_not_waited_for() -> None:
    it = Moving()
    it.drain()
    it.stage.advance(OVERLAP + 0.1)
    assert it.routers() == [False, True]
    assert kinds(it.ann_client) == ["router-moved", "router-lost"]
    assert Visitor(it.ann_client, it.room_id).entered["routerId"] == f"{it.room_id}@worker-1"


def test_the_old_worker_may_die_on_the_way() -> None:
    it = Moving()
    it.drain()
    it.quiet()
    it.stage.lose_worker(it.workers[0])
    assert it.ann_client.expect("router-lost")["routerId"] == f"{it.room_id}@worker-0"
    assert Visitor(it.ann_client, it.room_id).entered["routerId"] == f"{it.room_id}@worker-1"
    it.stage.advance(OVERLAP + 1)
    assert it.workers[1].routers.keys() == {it.room_id}


def test_the_next_worker_may_die_on_the_way() -> None:
    it = Moving(workers=3)
    it.drain()
    target = next(worker for worker in it.workers[1:] if worker.routers)
    Visitor(it.ann_client, it.room_id)
    it.quiet()
    it.stage.lose_worker(target)
    assert it.ann_client.expect("router-lost")["routerId"] == f"{it.room_id}@{target.name}"
    third = next(worker for worker in it.workers[1:] if worker is not target)
    assert Visitor(it.ann_client, it.room_id).entered["routerId"] == f"{it.room_id}@{third.name}"
    assert it.room_id in it.workers[0].routers, "Bob is still there"


def test_nothing_is_left_when_the_room_empties_on_the_way() -> None:
    it = Moving()
    it.drain()
    Visitor(it.ann_client, it.room_id)
    for client in (it.ann_client, it.bob_client):
        client.say("leave-room", payload={"roomId": it.room_id})
    assert it.routers() == [False, False]
    exchange = it.stage.exchange
    assert (exchange.sfu.rooms, exchange.sfu.leaving) == ({}, {})
    it.stage.run_out()


def test_a_page_that_is_loaded_anew_on_the_way_has_nothing_left_in_either() -> None:
    it = Moving()
    it.drain()
    Visitor(it.ann_client, it.room_id)
    it.ann_client.join(it.room_id, instance="a2")
    for worker in it.workers:
        owners = {one.member_id for one in worker.transports().values()}
        assert it.ann_client.id not in owners
    assert it.ann.refused("set-producer", producerId=it.camera, paused=True) == "sfu-unavailable"


def test_a_room_waits_for_a_worker_that_takes_it() -> None:
    it = Moving(workers=1, policy=ModePolicy(mesh_limit=1, mesh_cap=1, return_at=1))
    it.drain(20.0)
    notice = it.ann_client.expect("server-draining")
    assert (notice["part"], notice["seconds"]) == ("media", 20.0)
    it.drain(19.0)
    assert "server-draining" not in kinds(it.ann_client), "once is enough"
    other = FakeWorker("worker-1")
    it.stage.connect_worker(other)
    it.drain(18.0)
    assert it.ann_client.expect("router-moved")["roomId"] == it.room_id
    assert it.room_id in other.routers


def test_without_another_worker_a_small_room_crosses_over_while_it_still_forwards() -> None:
    it = Moving(workers=1)
    it.drain()
    asked = it.ann_client.expect("prepare-hand-over")
    assert (asked["mode"], asked["reason"]) == ("mesh", "sfu-draining")
    assert it.routers() == [True]
    for client in (it.ann_client, it.bob_client):
        client.say("hand-over-ready", roomId=it.room_id, generation=asked["generation"])
    changed = it.ann_client.expect("mode-changed")
    assert (changed["mode"], changed["reason"]) == ("mesh", "sfu-draining")
    assert it.routers() == [True], "until everybody has let go of it"


def test_new_rooms_go_elsewhere_and_a_refusal_that_comes_first_is_no_harm() -> None:
    workers = [FakeWorker("worker-0"), FakeWorker("worker-1")]
    stage = Stage(workers=workers)
    workers[0].refusing[OpenRouter] = "draining"  # it has not been heard to drain yet
    ann = stage.connect()
    room_id = ann.create(mode="sfu", instance="a")["id"]
    assert Visitor(ann, room_id).entered["routerId"] == f"{room_id}@worker-1"
    assert workers[0].routers == {}


def test_many_rooms_move_a_few_at_a_time() -> None:
    first, other = FakeWorker("worker-0"), FakeWorker("worker-1")
    stage = Stage(workers=[first])
    for number in range(40):
        client = stage.connect(f"192.0.2.{number}")
        Visitor(client, client.create(mode="sfu", instance="a")["id"])
    stage.connect_worker(other)
    first.drain_seconds = 30.0
    stage.hear(first, first.status())
    stage.advance()
    assert 0 < len(other.routers) < 40
    stage.advance(5.0)
    assert len(other.routers) == 40


def test_joins_are_refused_when_the_sfu_is_full_and_rooms_on_it_take_members() -> None:
    worker = FakeWorker()
    worker.load = 0.87
    stage = Stage(workers=[worker], policy=ModePolicy(mesh_limit=2, mesh_cap=2, return_at=1))
    ann, bob, cas = stage.connect(), stage.connect(), stage.connect()
    room = ann.create(mode="sfu", instance="a")
    assert (room["mode"], room["reason"]) == ("mesh", "sfu-full")
    bob.join(room["id"], instance="b")
    wish = {"roomId": room["id"], "instance": "c"}
    assert cas.refused("join-room", payload=wish) == "server-full"
    worker.load = 0.0
    for _ in range(30):
        stage.advance(1.0)
        stage.hear(worker, worker.status())
    prepared = ann.expect("prepare-hand-over")
    assert prepared["mode"] == "sfu"
    worker.load = 0.9
    for client in (ann, bob):
        Visitor(client, room["id"])
        client.say("hand-over-ready", roomId=room["id"], generation=prepared["generation"])
    for _ in range(60):
        stage.advance(1.0)
        stage.hear(worker, worker.status())
    assert cas.join(room["id"], instance="c")["mode"] == "sfu", "to the hard limit"
    worker.load = 1.0
    for _ in range(60):
        stage.advance(1.0)
        stage.hear(worker, worker.status())
    assert stage.connect().refused("join-room", payload=wish | {"instance": "d"}) == "server-full"
