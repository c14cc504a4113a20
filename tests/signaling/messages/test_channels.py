"""Which messages of the channel dialect the server acts upon."""

from typing import get_args

import pytest

from signaling.messages import channels
from signaling.messages.channels import ACCESS, CHAT, ROOMS, SIGNALING, understands

HANDLED = {
    "room-created": ROOMS,
    "user-joined-room": ROOMS,
    "user-left-room": ROOMS,
    "webrtc-offer": SIGNALING,
    "webrtc-answer": SIGNALING,
    "webrtc-ice": SIGNALING,
    "join-request": ACCESS,
    "join-approved": ACCESS,
    "join-rejected": ACCESS,
}


@pytest.mark.parametrize("kind", HANDLED)
@pytest.mark.parametrize("channel", [ROOMS, SIGNALING, ACCESS, CHAT, "news"])
def test_understood_on_its_channel_and_relayed_on_others(kind: str, channel: str) -> None:
    assert understands(kind, channel) is (HANDLED[kind] == channel)


@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe", "ping", "room-list-request"])
@pytest.mark.parametrize("channel", [ROOMS, SIGNALING, ACCESS, CHAT, "news", None])
def test_understood_everywhere(kind: str, channel: str | None) -> None:
    assert understands(kind, channel)


@pytest.mark.parametrize("kind", HANDLED)
def test_understood_without_a_channel(kind: str) -> None:
    assert understands(kind, None)


@pytest.mark.parametrize("kind", ["chat", "participant-joined", "offer", "", "client_count"])
@pytest.mark.parametrize("channel", [ROOMS, CHAT, None])
def test_not_understood(kind: str, channel: str | None) -> None:
    assert not understands(kind, channel)


def test_every_request_is_understood_somewhere() -> None:
    kinds = {str(kind.__struct_config__.tag) for kind in get_args(channels.ClientMessage)}
    assert kinds == set(HANDLED) | channels.ANYWHERE


@pytest.mark.parametrize(
    ("fields", "concerns"),
    [
        ({"room_id": "r", "user_id": "u"}, ("r", "u")),
        ({"data": channels.AccessFields(room_id="r", user_id="u")}, ("r", "u")),
        ({"room_id": "r", "data": channels.AccessFields(user_id="u")}, ("r", "u")),
        ({}, (None, None)),
    ],
)
def test_whom_an_access_message_concerns(
    fields: dict[str, object], concerns: tuple[str | None, str | None]
) -> None:
    assert channels.JoinRequest(**fields).concerns() == concerns  # type: ignore[arg-type]
