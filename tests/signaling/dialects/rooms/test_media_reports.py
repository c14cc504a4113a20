"""Workers that come and go, and what ends by itself."""

import pytest

from sfu.control import messages as control
from signaling.dialects.rooms.media_reports import RECLAIM
from signaling.exchange import SwitchboardConfig
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_call import Call, told
from tests.support.sfu_truth import agree
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Client, Frame, Stage

# ---- what ends by itself -----------------------------------------------------------------


def test_transport_that_ends_by_itself() -> None:
    call = Call()
    camera = call.ann.produce()
    call.bob.consume(camera)
    call.quiet()
    call.stage.hear(call.worker, call.worker.end_transport(call.ann.send))
    closed = call.ann_client.expect("transport-closed")
    assert (closed["transportId"], closed["reason"]) == (call.ann.send, "consent-expired")
    assert told(call.ann_client) == []
    assert told(call.bob.client) == ["producer-removed"]
    agree(call.stage)


def test_channel_that_its_peer_closes() -> None:
    call = Call()
    chat = call.ann.produce_data()
    call.bob.consume_data(chat)
    call.quiet()
    call.stage.hear(call.worker, call.worker.end_data_producer(chat))
    assert told(call.ann_client) == []
    assert told(call.bob.client) == ["data-producer-removed"]
    agree(call.stage)


def test_layers_are_told_to_the_one_who_receives_them() -> None:
    call = Call()
    consumer_id = call.bob.consume(call.ann.produce())
    call.quiet()
    report = control.LayersChanged(
        consumer_id=consumer_id, spatial_layer=2, temporal_layer=None, limited="bandwidth"
    )
    call.stage.hear(call.worker, report)
    assert call.bob.client.take() == [
        {
            "type": "layers-changed",
            "roomId": call.room_id,
            "consumerId": consumer_id,
            "spatialLayer": 2,
            "temporalLayer": None,
            "limited": "bandwidth",
        }
    ]
    assert told(call.ann_client) == []
    call.bob.ask("close-consumer", consumerId=consumer_id)
    call.stage.hear(call.worker, report)
    assert told(call.bob.client) == [], "it is closed"


def test_who_speaks_is_told_to_all_who_have_entered_and_to_whoever_enters() -> None:
    call = Call()
    call.quiet()
    ann = "5365f4ed230eb932"
    report = control.ActiveSpeakers(
        router_id=call.room_id, dominant=ann, speakers=[ann], loudest_only=True
    )
    call.stage.hear(call.worker, report)
    notice = {
        "type": "active-speakers",
        "roomId": call.room_id,
        "dominant": ann,
        "speakers": [ann],
        "loudestOnly": True,
    }
    assert call.ann_client.take() == [notice]
    assert call.bob.client.take() == [notice]
    Visitor(call.bob.client, call.room_id)
    assert call.bob.client.take() == [notice]
    assert told(call.ann_client) == []
    elsewhere = control.ActiveSpeakers(router_id="nowhere", dominant=None, speakers=[])
    call.stage.hear(call.worker, elsewhere)
    assert told(call.ann_client) == told(call.bob.client) == []


def test_layers_that_are_wanted_are_told_to_the_publisher_now_and_when_it_enters() -> None:
    call = Call()
    camera = call.ann.produce()
    call.bob.consume(camera)
    call.quiet()
    call.stage.hear(call.worker, control.LayersWanted(producer_id=camera, spatial_layers=1))
    notice = {
        "type": "layers-wanted",
        "roomId": call.room_id,
        "producerId": camera,
        "spatialLayers": 1,
    }
    assert call.ann_client.take() == [notice]
    Visitor(call.ann_client, call.room_id)
    assert call.ann_client.take() == [notice]
    assert told(call.bob.client) == []
    call.ann.ask("close-producer", producerId=camera)
    call.stage.hear(call.worker, control.LayersWanted(producer_id=camera, spatial_layers=2))
    assert told(call.ann_client) == [], "it is closed"


def test_reports_about_what_is_gone_or_not_the_workers_own_are_ignored() -> None:
    call = Call(workers=2)
    other = next(fake for fake in call.fakes if call.room_id not in fake.routers)
    call.ann.produce()
    call.quiet()
    reports: list[control.AnyReport] = [
        control.TransportConnected(transport_id=call.ann.send),
        control.TransportClosed(transport_id=call.ann.send, reason="peer-closed"),
        control.LayersChanged(consumer_id=f"{call.bob.recv}-x", spatial_layer=0, temporal_layer=0),
        control.DataProducerClosed(data_producer_id=f"{call.ann.send}-x"),
    ]
    for report in reports:
        call.stage.hear(other, report)
    for nothing in ("", "x", "-", "x-y", "-x"):
        for worker in call.fakes:
            call.stage.hear(worker, control.TransportConnected(transport_id=nothing))
            closed = control.TransportClosed(transport_id=nothing, reason="dtls-failed")
            call.stage.hear(worker, closed)
            layers = control.LayersChanged(consumer_id=nothing, spatial_layer=0, temporal_layer=0)
            call.stage.hear(worker, layers)
            call.stage.hear(worker, control.DataProducerClosed(data_producer_id=nothing))
            wanted = control.LayersWanted(producer_id=nothing, spatial_layers=0)
            call.stage.hear(worker, wanted)
    assert told(call.ann_client) == []
    assert told(call.bob.client) == []
    agree(call.stage)


# ---- workers that go ---------------------------------------------------------------------


def test_last_worker_lost_in_mid_call_makes_a_small_room_a_mesh_at_once() -> None:
    call = Call()
    call.ann.produce()
    call.quiet()
    call.stage.lose_worker(call.worker)
    for visitor in (call.ann, call.bob):
        assert visitor.client.expect("router-lost")["routerId"] == f"{call.room_id}@worker-0"
        changed = visitor.client.expect("mode-changed")
        assert (changed["mode"], changed["reason"], changed["generation"]) == (
            "mesh", "sfu-lost", 3,
        )  # fmt: skip
    assert call.ann.refused("open-transport", direction="send") == "wrong-mode"
    call.stage.advance(2.0)
    call.stage.connect_worker(FakeWorker(process=2))
    for visitor in (call.ann, call.bob):
        prepare = visitor.client.expect("prepare-hand-over")
        assert (prepare["mode"], prepare["generation"]) == ("sfu", 4)
        assert Visitor(visitor.client, call.room_id).entered["producers"] == []
        visitor.ask("hand-over-ready", generation=4)
    assert call.ann_client.expect("mode-changed")["mode"] == "sfu"
    agree(call.stage)


def test_another_worker_takes_over_at_once() -> None:
    call = Call(workers=2)
    home = next(fake for fake in call.fakes if call.room_id in fake.routers)
    call.stage.lose_worker(home)
    assert Visitor(call.ann_client, call.room_id).entered["transports"] == []
    agree(call.stage)


def test_what_was_asked_of_a_lost_worker_cannot_be() -> None:
    call = Call()
    call.stage.prompt = False
    call.ann_client.say("open-transport", id=1, roomId=call.room_id, direction="send")
    call.ann_client.say("restart-ice", id=2, roomId=call.room_id, transportId=call.ann.send)
    call.stage.lose_worker(call.worker)
    errors = call.ann_client.take("error")
    assert [(error["id"], error["code"]) for error in errors] == [
        (1, "sfu-unavailable"),
        (2, "sfu-unavailable"),
    ]
    assert len(call.stage.exchange.sfu.pending) == 0
    agree(call.stage)


def test_who_waits_to_enter_while_the_worker_is_lost_goes_on_waiting() -> None:
    call = Call(workers=2)
    call.stage.prompt = False
    other = call.stage.connect()
    room_id = other.create(mode="sfu", instance="o")["id"]
    other.take()
    other.say("enter-sfu", id=1, roomId=room_id)
    chosen = call.stage.exchange.sfu.rooms[room_id].worker
    call.stage.lose_worker(call.stage.workers[chosen or ""])
    call.stage.answer()
    assert other.expect("sfu-entered")["id"] == 1
    agree(call.stage)


def test_who_waits_to_enter_a_router_that_is_lost_for_good_is_told() -> None:
    call = Call()
    call.stage.prompt = False
    other = call.stage.connect()
    room_id = other.create(mode="sfu", instance="o")["id"]
    other.say("enter-sfu", id=1, roomId=room_id)
    call.stage.lose_worker(call.worker)
    assert other.expect("error")["code"] == "wrong-mode"
    assert other.expect("mode-changed")["reason"] == "sfu-lost"
    call.stage.advance(10.0)
    assert call.stage.connect().expect("client-id")["features"]["sfu"] is False


def test_room_too_large_for_a_mesh_waits_for_the_sfu_and_then_keeps_a_core() -> None:
    call = Call()
    visitors = [call.joiner(f"{number}") for number in range(8)]
    call.quiet()
    visitors[7].ask("report-speaking")
    call.stage.lose_worker(call.worker)
    changed = call.ann_client.expect("mode-changed")
    assert (changed["mode"], changed["reason"], changed["core"]) == ("sfu", "sfu-lost", None)
    visitors[0].client.say("enter-sfu", id=1, roomId=call.room_id)
    call.stage.advance(4.9)
    assert call.ann_client.take("mode-changed") == []
    call.stage.advance(0.2)
    assert visitors[0].client.expect("error")["code"] == "wrong-mode"
    changed = call.ann_client.expect("mode-changed")
    people = [call.ann_client.id, call.bob.client.id, *(one.client.id for one in visitors)]
    assert (changed["mode"], changed["core"]) == ("mesh", [people[9], *people[:7]])
    assert call.stage.connect().refused(
        "join-room", payload={"roomId": call.room_id, "instance": "late"}
    ) == "room-full"  # fmt: skip
    call.stage.connect_worker(FakeWorker(process=2))
    assert call.ann_client.expect("prepare-hand-over")["mode"] == "sfu"
    call.stage.advance(5.0)
    changed = call.ann_client.take("mode-changed")[-1]
    assert (changed["mode"], changed["core"]) == ("sfu", None)
    agree(call.stage)


def test_room_that_shrinks_while_it_waits_becomes_a_mesh() -> None:
    call = Call()
    visitors = [call.joiner(f"{number}") for number in range(7)]
    call.stage.lose_worker(call.worker)
    call.quiet()
    visitors[0].client.say("leave-room", payload={"roomId": call.room_id})
    assert call.ann_client.expect("mode-changed")["mode"] == "mesh"


def test_worker_that_was_never_there_can_be_lost() -> None:
    call = Call()
    call.stage.switchboard.lose("nobody", call.stage.now)
    call.stage.switchboard.hear("nobody", control.Done(request=1), call.stage.now)
    agree(call.stage)


def test_sfu_counts_as_alive_while_its_workers_start() -> None:
    stage = Stage(workers=[FakeWorker()])
    stage.lose_worker(stage.workers["worker-0"])
    stage.switchboard.await_workers(stage.now + 15.0)
    ann = stage.connect()
    room_id = ann.create(mode="sfu", instance="a")["id"]
    ann.say("enter-sfu", id=1, roomId=room_id)
    stage.advance(9.0)
    stage.connect_worker(FakeWorker())
    assert ann.expect("sfu-entered")["id"] == 1
    stage.advance(60.0)
    assert stage.registry.index.get(room_id).decision.mode == "sfu"


def test_rooms_go_to_the_least_busy_worker() -> None:
    workers = [FakeWorker(f"worker-{number}") for number in range(3)]
    workers[0].load, workers[1].load, workers[2].load = 0.9, 0.32, 0.38
    stage = Stage(workers=workers)
    for _ in range(4):
        ann = stage.connect()
        Visitor(ann, ann.create(mode="sfu", instance="a")["id"])
    assert [len(worker.routers) for worker in workers] == [0, 2, 2]
    workers[0].load = 0.0
    for _ in range(30):  # one idle second is not enough
        stage.advance(1.0)
        stage.hear(workers[0], workers[0].status())
    ann = stage.connect()
    Visitor(ann, ann.create(mode="sfu", instance="a")["id"])
    assert len(workers[0].routers) == 1
    agree(stage)


# ---- signaling restarts ------------------------------------------------------------------


class Restart:
    """A call whose signaling was killed and started again, beside the workers that lived on."""

    def __init__(self, workers: int = 2) -> None:
        self.call = Call(workers=workers)
        self.camera = self.call.ann.produce()
        self.chat = self.call.ann.produce_data()
        self.consumer = self.call.bob.consume(self.camera)
        self.data_consumer = self.call.bob.consume_data(self.chat)
        self.ticket = self.call.ann_client.join(self.call.room_id, instance="a")["ticket"]
        self.home = next(f for f in self.call.fakes if self.call.room_id in f.routers)
        self.stage = Stage(SwitchboardConfig(), seed=2, workers=self.call.fakes)

    def back(self, visitor: Visitor, instance: str) -> Client:
        """The same person, on a new connection to the new service."""
        client = self.stage.connect()
        client.say("resume", resumeToken=visitor.client.token, received=0)
        assert client.id == visitor.client.id
        room = client.join(visitor.room_id, instance=instance, ticket=self.ticket)
        assert (room["mode"], room["reopened"]) == ("sfu", True)
        client.take()
        return client


def enter(restart: Restart, client: Client) -> Frame:
    return client.ask("enter-sfu", roomId=restart.call.room_id)


def test_media_goes_on_when_signaling_is_restarted() -> None:
    restart = Restart()
    call, room_id = restart.call, restart.call.room_id
    before = restart.home.transports()
    bob = restart.back(call.bob, "b")
    entered = enter(restart, bob)
    assert entered["transports"] == [call.bob.send, call.bob.recv]
    assert [one["id"] for one in entered["producers"]] == [restart.camera]
    assert [one["id"] for one in entered["dataProducers"]] == [restart.chat]
    assert restart.home.transports() == before, "nothing was touched"
    agree(restart.stage)
    # ... and what there is can be used and changed
    for kind, fields in (
        ("set-consumer", {"consumerId": restart.consumer, "paused": True}),
        ("request-key-frame", {"consumerId": restart.consumer}),
        ("close-consumer", {"consumerId": restart.consumer}),
        ("close-data-consumer", {"dataConsumerId": restart.data_consumer}),
        ("restart-ice", {"transportId": call.bob.send}),
    ):
        assert bob.ask(kind, roomId=room_id, **fields)["type"] in {"ok", "ice-restarted"}
    ann = restart.back(call.ann, "a")
    assert enter(restart, ann)["transports"] == [call.ann.send, call.ann.recv]
    assert ann.ask("set-producer", roomId=room_id, producerId=restart.camera, paused=True)
    assert bob.expect("producer-changed")["producerId"] == restart.camera
    refused = ann.refused("set-consumer", roomId=room_id, consumerId=restart.consumer)
    assert refused == "consumer-not-found", "it is not hers"
    report = control.LayersChanged(
        consumer_id=f"{call.bob.recv}-0", spatial_layer=1, temporal_layer=1
    )
    restart.stage.hear(restart.home, report)
    assert told(bob)[-1] == "layers-changed"
    restart.stage.advance(RECLAIM)
    assert room_id in restart.home.routers
    agree(restart.stage)


def test_who_does_not_come_back_after_a_restart_loses_its_media_in_the_end() -> None:
    restart = Restart()
    bob = restart.back(restart.call.bob, "b")
    enter(restart, bob)
    restart.stage.advance(29.0)
    assert told(bob) == []
    restart.stage.advance(2.0)
    assert told(bob) == ["producer-removed", "data-producer-removed"]
    agree(restart.stage)


def test_room_that_nobody_comes_back_to_is_closed() -> None:
    restart = Restart()
    restart.stage.advance(RECLAIM - 1)
    assert restart.home.routers
    restart.stage.advance(2.0)
    assert restart.home.routers == {}
    agree(restart.stage)


def test_room_that_ends_before_anybody_has_entered_again() -> None:
    restart = Restart()
    bob = restart.back(restart.call.bob, "b")
    bob.say("leave-room", payload={"roomId": restart.call.room_id})
    assert restart.home.routers == {}
    agree(restart.stage)


def test_worker_that_is_found_again_after_its_room_has_gone_elsewhere() -> None:
    call = Call(workers=2)
    home = next(fake for fake in call.fakes if call.room_id in fake.routers)
    call.stage.lose_worker(home)
    Visitor(call.ann_client, call.room_id)
    call.stage.connect_worker(home)
    assert home.routers == {}
    agree(call.stage)


def test_connection_to_a_worker_breaks_and_comes_back() -> None:
    call = Call()
    for number in range(7):
        call.joiner(f"{number}")
    camera = call.ann.produce()
    call.quiet()
    call.stage.lose_worker(call.worker)
    call.bob.client.say("enter-sfu", id=1, roomId=call.room_id)
    call.stage.connect_worker(call.worker)
    entered = call.bob.client.expect("sfu-entered")
    assert [one["id"] for one in entered["producers"]] == [camera], "the worker never was gone"
    agree(call.stage)


def test_page_is_reloaded_while_its_router_is_being_found() -> None:
    restart = Restart(workers=1)
    bob = restart.back(restart.call.bob, "b")
    restart.stage.prompt = False
    bob.say("enter-sfu", id=1, roomId=restart.call.room_id)
    bob.join(restart.call.room_id, instance="another load")
    restart.stage.answer()
    restart.stage.prompt = True
    entered = enter(restart, bob)
    assert entered["transports"] == []
    assert [one["id"] for one in entered["producers"]] == [restart.camera]
    agree(restart.stage)


def test_worker_lost_after_a_request_was_given_up() -> None:
    call = Call()
    camera = call.ann.produce()
    call.stage.prompt = False
    call.ann_client.say("set-producer", id=1, roomId=call.room_id, producerId=camera, paused=True)
    call.ann_client.say("set-producer", id=2, roomId=call.room_id, producerId=camera, paused=False)
    call.stage.advance(11.0)
    call.stage.lose_worker(call.worker)
    assert len(call.stage.exchange.sfu.pending) == 0


@pytest.mark.parametrize("direction", ["send", "recv"])
def test_transport_that_was_found_may_go_in_either_direction(direction: str) -> None:
    restart = Restart(workers=1)
    bob = restart.back(restart.call.bob, "b")
    enter(restart, bob)
    visitor = Visitor.__new__(Visitor)
    visitor.client, visitor.room_id = bob, restart.call.room_id
    visitor.send = visitor.recv = (
        restart.call.bob.send if direction == "send" else (restart.call.bob.recv)
    )
    visitor.consume(restart.camera) if direction == "recv" else visitor.produce()
    agree(restart.stage)
