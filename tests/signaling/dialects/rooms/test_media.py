"""What members may ask of the SFU, and what comes of it."""

from dataclasses import replace

import pytest

from sfu.control import messages as control
from signaling.limits import Limits
from signaling.mode_policy import ModePolicy
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_call import Call, told
from tests.support.sfu_truth import agree
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Frame, Stage

LIMITS = Limits(transports_per_member=3, producers_per_member=2, consumers_per_member=3)


# ---- rooms on the SFU --------------------------------------------------------------------


def test_room_that_is_meant_for_the_sfu_is_there_from_the_start() -> None:
    stage = Stage(workers=[FakeWorker()])
    ann = stage.connect()
    assert ann.expect("client-id")["features"]["sfu"] is True
    room = ann.create(mode="sfu", instance="a")
    assert (room["mode"], room["capacity"], room["reason"]) == ("sfu", 1000, "pinned")


def test_room_that_is_not_stays_a_mesh_where_rooms_do_not_cross_over() -> None:
    stage = Stage(workers=[FakeWorker()], policy=ModePolicy(crosses_over=False))
    people = [stage.connect() for _ in range(9)]
    room = people[0].create(instance="0")
    assert room["capacity"] == 8
    for number, person in enumerate(people[1:8]):
        assert person.join(room["id"], instance=f"{number}")["mode"] == "mesh"
    assert people[8].refused("join-room", payload={"roomId": room["id"]}) == "room-full"


def test_without_an_sfu_it_is_a_mesh_and_says_why() -> None:
    stage = Stage()
    ann = stage.connect()
    assert ann.expect("client-id")["features"]["sfu"] is False
    room = ann.create(mode="sfu", instance="a")
    assert (room["mode"], room["capacity"], room["reason"]) == ("mesh", 8, "no-sfu")
    assert ann.refused("enter-sfu", roomId=room["id"]) == "wrong-mode"


def test_room_pinned_to_mesh_stays_one() -> None:
    stage = Stage(workers=[FakeWorker()])
    room = stage.connect().create(mode="mesh", instance="a")
    assert (room["mode"], room["capacity"]) == ("mesh", 8)


def test_plain_clients_are_told_that_they_need_an_sfu() -> None:
    call = Call()
    payload = {"roomId": call.room_id}
    assert call.stage.connect().refused("join-room", payload=payload) == "sfu-required"
    channel = call.stage.connect_channels("webrtc-dashboard-rooms")
    data = {"roomId": call.room_id, "userId": "cid"}
    joining = {"channel": "webrtc-dashboard-rooms", "data": data}
    assert channel.refused("user-joined-room", **joining) == "sfu-required"


def test_plain_clients_do_not_enter_a_room_that_waits_for_its_sfu() -> None:
    stage = Stage()
    room_id = stage.connect().create(mode="sfu", instance="a")["id"]
    assert stage.connect().refused("join-room", payload={"roomId": room_id}) == "sfu-required"


# ---- the course of things ----------------------------------------------------------------


def test_entering_shows_the_router_and_what_is_published() -> None:
    call = Call()
    camera, chat = call.ann.produce(), call.ann.produce_data()
    cid = call.joiner("c")
    shown = cid.entered
    assert shown["routerId"] == f"{call.room_id}@worker-0"
    assert shown["rtpCapabilities"]["codecs"]
    assert shown["transports"] == []
    member_id = call.ann_client.id
    assert shown["producers"] == [
        {"id": camera, "memberId": member_id, "kind": "video", "source": "camera", "paused": False}
    ]
    assert shown["dataProducers"] == [
        {"id": chat, "memberId": member_id, "label": "chat", "protocol": ""}
    ]
    again = call.ann.ask("enter-sfu")
    assert again["transports"] == [call.ann.send, call.ann.recv]
    assert [one["id"] for one in again["producers"]] == [camera], "its own, too"
    agree(call.stage)


def test_transport_tells_what_its_peer_needs() -> None:
    call = Call()
    answer = call.ann.ask("open-transport", direction="send")
    transport = answer["transport"]
    assert transport["iceParameters"]["iceLite"] is True
    assert transport["iceCandidates"][0]["port"] == 40000
    assert set(transport) == {
        "id", "iceParameters", "iceCandidates", "dtlsParameters", "sctpParameters",
    }  # fmt: skip
    body = {"role": "client", "fingerprints": [{"algorithm": "sha-256", "value": "E0"}]}
    connected = call.ann.ask("connect-transport", transportId=transport["id"], dtlsParameters=body)
    assert connected["type"] == "ok"
    assert call.worker.transports()[transport["id"]].fingerprint == body
    restarted = call.ann.ask("restart-ice", transportId=transport["id"])
    assert restarted["iceParameters"] != transport["iceParameters"]
    assert restarted["transportId"] == transport["id"]


def test_publishing_is_told_to_the_others_and_only_to_them() -> None:
    call = Call()
    call.ann.produce()
    assert told(call.ann_client) == []
    added = call.bob.client.expect("producer-added")
    assert added["producer"]["memberId"] == call.ann_client.id
    outsider = call.stage.connect()
    assert "producer-added" not in told(outsider)


def test_members_who_have_not_entered_hear_nothing() -> None:
    call = Call()
    late = call.stage.connect()
    late.join(call.room_id, instance="late")
    late.take()
    camera = call.ann.produce()
    assert told(late) == []
    assert [one["id"] for one in late.ask("enter-sfu", roomId=call.room_id)["producers"]] == [
        camera
    ]
    assert told(late) == [], "once is enough"


def test_pausing_and_ending_what_is_published() -> None:
    call = Call()
    camera = call.ann.produce()
    call.quiet()
    assert call.ann.ask("set-producer", producerId=camera, paused=True)["type"] == "ok"
    changed = call.bob.client.expect("producer-changed")
    assert (changed["producerId"], changed["paused"]) == (camera, True)
    assert call.ann.ask("set-producer", producerId=camera, paused=True)["type"] == "ok"
    assert told(call.bob.client) == [], "nothing has changed"
    call.bob.consume(camera)
    assert call.ann.ask("close-producer", producerId=camera)["type"] == "ok"
    assert call.bob.client.expect("producer-removed")["producerId"] == camera
    assert told(call.ann_client) == []
    agree(call.stage)


def test_receiving() -> None:
    call = Call()
    camera = call.ann.produce(paused=True)
    answer = call.bob.ask(
        "consume", transportId=call.bob.recv, producerId=camera, rtpCapabilities={}
    )
    consumer = answer["consumer"]
    assert (consumer["producerId"], consumer["kind"], consumer["type"]) == (
        camera, "video", "simple",
    )  # fmt: skip
    assert consumer["producerPaused"] is True
    wish = {"paused": False, "spatialLayer": 1, "temporalLayer": 0, "priority": 200}
    assert call.bob.ask("set-consumer", consumerId=consumer["id"], **wish)["type"] == "ok"
    passed = call.worker.told[-1]
    assert isinstance(passed, control.SetConsumer)
    assert (passed.paused, passed.spatial_layer, passed.temporal_layer) == (False, 1, 0)
    assert passed.priority == 200
    assert call.bob.ask("request-key-frame", consumerId=consumer["id"])["type"] == "ok"
    assert call.bob.ask("close-consumer", consumerId=consumer["id"])["type"] == "ok"
    assert call.bob.refused("close-consumer", consumerId=consumer["id"]) == "consumer-not-found"
    agree(call.stage)


def test_messages_in_channels() -> None:
    call = Call()
    chat = call.ann.produce_data("chat")
    added = call.bob.client.expect("data-producer-added")
    assert added["dataProducer"]["label"] == "chat"
    consumer_id = call.bob.consume_data(chat)
    assert call.bob.ask("close-data-consumer", dataConsumerId=consumer_id)["type"] == "ok"
    call.bob.consume_data(chat)
    assert call.ann.ask("close-data-producer", dataProducerId=chat)["type"] == "ok"
    assert call.bob.client.expect("data-producer-removed")["dataProducerId"] == chat
    agree(call.stage)


def test_closing_a_transport_ends_what_is_on_it() -> None:
    call = Call()
    camera, chat = call.ann.produce(), call.ann.produce_data()
    call.bob.consume(camera)
    call.quiet()
    assert call.ann.ask("close-transport", transportId=call.ann.send)["type"] == "ok"
    assert call.bob.client.expect("producer-removed")["producerId"] == camera
    assert call.bob.client.expect("data-producer-removed")["dataProducerId"] == chat
    assert call.ann.refused("restart-ice", transportId=call.ann.send) == "transport-not-found"
    agree(call.stage)


def test_requests_without_id_are_silent_where_there_is_nothing_to_tell() -> None:
    call = Call()
    call.ann_client.say("open-transport", roomId=call.room_id, direction="recv")
    opened = call.ann_client.expect("transport-opened")
    assert "id" not in opened
    transport_id = opened["transport"]["id"]
    call.ann_client.say("close-transport", roomId=call.room_id, transportId=transport_id)
    assert told(call.ann_client) == []
    call.ann_client.say("close-transport", roomId=call.room_id, transportId=transport_id)
    assert told(call.ann_client) == ["error"]


def test_room_is_in_call_when_the_media_of_two_can_flow() -> None:
    call = Call()

    def state() -> str:
        return call.stage.registry.index.get(call.room_id).state

    def connect(transport_id: str) -> None:
        report = control.TransportConnected(transport_id=transport_id)
        call.stage.hear(call.worker, report)

    connect(call.ann.send)
    connect(call.ann.recv)
    assert state() == "active"
    connect(call.bob.send)
    assert state() == "in-call"
    call.ann.ask("close-transport", transportId=call.ann.send)
    assert state() == "in-call"
    call.ann.ask("close-transport", transportId=call.ann.recv)
    assert state() == "active"


# ---- refusals ----------------------------------------------------------------------------

EVERYTHING: list[tuple[str, Frame]] = [
    ("enter-sfu", {}),
    ("open-transport", {"direction": "send"}),
    ("connect-transport", {"transportId": "x", "dtlsParameters": {}}),
    ("restart-ice", {"transportId": "x"}),
    ("close-transport", {"transportId": "x"}),
    (
        "produce",
        {"transportId": "x", "kind": "audio", "source": "microphone", "rtpParameters": {}},
    ),
    ("set-producer", {"producerId": "x", "paused": True}),
    ("close-producer", {"producerId": "x"}),
    ("consume", {"transportId": "x", "producerId": "x", "rtpCapabilities": {}}),
    ("set-consumer", {"consumerId": "x", "paused": False}),
    ("request-key-frame", {"consumerId": "x"}),
    ("close-consumer", {"consumerId": "x"}),
    ("produce-data", {"transportId": "x", "sctpStreamParameters": {}}),
    ("close-data-producer", {"dataProducerId": "x"}),
    ("consume-data", {"transportId": "x", "dataProducerId": "x"}),
    ("resume-data-consumer", {"dataConsumerId": "x"}),
    ("close-data-consumer", {"dataConsumerId": "x"}),
]


@pytest.mark.parametrize(("kind", "fields"), EVERYTHING)
def test_only_for_members_of_a_room_on_the_sfu(kind: str, fields: Frame) -> None:
    call = Call()
    assert call.ann_client.refused(kind, roomId="nowhere", **fields) == "room-not-found"
    stranger = call.stage.connect()
    assert stranger.refused(kind, roomId=call.room_id, **fields) == "not-a-member"
    mesh = stranger.create(instance="m")["id"]
    assert stranger.refused(kind, roomId=mesh, **fields) == "wrong-mode"


@pytest.mark.parametrize(("kind", "fields"), EVERYTHING[1:])
def test_nothing_before_entering(kind: str, fields: Frame) -> None:
    call = Call()
    late = call.stage.connect()
    late.join(call.room_id, instance="late")
    assert late.refused(kind, roomId=call.room_id, **fields) == "sfu-unavailable"


@pytest.mark.parametrize(("kind", "fields"), EVERYTHING[2:])
def test_what_is_not_there_is_not_found(kind: str, fields: Frame) -> None:
    call = Call()
    assert call.ann.refused(kind, **fields).endswith("-not-found")
    agree(call.stage)


def test_what_belongs_to_others_is_not_found() -> None:
    call = Call()
    camera, chat = call.ann.produce(), call.ann.produce_data()
    consumer, data_consumer = call.bob.consume(camera), call.bob.consume_data(chat)
    mine: Frame = {
        "connect-transport": {"transportId": call.ann.send, "dtlsParameters": {}},
        "restart-ice": {"transportId": call.ann.send},
        "close-transport": {"transportId": call.ann.send},
        "produce": {
            "transportId": call.ann.send, "kind": "audio", "source": "microphone",
            "rtpParameters": {},
        },
        "produce-data": {"transportId": call.ann.send, "sctpStreamParameters": {}},
        "consume": {
            "transportId": call.ann.recv, "producerId": camera, "rtpCapabilities": {},
        },
        "consume-data": {"transportId": call.ann.recv, "dataProducerId": chat},
        "set-producer": {"producerId": camera, "paused": True},
        "close-producer": {"producerId": camera},
        "close-data-producer": {"dataProducerId": chat},
    }  # fmt: skip
    before = len(call.worker.told)
    for kind, fields in mine.items():
        assert call.bob.refused(kind, **fields).endswith("-not-found")
    for kind in ("set-consumer", "request-key-frame", "close-consumer"):
        assert call.ann.refused(kind, consumerId=consumer) == "consumer-not-found"
    refusal = call.ann.refused("close-data-consumer", dataConsumerId=data_consumer)
    assert refusal == "consumer-not-found"
    assert len(call.worker.told) == before, "the worker heard nothing of it"


def test_producers_of_another_room_are_not_found() -> None:
    call = Call()
    camera = call.ann.produce()
    other = call.stage.connect()
    elsewhere = Visitor(other, other.create(mode="sfu", instance="o")["id"])
    fields = {"transportId": elsewhere.recv, "producerId": camera, "rtpCapabilities": {}}
    assert elsewhere.refused("consume", **fields) == "producer-not-found"


def test_direction_of_a_transport() -> None:
    call = Call()
    camera, chat = call.ann.produce(), call.ann.produce_data()
    fields: Frame = {"kind": "audio", "source": "microphone", "rtpParameters": {}}
    wrong = call.bob.refused("produce", transportId=call.bob.recv, **fields)
    assert wrong == "transport-not-found"
    fields = {"transportId": call.bob.recv, "sctpStreamParameters": {}}
    assert call.bob.refused("produce-data", **fields) == "transport-not-found"
    fields = {"transportId": call.bob.send, "producerId": camera, "rtpCapabilities": {}}
    assert call.bob.refused("consume", **fields) == "transport-not-found"
    fields = {"transportId": call.bob.send, "dataProducerId": chat}
    assert call.bob.refused("consume-data", **fields) == "transport-not-found"


@pytest.mark.parametrize("body", [None, [], "x", 1, True])
def test_bodies_are_objects(body: object) -> None:
    call = Call()
    camera = call.ann.produce()
    fields: Frame = {"transportId": call.ann.send, "kind": "audio", "source": "microphone"}
    assert call.ann.refused("produce", rtpParameters=body, **fields) == "invalid-parameters"
    fields = {"transportId": call.ann.send, "sctpStreamParameters": body}
    assert call.ann.refused("produce-data", **fields) == "invalid-parameters"
    fields = {"transportId": call.ann.recv, "producerId": camera, "rtpCapabilities": body}
    assert call.ann.refused("consume", **fields) == "invalid-parameters"
    fields = {"transportId": call.ann.recv, "dtlsParameters": body}
    assert call.ann.refused("connect-transport", **fields) == "invalid-parameters"
    agree(call.stage)


def test_limits() -> None:
    call = Call(LIMITS)
    assert call.ann.ask("open-transport", direction="recv")["type"] == "transport-opened"
    assert call.ann.refused("open-transport", direction="recv") == "too-many"
    cameras = [call.ann.produce() for _ in range(2)]
    fields: Frame = {"kind": "audio", "source": "microphone", "rtpParameters": {}}
    assert call.ann.refused("produce", transportId=call.ann.send, **fields) == "too-many"
    chats = [call.ann.produce_data() for _ in range(2)]
    fields = {"transportId": call.ann.send, "sctpStreamParameters": {}}
    assert call.ann.refused("produce-data", **fields) == "too-many"
    for number in range(3):
        call.bob.consume(cameras[number % 2])
        call.bob.consume_data(chats[number % 2])
    fields = {"transportId": call.bob.recv, "producerId": cameras[0], "rtpCapabilities": {}}
    assert call.bob.refused("consume", **fields) == "too-many"
    fields = {"transportId": call.bob.recv, "dataProducerId": chats[0]}
    assert call.bob.refused("consume-data", **fields) == "too-many"
    call.ann.ask("close-producer", producerId=cameras[0])
    call.ann.produce()
    call.bob.consume(cameras[1])
    agree(call.stage)


def test_limits_count_what_is_not_answered_yet() -> None:
    call = Call(LIMITS)
    call.stage.prompt = False
    for _ in range(4):
        call.ann_client.say("open-transport", roomId=call.room_id, direction="recv")
    assert [frame["code"] for frame in call.ann_client.take("error")] == ["too-many"] * 3


def test_joiner_of_a_large_room_is_not_taken_for_a_flood() -> None:
    call = Call()
    cameras = [call.ann.produce() for _ in range(16)]
    late = call.joiner("late")
    for number in range(1000):
        consumer_id = late.consume(cameras[number % 16])
        assert late.ask("set-consumer", consumerId=consumer_id, paused=False)["type"] == "ok"
    assert late.ask("open-transport", direction="recv")["type"] == "transport-opened"


def test_flood_of_media_requests_ends_like_any_other() -> None:
    limits = replace(
        Limits(), media_requests_per_second=5, media_request_burst=10, flood_strikes=20
    )
    call = Call(limits)
    for _ in range(60):
        call.ann_client.say("request-key-frame", roomId=call.room_id, consumerId="x")
    assert call.ann_client.closing is not None
    goodbye = call.ann_client.expect("goodbye")
    assert goodbye["code"] == "flood"


def test_media_requests_leave_room_for_others() -> None:
    limits = replace(
        Limits(), media_requests_per_second=5, media_request_burst=10, flood_strikes=900
    )
    call = Call(limits)
    for _ in range(60):
        call.ann_client.say("request-key-frame", roomId=call.room_id, consumerId="x")
    assert call.ann_client.ask("ping")["type"] == "pong"
