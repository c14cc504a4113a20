"""The page's types, made from the structs."""

import re
from typing import get_args

import pytest

from signaling.messages import room_dialect, typescript
from signaling.messages.wire import ErrorCode

TEXT = typescript.render()


def interface(name: str) -> dict[str, str]:
    """The fields of one interface, with a question mark where one may be absent."""
    found = re.search(rf"export interface {name} \{{\n(.*?)\n\}}", TEXT, re.DOTALL)
    assert found, name
    return dict(re.findall(r"^  (\w+\??): (.*);$", found[1], re.MULTILINE))


def union(name: str) -> list[str]:
    found = re.search(rf"export type {name} =\n(.*?);", TEXT, re.DOTALL)
    assert found, name
    return re.findall(r"\| '?([\w-]+)'?", found[1])


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("ClientMessage", [member.__name__ for member in get_args(room_dialect.ClientMessage)]),
        ("ServerMessage", [member.__name__ for member in get_args(room_dialect.ServerMessage)]),
        ("ErrorCode", [code.value for code in ErrorCode]),
    ],
)
def test_unions_are_whole(name: str, members: list[str]) -> None:
    assert union(name) == members


@pytest.mark.parametrize(
    "member",
    get_args(room_dialect.ClientMessage) + get_args(room_dialect.ServerMessage),
    ids=lambda member: member.__name__,
)
def test_every_message_has_its_type_and_its_fields(member: type) -> None:
    fields = interface(member.__name__)
    assert fields.pop("type") == f"'{member.__struct_config__.tag}'"  # type: ignore[attr-defined]
    names = member.__struct_encode_fields__  # type: ignore[attr-defined]
    assert [name.rstrip("?") for name in fields] == list(names)


def test_what_a_client_may_leave_out_is_optional() -> None:
    assert interface("CreateRoomPayload") == {
        "name": "string",
        "maxParticipants?": "number",
        "metadata?": "RoomMetadata",
        "password?": "string | null",
        "mode?": "'mesh' | 'sfu' | null",
        "memberName?": "string | null",
        "instance?": "string | null",
        "token?": "string | null",
    }
    assert interface("Ping")["id?"] == "string | number"


def test_what_the_server_always_says_is_not() -> None:
    assert interface("Member") == {
        "id": "string",
        "name": "string | null",
        "presence": "'online' | 'reconnecting'",
        "instance": "string | null",
        "joinedAt": "string",
        "userId?": "string",
    }
    assert interface("ClientId")["iceServers"] == "IceServer[]"
    assert interface("RelayedOffer")["from"] == "string"
    assert interface("RelayedOffer")["payload"] == "unknown"


def test_no_name_is_used_twice() -> None:
    names = re.findall(r"export (?:interface|type) (\w+)", TEXT)
    assert len(names) == len(set(names))


def test_every_type_that_is_used_is_there() -> None:
    names = set(re.findall(r"export (?:interface|type) (\w+)", TEXT))
    used = set(re.findall(r"[:|] ([A-Z]\w+)", re.sub(r"/\*.*?\*/|//.*", "", TEXT, flags=re.DOTALL)))
    assert used <= names
