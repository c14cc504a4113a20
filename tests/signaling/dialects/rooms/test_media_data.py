"""Channels of messages: received from when their receiver wants, and ended with a word."""

import pytest

from sfu.control import messages as control
from signaling.exchange import SwitchboardConfig
from tests.support.fake_worker import FakeTransport
from tests.support.sfu_call import Call, told
from tests.support.sfu_truth import agree
from tests.support.stage import Stage


def receiving(call: Call, paused: bool = True) -> str:
    """Bob receives a channel of Ann's; the data consumer's id."""
    chat = call.ann.produce_data()
    call.quiet()
    answer = call.bob.ask(
        "consume-data", transportId=call.bob.recv, dataProducerId=chat, paused=paused
    )
    assert answer["type"] == "data-consumed", answer
    return str(answer["dataConsumer"]["id"])


def incoming(call: Call) -> FakeTransport:
    return call.worker.transports()[call.bob.recv]


def test_messages_wait_until_the_receiver_says_so() -> None:
    call = Call()
    consumer_id = receiving(call)
    assert incoming(call).paused == {consumer_id}
    for _ in range(2):  # harmless again
        assert call.bob.ask("resume-data-consumer", dataConsumerId=consumer_id)["type"] == "ok"
        assert incoming(call).paused == set()
    assert told(call.ann_client) == told(call.bob.client) == []
    agree(call.stage)


def test_messages_flow_at_once_unless_they_are_to_wait() -> None:
    call = Call()
    receiving(call, paused=False)
    call.bob.consume_data(call.ann.produce_data())
    assert incoming(call).paused == set()


def test_only_ones_own_can_be_resumed() -> None:
    call = Call()
    consumer_id = receiving(call)
    before = len(call.worker.told)
    refusal = call.ann.refused("resume-data-consumer", dataConsumerId=consumer_id)
    assert refusal == "consumer-not-found"
    refusal = call.bob.refused("resume-data-consumer", dataConsumerId=f"{call.bob.recv}-x")
    assert refusal == "consumer-not-found"
    assert len(call.worker.told) == before, "the worker heard nothing of it"
    stranger = call.stage.connect()
    fields = {"roomId": call.room_id, "dataConsumerId": consumer_id}
    assert stranger.refused("resume-data-consumer", **fields) == "not-a-member"
    late = call.stage.connect()
    late.join(call.room_id, instance="late")
    assert late.refused("resume-data-consumer", **fields) == "sfu-unavailable"


def test_what_the_worker_does_not_have_any_more_is_not_found() -> None:
    call = Call()
    consumer_id = receiving(call)
    call.worker.refusing[control.ResumeDataConsumer] = "consumer-not-found"
    refusal = call.bob.refused("resume-data-consumer", dataConsumerId=consumer_id)
    assert refusal == "consumer-not-found"


def test_a_silent_worker_is_not_waited_for_for_ever() -> None:
    call = Call()
    consumer_id = receiving(call)
    call.stage.prompt = False
    fields = {"roomId": call.room_id, "dataConsumerId": consumer_id}
    call.bob.client.say("resume-data-consumer", id=1, **fields)
    call.stage.advance(11.0)
    [error] = call.bob.client.take()
    assert (error["type"], error["id"], error["code"]) == ("error", 1, "sfu-unavailable")


def test_whoever_reads_too_slowly_is_told_and_may_begin_again() -> None:
    call = Call()
    consumer_id = receiving(call, paused=False)
    call.stage.hear(call.worker, call.worker.end_data_consumer(consumer_id))
    assert call.bob.client.take() == [
        {
            "type": "data-consumer-removed",
            "roomId": call.room_id,
            "dataConsumerId": consumer_id,
            "reason": "too-slow",
        }
    ]
    assert told(call.ann_client) == []
    agree(call.stage)
    refusal = call.bob.refused("close-data-consumer", dataConsumerId=consumer_id)
    assert refusal == "consumer-not-found"
    call.stage.hear(call.worker, call.worker.end_data_consumer(consumer_id))
    assert told(call.bob.client) == [], "it is known"
    again = receiving(call)
    assert again != consumer_id
    agree(call.stage)


def test_an_end_that_crosses_a_close_is_not_told() -> None:
    call = Call()
    consumer_id = receiving(call)
    report = call.worker.end_data_consumer(consumer_id)
    call.bob.ask("close-data-consumer", dataConsumerId=consumer_id)
    call.stage.hear(call.worker, report)
    assert told(call.bob.client) == []
    agree(call.stage)


def test_the_end_of_what_is_not_the_workers_own_is_ignored() -> None:
    call = Call(workers=2)
    home = next(fake for fake in call.fakes if call.room_id in fake.routers)
    [other] = [fake for fake in call.fakes if fake is not home]
    consumer_id = receiving(call)
    for worker, it in [(other, consumer_id), *((home, x) for x in ("", "-", "x", "x-y", "-x"))]:
        report = control.DataConsumerClosed(data_consumer_id=it, reason="too-slow")
        call.stage.hear(worker, report)
    assert told(call.ann_client) == told(call.bob.client) == []
    agree(call.stage)


@pytest.mark.parametrize("ends", [False, True])
def test_a_channel_outlives_a_restart_of_signaling(ends: bool) -> None:
    call = Call()
    consumer_id = receiving(call)
    ticket = call.ann_client.join(call.room_id, instance="a")["ticket"]
    stage = Stage(SwitchboardConfig(), seed=2, workers=call.fakes)
    bob = stage.connect()
    bob.say("resume", resumeToken=call.bob.client.token, received=0)
    bob.join(call.room_id, instance="b", ticket=ticket)
    bob.ask("enter-sfu", roomId=call.room_id)
    bob.take()
    if ends:
        stage.hear(call.worker, call.worker.end_data_consumer(consumer_id))
        assert told(bob) == ["data-consumer-removed"]
    else:
        fields = {"roomId": call.room_id, "dataConsumerId": consumer_id}
        assert bob.ask("resume-data-consumer", **fields)["type"] == "ok"
        assert incoming(call).paused == set()
    agree(stage)
