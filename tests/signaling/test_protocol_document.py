"""PROTOCOL.md's examples are messages, and every message has one.

A fenced ``json`` block below a line ``<!-- room: client -->`` (or ``room: server``, ``channel:
client``, ``channel: server``) holds exactly one message of that direction.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from signaling.messages import channels, room_dialect
from signaling.messages.wire import ErrorCode
from signaling.switchboard import FLOOD, SHUTDOWN

DOCUMENT = Path(__file__).parent.parent.parent / "signaling" / "PROTOCOL.md"

MARKED = re.compile(
    r"^<!-- (?P<side>(?:room|channel): (?:client|server)) -->\s*^```json\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
MARK = re.compile(r"^<!-- (?:room|channel): (?:client|server) -->", re.MULTILINE)

OfChannels = (
    channels.ClientCount
    | channels.ServerRoomList
    | channels.UserJoined
    | channels.DeliveredOffer
    | channels.DeliveredAnswer
    | channels.DeliveredIce
)
"""What the server says in the channel dialect alone; the answers are those of the other."""

SIDES = {
    "room: client": room_dialect.ClientMessage,
    "room: server": room_dialect.ServerMessage,
    "channel: client": channels.ClientMessage,
    "channel: server": OfChannels,
}


def document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def examples(side: str) -> Iterator[str]:
    for found in MARKED.finditer(document()):
        if found["side"] == side:
            yield found["text"]


def tag(struct: type[msgspec.Struct]) -> str:
    return str(struct.__struct_config__.tag)


def test_every_mark_has_its_example() -> None:
    assert len(MARK.findall(document())) == len(MARKED.findall(document())) > 0


@pytest.mark.parametrize("side", SIDES)
def test_examples_are_messages(side: str) -> None:
    decoder: msgspec.json.Decoder[object] = msgspec.json.Decoder(SIDES[side])
    for text in examples(side):
        try:
            decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise AssertionError(f"{side}: {error} in {text}") from None


@pytest.mark.parametrize("side", SIDES)
def test_examples_hold_nothing_that_no_message_has(side: str) -> None:
    """A field that is misspelt would be ignored by the decoder, and mislead the reader."""
    decoder: msgspec.json.Decoder[object] = msgspec.json.Decoder(SIDES[side])
    for text in examples(side):
        raw, message = msgspec.json.decode(text), decoder.decode(text)
        known = set(message.__struct_encode_fields__)  # type: ignore[attr-defined]
        assert set(raw) - known - {"type", "channel"} == set(), text


@pytest.mark.parametrize("side", SIDES)
def test_every_message_has_an_example(side: str) -> None:
    shown = {msgspec.json.decode(text)["type"] for text in examples(side)}
    assert shown == {tag(struct) for struct in get_args(SIDES[side])}


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_is_explained(code: ErrorCode) -> None:
    assert f"`{code}`" in document()


@pytest.mark.parametrize("code", ["replaced", "flood", "shutdown"])
def test_every_goodbye_is_explained(code: str) -> None:
    assert f"`{code}`" in document()


@pytest.mark.parametrize("code", [1008, 1013, 4001, FLOOD, 4009, SHUTDOWN])
def test_every_close_code_is_explained(code: int) -> None:
    assert str(code) in document()
