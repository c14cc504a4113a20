"""What workers answer, or do not."""

import msgspec
import pytest

from sfu.control import messages as control
from tests.support.sfu_call import Call, told
from tests.support.sfu_truth import agree
from tests.support.stage import Frame

PRODUCE: Frame = {"kind": "video", "source": "camera", "rtpParameters": {}}


def say_produce(call: Call, number: object) -> None:
    call.ann_client.say(
        "produce", id=number, roomId=call.room_id, transportId=call.ann.send, **PRODUCE
    )


@pytest.mark.parametrize(
    ("code", "told_to_client"),
    [
        ("unsupported-codec", "unsupported-media"),
        ("invalid-parameters", "invalid-parameters"),
        ("cannot-consume", "cannot-consume"),
        ("transport-not-found", "transport-not-found"),
        ("producer-not-found", "producer-not-found"),
        ("consumer-not-found", "consumer-not-found"),
        ("id-taken", "media-refused"),
        ("something-new", "media-refused"),
    ],
)
def test_refusals_keep_their_meaning(code: str, told_to_client: str) -> None:
    call = Call()
    call.worker.refusing[control.Produce] = code
    answer = call.ann.ask("produce", transportId=call.ann.send, **PRODUCE)
    assert (answer["type"], answer["code"], answer["message"]) == (
        "error", told_to_client, "It cannot be.",
    )  # fmt: skip
    assert told(call.bob.client) == []
    agree(call.stage)


@pytest.mark.parametrize(
    ("command", "kind", "fields"),
    [
        (control.OpenTransport, "open-transport", {"direction": "recv"}),
        (control.Produce, "produce", PRODUCE),
        (control.ProduceData, "produce-data", {"sctpStreamParameters": {}}),
        (control.Consume, "consume", {"rtpCapabilities": {}}),
        (control.ConsumeData, "consume-data", {}),
    ],
)
def test_what_was_refused_is_not_kept(
    command: type[control.Command], kind: str, fields: Frame
) -> None:
    call = Call()
    camera, chat = call.bob.produce(), call.bob.produce_data()
    call.quiet()
    call.worker.refusing[command] = "too-many"
    transport = call.ann.recv if kind.startswith("consume") else call.ann.send
    fields = {**fields, "transportId": transport, "producerId": camera, "dataProducerId": chat}
    assert call.ann.refused(kind, **fields) == "too-many"
    assert told(call.bob.client) == []
    agree(call.stage)


def test_answer_that_is_of_the_wrong_kind() -> None:
    call = Call()
    call.stage.prompt = False
    say_produce(call, 1)
    number = call.stage.unanswered[0].request
    wrong = control.IceRestarted(request=number, ice_parameters=msgspec.Raw(b"{}"))
    call.stage.hear(call.worker, wrong)
    assert call.ann_client.expect("error")["code"] == "media-refused"


def test_answers_that_nobody_waits_for_are_ignored() -> None:
    call = Call(workers=2)
    for number in (0, 1, 7, 10_000):
        call.stage.hear(call.worker, control.Done(request=number))
    call.stage.prompt = False
    say_produce(call, 1)
    number = call.stage.unanswered[0].request
    other = next(fake for fake in call.fakes if call.room_id not in fake.routers)
    call.stage.hear(other, control.Done(request=number))
    assert told(call.ann_client) == [], "another worker cannot answer"


def test_others_hear_of_it_only_when_the_worker_has_it() -> None:
    call = Call()
    call.stage.prompt = False
    say_produce(call, 1)
    assert told(call.bob.client) == []
    late = call.stage.connect()
    late.join(call.room_id, instance="late")
    call.quiet()
    assert late.ask("enter-sfu", roomId=call.room_id)["producers"] == []
    call.stage.answer()
    assert call.ann_client.expect("produced")["id"] == 1
    assert told(late) == ["producer-added"]
    assert told(call.bob.client) == ["producer-added"]


def test_transport_closed_before_it_was_answered_what_was_asked_on_it() -> None:
    call = Call()
    call.stage.prompt = False
    say_produce(call, 1)
    call.ann_client.say("close-transport", id=2, roomId=call.room_id, transportId=call.ann.send)
    call.stage.answer()
    answers = {frame["id"]: frame for frame in call.ann_client.take()}
    assert answers[1]["code"] == "transport-not-found"
    assert answers[2]["type"] == "ok"
    assert told(call.bob.client) == []
    agree(call.stage)


def test_producer_closed_before_its_consumer_was_answered() -> None:
    call = Call()
    camera = call.ann.produce()
    call.quiet()
    call.stage.prompt = False
    fields: Frame = {"transportId": call.bob.recv, "producerId": camera, "rtpCapabilities": {}}
    call.bob.client.say("consume", id=1, roomId=call.room_id, **fields)
    call.ann_client.say("close-producer", id=2, roomId=call.room_id, producerId=camera)
    call.stage.answer()
    assert call.bob.client.expect("error")["id"] == 1
    agree(call.stage)


# ---- no answer ---------------------------------------------------------------------------


def test_worker_that_does_not_answer() -> None:
    call = Call()
    camera = call.bob.produce()
    call.quiet()
    call.stage.prompt = False
    fields: Frame = {"roomId": call.room_id}
    call.ann_client.say("open-transport", id=1, direction="send", **fields)
    call.ann_client.say("produce", id=2, transportId=call.ann.send, **PRODUCE, **fields)
    consume = {"transportId": call.ann.recv, "producerId": camera, "rtpCapabilities": {}}
    call.ann_client.say("consume", id=3, **consume, **fields)
    call.ann_client.say("restart-ice", id=4, transportId=call.ann.send, **fields)
    call.stage.advance(9.9)
    assert told(call.ann_client) == []
    call.stage.advance(0.2)
    errors = call.ann_client.take("error")
    assert [(error["id"], error["code"]) for error in errors] == [
        (number, "sfu-unavailable") for number in (1, 2, 3, 4)
    ]
    call.stage.answer()
    assert told(call.ann_client) == [], "too late"
    assert told(call.bob.client) == []
    agree(call.stage)


def test_what_was_set_too_late_is_known_all_the_same() -> None:
    call = Call()
    camera = call.ann.produce()
    call.quiet()
    call.stage.prompt = False
    call.ann_client.say("set-producer", id=1, roomId=call.room_id, producerId=camera, paused=True)
    call.stage.advance(11.0)
    assert call.ann_client.expect("error")["code"] == "sfu-unavailable"
    call.stage.answer()
    assert call.bob.client.expect("producer-changed")["paused"] is True
    assert told(call.ann_client) == []
    agree(call.stage)


def test_each_waits_for_its_own_time() -> None:
    call = Call()
    call.stage.prompt = False
    for number in range(3):
        call.ann_client.say(
            "restart-ice", id=number, roomId=call.room_id, transportId=call.ann.send
        )
        call.stage.advance(3.0)
    assert call.ann_client.take("error") == []
    call.stage.answer(1)
    assert call.ann_client.expect("ice-restarted")["id"] == 0
    call.stage.advance(4.1)
    assert [error["id"] for error in call.ann_client.take("error")] == [1]
    call.stage.advance(3.0)
    assert [error["id"] for error in call.ann_client.take("error")] == [2]
    assert len(call.stage.exchange.sfu.pending) == 0


def test_worker_that_does_not_open_the_router() -> None:
    call = Call()
    call.stage.prompt = False
    other = call.stage.connect()
    room_id = other.create(mode="sfu", instance="o")["id"]
    other.say("enter-sfu", id=1, roomId=room_id)
    call.stage.advance(10.0)
    assert call.stage.unanswered != []
    assert [error["code"] for error in other.take("error")] == ["sfu-unavailable"]
    other.say("enter-sfu", id=2, roomId=room_id)
    call.stage.answer()
    assert other.expect("sfu-entered")["id"] == 2
    agree(call.stage)


def test_worker_that_refuses_the_router() -> None:
    call = Call()
    call.worker.refusing[control.OpenRouter] = "too-many"
    other = call.stage.connect()
    room_id = other.create(mode="sfu", instance="o")["id"]
    assert other.refused("enter-sfu", roomId=room_id) == "sfu-unavailable"
    call.worker.refusing.clear()
    assert other.ask("enter-sfu", roomId=room_id)["type"] == "sfu-entered"
    agree(call.stage)


# ---- who asked is gone -------------------------------------------------------------------


def test_answer_comes_after_a_resume() -> None:
    call = Call()
    call.stage.prompt = False
    say_produce(call, 1)
    call.ann_client.drop()
    again = call.stage.connect()
    assert again.resume(call.ann_client)["resumed"] is True
    call.stage.answer()
    assert again.expect("produced")["id"] == 1
    agree(call.stage)


def test_answer_to_one_who_is_away_waits_for_the_resume() -> None:
    call = Call()
    call.stage.prompt = False
    say_produce(call, 1)
    call.ann_client.drop()
    call.stage.answer()
    again = call.stage.connect()
    again.resume(call.ann_client)
    assert again.expect("produced")["id"] == 1
    agree(call.stage)


def test_who_begins_anew_gets_no_answer_to_what_an_earlier_page_asked() -> None:
    """Its request ids may be the same; and nobody would know what had been opened."""
    call = Call()
    call.stage.prompt = False
    say_produce(call, 1)
    call.ann_client.drop()
    again = call.stage.connect()
    again.take()
    again.say("resume", resumeToken=call.ann_client.token, received=10**6)
    assert again.expect("client-id")["resumed"] is False
    again.join(call.room_id, instance="a")
    call.stage.answer()
    assert again.take("produced", "error") == []
    assert call.bob.client.take("producer-added") == []
    agree(call.stage)


def test_what_was_set_is_known_though_nobody_waits_for_the_answer() -> None:
    call = Call()
    camera = call.ann.produce()
    call.quiet()
    call.stage.prompt = False
    call.ann_client.say("set-producer", id=1, roomId=call.room_id, producerId=camera, paused=True)
    call.ann_client.drop()
    again = call.stage.connect()
    again.say("resume", resumeToken=call.ann_client.token, received=10**6)
    call.stage.answer()
    assert call.bob.client.expect("producer-changed")["paused"] is True
    agree(call.stage)


def test_who_leaves_before_the_answer() -> None:
    call = Call()
    call.stage.prompt = False
    say_produce(call, 1)
    call.ann_client.say("leave-room", payload={"roomId": call.room_id})
    call.stage.answer()
    assert told(call.bob.client) == ["member-left", "host-changed", "mode-changed"]
    assert call.ann_client.expect("error")["id"] == 1
    agree(call.stage)
