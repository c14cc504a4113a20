"""Routers in step with rooms and members."""

from sfu.control import messages as control
from tests.support.sfu_call import Call, told
from tests.support.sfu_truth import agree
from tests.support.sfu_visitor import Visitor


def test_who_leaves_takes_its_media_along() -> None:
    call = Call()
    camera, chat = call.ann.produce(), call.ann.produce_data()
    call.bob.consume(camera)
    call.quiet()
    call.ann_client.say("leave-room", payload={"roomId": call.room_id})
    assert told(call.bob.client) == [
        "producer-removed", "data-producer-removed", "member-left", "host-changed", "mode-changed",
    ]  # fmt: skip
    assert [one.member_id for one in call.worker.transports().values()] == [call.bob.client.id] * 2
    assert chat not in call.worker.routers[call.room_id].data_producers()
    agree(call.stage)


def test_who_times_out_too() -> None:
    call = Call()
    camera = call.ann.produce()
    call.quiet()
    call.ann_client.drop()
    call.stage.advance(29.0)
    assert camera in call.worker.routers[call.room_id].producers(), "it may come back"
    call.stage.advance(2.0)
    assert call.bob.client.expect("producer-removed")["producerId"] == camera
    agree(call.stage)


def test_who_is_removed_too() -> None:
    call = Call()
    call.ann.produce()
    call.stage.switchboard.remove_member(call.room_id, call.ann_client.id, call.stage.now)
    call.stage.flush()
    assert call.bob.client.take("producer-removed")
    assert call.ann.refused("open-transport", direction="send") == "not-a-member"
    agree(call.stage)


def test_the_last_one_out_ends_the_router() -> None:
    call = Call()
    for visitor in (call.ann, call.bob):
        visitor.client.say("leave-room", payload={"roomId": call.room_id})
    assert call.worker.routers == {}
    assert call.stage.exchange.sfu.rooms == {}
    agree(call.stage)


def test_room_that_stays_empty_for_a_while_keeps_no_router() -> None:
    call = Call()
    call.stage.registry._ttl = 60.0
    for visitor in (call.ann, call.bob):
        visitor.client.say("leave-room", payload={"roomId": call.room_id})
    assert call.worker.routers == {}
    cid = call.joiner("c")
    assert cid.entered["producers"] == []
    agree(call.stage)


def test_operator_ends_the_room() -> None:
    call = Call()
    call.stage.switchboard.close_room(call.room_id, call.stage.now)
    call.stage.flush()
    assert call.worker.routers == {}
    assert told(call.ann_client) == ["room-closed"]
    agree(call.stage)


def test_room_ends_while_somebody_waits_to_enter() -> None:
    call = Call()
    call.stage.prompt = False
    other = call.stage.connect()
    room_id = other.create(mode="sfu", instance="o")["id"]
    other.take()
    other.say("enter-sfu", id=1, roomId=room_id)
    call.stage.switchboard.close_room(room_id, call.stage.now)
    call.stage.flush()
    assert other.expect("error")["code"] == "room-not-found"
    call.stage.answer()
    assert told(other) == ["room-closed"]
    agree(call.stage)


def test_reloaded_page_begins_with_nothing() -> None:
    call = Call()
    camera = call.ann.produce()
    call.quiet()
    call.stage.prompt = False
    call.ann_client.say("open-transport", id=1, roomId=call.room_id, direction="send")
    call.ann_client.say("enter-sfu", id=2, roomId=call.room_id)
    call.ann_client.drop(1001)
    again = call.stage.connect()
    assert again.resume(call.ann_client)["resumed"] is True
    again.join(call.room_id, instance="another load")
    again.take()
    call.stage.answer()
    assert told(again) == [], "what another load of the page has asked for is none of its business"
    call.stage.prompt = True
    assert call.bob.client.take("producer-removed")[0]["producerId"] == camera
    assert again.refused("restart-ice", roomId=call.room_id, transportId=call.ann.send) == (
        "sfu-unavailable"
    )
    visitor = Visitor(again, call.room_id)
    assert visitor.entered["transports"] == []
    assert visitor.entered["producers"] == []
    agree(call.stage)


def test_page_that_has_missed_too_much_keeps_its_media() -> None:
    call = Call()
    camera = call.ann.produce()
    call.quiet()
    call.ann_client.drop()
    again = call.stage.connect()
    again.say("resume", resumeToken=call.ann_client.token, received=10**6)
    again.join(call.room_id, instance="a")
    entered = again.ask("enter-sfu", roomId=call.room_id)
    assert entered["transports"] == [call.ann.send, call.ann.recv]
    assert [one["id"] for one in entered["producers"]] == [camera]
    assert call.bob.client.take("producer-removed") == []
    agree(call.stage)


def test_resumed_session_keeps_its_media_and_misses_nothing() -> None:
    call = Call()
    call.ann_client.drop()
    camera = call.bob.produce()
    again = call.stage.connect()
    assert again.resume(call.ann_client)["resumed"] is True
    assert [one["producer"]["id"] for one in again.take("producer-added")] == [camera]
    visitor = Visitor.__new__(Visitor)
    visitor.client, visitor.room_id, visitor.recv = again, call.room_id, call.ann.recv
    visitor.consume(camera)
    agree(call.stage)


def test_in_two_rooms_at_once() -> None:
    call = Call()
    other = Visitor(call.ann_client, call.ann_client.create(mode="sfu", instance="a")["id"])
    here, there = call.ann.produce(), other.produce()
    assert other.refused("close-producer", producerId=here) == "producer-not-found"
    call.ann_client.say("leave-room", payload={"roomId": other.room_id})
    assert here in call.worker.routers[call.room_id].producers()
    assert there not in {k for r in call.worker.routers.values() for k in r.producers()}
    agree(call.stage)


def test_commands_are_numbered_and_never_twice() -> None:
    call = Call()
    call.ann.produce()
    call.bob.client.say("leave-room", payload={"roomId": call.room_id})
    numbers = [command.request for command in call.worker.told]
    assert numbers == sorted(set(numbers))
    assert isinstance(call.worker.told[0], control.OpenRouter)
