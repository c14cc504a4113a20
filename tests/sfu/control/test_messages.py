"""Control messages between signaling and an SFU worker."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings, strategies
from hypothesis.strategies import DataObject

from sfu.control import messages
from sfu.control.messages import Command, FromWorker
from tests.support.wire_values import message

COMMANDS: tuple[type[msgspec.Struct], ...] = get_args(Command)
FROM_WORKER: tuple[type[msgspec.Struct], ...] = get_args(FromWorker)

FEW = settings().max_examples // 4


def names(kinds: tuple[type[msgspec.Struct], ...]) -> list[Any]:
    return [pytest.param(kind, id=str(kind.__struct_config__.tag)) for kind in kinds]


def is_part_of(some: object, whole: object) -> bool:
    """Whether nothing was added or changed; defaults may be left out, at any depth."""
    if isinstance(some, dict) and isinstance(whole, dict):
        return all(key in whole and is_part_of(some[key], whole[key]) for key in some)
    if isinstance(some, list) and isinstance(whole, list):
        return len(some) == len(whole) and all(map(is_part_of, some, whole))
    return some == whole


@pytest.mark.parametrize("kind", names(COMMANDS + FROM_WORKER))
@settings(max_examples=FEW)
@given(data=strategies.data())
def test_round_trip(kind: type[msgspec.Struct], data: DataObject) -> None:
    sent = data.draw(message(kind, strategies.sampled_from(["room", "worker"])))
    union: Any = Command if kind in COMMANDS else FromWorker
    decoded = msgspec.json.decode(msgspec.json.encode(sent), type=union)
    assert type(decoded) is kind
    encoded = msgspec.json.encode(decoded)
    assert msgspec.json.decode(encoded, type=union) == decoded
    assert is_part_of(msgspec.json.decode(encoded), sent)


def test_as_it_is_on_the_wire() -> None:
    command = messages.Produce(
        request=7,
        transport_id="t",
        producer_id="p",
        kind="video",
        source="camera",
        rtp_parameters=msgspec.Raw(b'{"mid":"0"}'),
    )
    assert msgspec.json.decode(msgspec.json.encode(command)) == {
        "type": "produce",
        "request": 7,
        "transportId": "t",
        "producerId": "p",
        "kind": "video",
        "source": "camera",
        "rtpParameters": {"mid": "0"},
    }


def test_transport_with_and_without_data() -> None:
    opened = messages.TransportOpened(
        request=1,
        ice_parameters=msgspec.Raw(b"{}"),
        ice_candidates=msgspec.Raw(b"[]"),
        dtls_parameters=msgspec.Raw(b"{}"),
    )
    without = msgspec.json.decode(msgspec.json.encode(opened), type=FromWorker)
    assert isinstance(without, messages.TransportOpened)
    assert without.sctp_parameters is msgspec.UNSET
    opened.sctp_parameters = msgspec.Raw(b'{"port":5000}')
    having = msgspec.json.decode(msgspec.json.encode(opened), type=FromWorker)
    assert isinstance(having, messages.TransportOpened)
    assert having.sctp_parameters == msgspec.Raw(b'{"port":5000}')


def test_no_two_messages_of_one_direction_have_the_same_type() -> None:
    for kinds in (COMMANDS, FROM_WORKER):
        tags = [kind.__struct_config__.tag for kind in kinds]
        assert len(tags) == len(set(tags))


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'{"type":"open-router"}',
        b'{"type":"open-router","request":1,"roomId":5,"routerId":"r","generation":1}',
        b'{"type":"open-router","request":1,"roomId":"r","routerId":"r","generation":"1"}',
        b'{"type":"close-router","request":1,"routerId":""}',
        b'{"type":"close-router","routerId":"r"}',
        b'{"type":"set-consumer","request":1,"consumerId":"c","spatialLayer":8}',
        b'{"type":"set-consumer","request":1,"consumerId":"c","priority":256}',
        b'{"type":"router-opened","request":1,"rtpCapabilities":{}}',
        b"nonsense",
    ],
)
def test_what_is_no_command(text: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(text, type=Command)
