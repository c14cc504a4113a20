"""Every message a client may send, filled in every way, well and badly."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies
from hypothesis.strategies import DataObject

from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from signaling.messages import channels, requests, room_dialect
from signaling.messages.wire import ErrorCode
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Client, Stage
from tests.support.wire_values import ANYTHING, message

ROOM_MESSAGES: tuple[type[msgspec.Struct], ...] = room_dialect.ClientMessage.__args__
CHANNEL_MESSAGES: tuple[type[msgspec.Struct], ...] = channels.ClientMessage.__args__

FEW = settings().max_examples // 5

CODES = {code.value for code in ErrorCode}

IDS = ["theirs", "bob", "cid", "webrtc-signaling", "webrtc-dashboard-rooms", "news"]


def setting() -> tuple[Stage, Client, Client, list[str]]:
    """A room with a member of each dialect, one on the SFU, and the ids a sender could name."""
    limits = Limits(messages_per_second=0)
    stage = Stage(SwitchboardConfig(limits=limits, legacy_direct=True), workers=[FakeWorker()])
    bob = stage.connect_channels("webrtc-dashboard-rooms", "webrtc-signaling")
    data = {"id": "theirs", "name": "Theirs", "hostId": "bob"}
    bob.say("room-created", channel="webrtc-dashboard-rooms", data=data)
    ann, cid = stage.connect(), stage.connect()
    ann.join("theirs", name="Ann", instance="a")
    on_sfu: list[str] = []
    room_id = ann.create(mode="sfu", instance="a")["id"]
    cid.join(room_id, instance="c")
    for client in (ann, cid):
        visitor = Visitor(client, room_id)
        on_sfu += [visitor.send, visitor.recv, visitor.produce(), visitor.produce_data()]
        on_sfu += [visitor.consume(on_sfu[2]), visitor.consume_data(on_sfu[3])]
    for client in (ann, bob, cid):
        client.take()
    return stage, ann, bob, [*IDS, ann.id, ann.token, *[room_id] * 6, *on_sfu]


def names(kinds: tuple[type[msgspec.Struct], ...]) -> list[Any]:
    return [pytest.param(kind, id=str(kind.__struct_config__.tag)) for kind in kinds]


def check(stage: Stage, sender: Client, sent: dict[str, Any]) -> None:
    """Whatever was sent: an answer or an error to its sender, and everybody is well."""
    for client in stage.clients.values():
        taken_over = sent["type"] == "resume" and client.connection.session is None
        assert client.closing is None or taken_over
    stage.finish_closing()
    for frame in sender.take():
        if frame["type"] == "error":
            assert frame["code"] in CODES
            assert frame["message"]
    for client in [client for client in stage.clients.values() if not client.gone]:
        assert client.ask("ping", received=client.received)["type"] == "pong"
    stage.advance(60.0)


@pytest.mark.parametrize("kind", names(ROOM_MESSAGES))
@pytest.mark.parametrize("within", [True, False])
@settings(max_examples=FEW)
@given(data=strategies.data())
def test_room_dialect(kind: type[msgspec.Struct], within: bool, data: DataObject) -> None:
    stage, ann, _, ids = setting()
    sender = ann if within else stage.connect()
    sent = data.draw(message(kind, strategies.sampled_from(ids)))
    sender.say_text(json.dumps(sent))
    refused = [frame for frame in sender.frames if frame["type"] == "error"]
    assert [error["code"] for error in refused if error["code"] == "unknown-type"] == []
    if "id" in sent:
        assert all(error["id"] == sent["id"] for error in refused)
        assert len([f for f in sender.frames if "id" in f and f["type"] != "client-id"]) == 1 or (
            kind is requests.Resume
        )
    check(stage, sender, sent)


@pytest.mark.parametrize("kind", names(CHANNEL_MESSAGES))
@pytest.mark.parametrize("within", [True, False])
@settings(max_examples=FEW)
@given(data=strategies.data())
def test_channel_dialect(kind: type[msgspec.Struct], within: bool, data: DataObject) -> None:
    stage, _, bob, ids = setting()
    sender = bob if within else stage.connect_channels("news")
    sent = data.draw(message(kind, strategies.sampled_from(ids)))
    homes = [channel for channel, kinds in channels.ON_CHANNEL.items() if sent["type"] in kinds]
    sent.setdefault("channel", homes[0] if homes else "news")
    sender.say_text(json.dumps(sent))
    refused = [frame for frame in sender.frames if frame["type"] == "error"]
    assert [error["code"] for error in refused if error["code"] == "unknown-type"] == []
    if "id" in sent and kind is not channels.RoomListRequest:
        assert len([frame for frame in sender.frames if frame.get("id") == sent["id"]]) >= 1
    check(stage, sender, sent)


@pytest.mark.parametrize("kind", names(ROOM_MESSAGES + CHANNEL_MESSAGES))
@settings(max_examples=FEW)
@given(data=strategies.data())
def test_with_one_field_that_is_wrong(kind: type[msgspec.Struct], data: DataObject) -> None:
    stage, ann, bob, ids = setting()
    sent = data.draw(message(kind, strategies.sampled_from(ids)))
    place = sent
    for name in ("payload", "data"):
        if isinstance(sent.get(name), dict) and sent[name] and data.draw(strategies.booleans()):
            place = sent[name]
    key = data.draw(strategies.sampled_from(sorted(place)))
    place[key] = data.draw(ANYTHING)
    sender = bob if kind in CHANNEL_MESSAGES else ann
    sender.say_text(json.dumps(sent))
    check(stage, sender, sent)
