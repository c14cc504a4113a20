"""The room dialect over a real WebSocket, from greeting to goodbye."""

import re
from typing import Any

import pytest

from tests.support.server import Server, Socket

ISO_8601_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

OFFER = {"sdp": "v=0\r\n", "type": "offer"}
ANSWER = {"sdp": "v=0\r\n", "type": "answer"}
CANDIDATE = {"candidate": "candidate:1 1 UDP 1 192.0.2.1 9 typ host", "sdpMid": "0"}


async def in_one_room(
    server: Server,
    *names: str,
    **wishes: Any,  # noqa: ANN401 - of any kind
) -> tuple[str, list[Socket]]:
    """A room with these people in it, and nothing left to read."""
    sockets = [await server.connect() for _ in names]
    room = await sockets[0].create(memberName=names[0], instance=names[0], **wishes)
    for socket, name in zip(sockets[1:], names[1:], strict=True):
        await socket.join(room["id"], name=name, instance=name)
    for socket in sockets:
        await socket.take()
    return room["id"], sockets


# ---- greeting ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/ws", "/ws/"])
async def test_greeting(path: str) -> None:
    async with Server(stun_servers="stun:stun.example:3478") as server:
        ann = await server.connect(path)
        assert ann.websocket._response.history == (), "no redirect"
        greeting = ann.greeting
        assert greeting["type"] == "client-id"
        assert greeting["id"]
        assert greeting["features"] == {"legacyDirect": True, "resume": True, "sfu": False}
        assert greeting["iceServers"] == [{"urls": ["stun:stun.example:3478"]}]
        assert greeting["iceServersTtl"] == 0
        assert greeting["resumed"] is False
        assert greeting["limits"]["frameBytes"] == 65536
        assert greeting["resumeToken"]
        assert (await server.connect(path)).id != ann.id


async def test_greeting_hands_out_turn_credentials_that_expire() -> None:
    async with Server(
        turn_servers="turn:turn.example:3478", turn_secret="s", turn_ttl=600
    ) as server:
        ann = await server.connect()
        (turn,) = ann.greeting["iceServers"]
        expiry, _, member = turn["username"].partition(":")
        assert member == ann.id
        assert int(expiry) > 600
        assert ann.greeting["iceServersTtl"] == 600
        fresh = await ann.ask("ice-servers")
        assert fresh["type"] == "ice-servers"
        assert fresh["ttl"] == 600
        assert fresh["iceServers"][0]["urls"] == ["turn:turn.example:3478"]


# ---- rooms -------------------------------------------------------------------------------


async def test_creating_a_room() -> None:
    async with Server() as server:
        ann = await server.connect()
        await ann.say(
            "create-room",
            payload={"name": "  Tea  room ", "maxParticipants": 4},
            metadata="of no use here",
        )
        room = (await ann.expect("room-created"))["room"]
        assert room["name"] == "Tea room"
        assert room["host"] == ann.id
        assert room["participants"] == [ann.id]
        assert room["maxParticipants"] == 4
        assert room["metadata"] == {"description": "", "private": False, "history": True}
        assert ISO_8601_UTC.fullmatch(room["createdAt"])
        assert room["id"]


async def test_creating_a_room_with_everything() -> None:
    async with Server() as server:
        ann = await server.connect()
        room = await ann.create(
            "Tea",
            metadata={"description": "for two", "private": True, "history": False},
            password="p",
            memberName="Ann",
            instance="page 1",
        )
        assert room["maxParticipants"] == 0
        assert room["metadata"] == {"description": "for two", "private": True, "history": False}
        assert room["hasPassword"] is True
        (member,) = room["members"]
        assert member["name"] == "Ann"
        assert member["instance"] == "page 1"
        assert member["presence"] == "online"
        assert (room["state"], room["mode"], room["generation"]) == ("active", "mesh", 1)
        assert (room["capacity"], room["strained"], room["reopened"]) == (8, False, False)


async def test_joining_and_leaving() -> None:
    async with Server() as server:
        ann, bob, cid = [await server.connect() for _ in range(3)]
        room_id = (await ann.create())["id"]
        await bob.say("join-room", payload={"roomId": room_id})
        joined = (await bob.expect("room-joined"))["room"]
        assert joined["id"] == room_id
        assert joined["participants"] == [ann.id, bob.id]
        told = await ann.expect("member-joined")
        assert told["roomId"] == room_id
        assert told["memberId"] == bob.id
        assert told["participants"] == [ann.id, bob.id]
        assert told["rejoined"] is False
        await cid.join(room_id)
        assert (await ann.expect("member-joined"))["memberId"] == cid.id
        assert (await bob.expect("member-joined"))["memberId"] == cid.id

        assert (await ann.ask("leave-room", payload={"roomId": room_id}))["type"] == "ok"
        for other in (bob, cid):
            left, host = await other.take("member-left", "host-changed")
            assert left == {
                "type": "member-left",
                "roomId": room_id,
                "memberId": ann.id,
                "participants": [bob.id, cid.id],
                "reason": "left",
            }
            assert host == {"type": "host-changed", "roomId": room_id, "host": bob.id}
        assert await ann.take("member-left", "host-changed") == [], "who left is told nothing more"
        await ann.join(room_id)
        assert (await bob.expect("member-joined"))["rejoined"] is True


async def test_leaving_without_a_request_id_is_not_answered() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        await ann.say("leave-room", payload={"roomId": room_id})
        assert await ann.take() == []
        assert (await bob.expect("member-left"))["memberId"] == ann.id


async def test_last_one_out_deletes_the_room() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        await bob.ask("leave-room", payload={"roomId": room_id})
        await ann.ask("leave-room", payload={"roomId": room_id})
        assert await ann.refused("join-room", payload={"roomId": room_id}) == "room-not-found"
        assert (await ann.ask("list-rooms"))["rooms"] == []


async def test_list() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect()
        first, second = await ann.create("First"), await bob.create("Second", maxParticipants=2)
        await bob.create("Hidden", metadata={"private": True})
        await bob.say("list-rooms")
        listed = await bob.expect("rooms-list")
        assert [room["id"] for room in listed["rooms"]] == [second["id"], first["id"]]
        assert listed["total"] == 2
        assert listed["rooms"][0] == {
            "id": second["id"],
            "name": "Second",
            "participantCount": 1,
            "maxParticipants": 2,
            "capacity": 2,
            "createdAt": second["createdAt"],
            "description": "",
            "state": "active",
            "mode": "mesh",
            "hasPassword": False,
        }


async def test_private_room_is_joined_by_its_id() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect()
        room = await ann.create(metadata={"private": True})
        info = await bob.ask("room-info", payload={"roomId": room["id"]})
        assert info["room"]["id"] == room["id"]
        assert (await bob.join(room["id"]))["participants"] == [ann.id, bob.id]


async def test_only_those_who_asked_are_told_of_changes() -> None:
    async with Server() as server:
        asked, once, never, ann = [await server.connect() for _ in range(4)]
        assert (await asked.ask("list-rooms"))["rooms"] == []
        assert (await once.ask("list-rooms", updates=False))["rooms"] == []
        await ann.create("Tea")
        assert [room["name"] for room in (await asked.expect("rooms-list"))["rooms"]] == ["Tea"]
        assert await once.take() == []
        assert await never.take() == []
        await asked.ask("list-rooms", updates=False)
        await ann.create("Coffee")
        await once.ask("list-rooms")
        await ann.create("Water")
        while (await once.expect("rooms-list"))["rooms"][0]["name"] != "Water":
            pass
        assert await asked.take() == []


async def test_room_info_shows_who_is_there_unless_a_password_is_asked() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect()
        opened = await ann.create("Open", memberName="Ann")
        locked = await ann.create("Locked", memberName="Ann", password="p")
        info = await bob.ask("room-info", payload={"roomId": opened["id"]})
        assert (info["type"], info["people"]) == ("room-info", ["Ann"])
        assert info["room"]["participantCount"] == 1
        info = await bob.ask("room-info", payload={"roomId": locked["id"]})
        assert (info["people"], info["room"]["hasPassword"]) == ([], True)
        assert await bob.refused("room-info", payload={"roomId": "nowhere"}) == "room-not-found"


# ---- signals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body"), [("offer", OFFER), ("answer", ANSWER), ("ice-candidate", CANDIDATE)]
)
async def test_signals_reach_their_target_and_nobody_else(kind: str, body: object) -> None:
    async with Server() as server:
        room_id, (ann, bob, cid) = await in_one_room(server, "Ann", "Bob", "Cid")
        await ann.say(kind, roomId=room_id, to=bob.id, payload=body)
        assert await bob.expect(kind) == {
            "type": kind,
            "from": ann.id,
            "payload": body,
            "roomId": room_id,
        }
        assert (await ann.ask(kind, roomId=room_id, to=bob.id, payload=body))["type"] == "ok"
        assert await cid.take() == []
        assert await ann.take() == []


async def test_end_of_candidates_is_null() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        await ann.say("ice-candidate", roomId=room_id, to=bob.id, payload=None)
        assert (await bob.expect("ice-candidate"))["payload"] is None


async def test_signal_arrives_as_it_was_sent() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        body = {"sdp": 'quote " back\\slash \u2028 é 😀 \x00', "number": 1e-7, "deep": [[[{}]]]}
        await ann.say("offer", roomId=room_id, to=bob.id, payload=body)
        assert (await bob.expect("offer"))["payload"] == body


async def test_room_is_in_call_after_an_answer() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        await ann.ask("offer", roomId=room_id, to=bob.id, payload=OFFER)
        assert await state_of(ann, room_id) == "active"
        await bob.ask("answer", roomId=room_id, to=ann.id, payload=ANSWER)
        assert await state_of(ann, room_id) == "in-call"
        await bob.ask("leave-room", payload={"roomId": room_id})
        assert await state_of(ann, room_id) == "active"


async def state_of(socket: Socket, room_id: str) -> str:
    info = await socket.ask("room-info", payload={"roomId": room_id})
    return str(info["room"]["state"])


async def test_members_of_two_rooms_cannot_reach_each_other() -> None:
    async with Server() as server:
        first, (ann,) = await in_one_room(server, "Ann")
        second, (bob,) = await in_one_room(server, "Bob")
        for kind in ("offer", "answer", "ice-candidate"):
            said = {"to": bob.id, "payload": {}}
            assert await ann.refused(kind, roomId=first, **said) == "target-not-in-room"
            assert await ann.refused(kind, roomId=second, **said) == "not-a-member"
        assert await ann.refused("chat", roomId=second, payload="hello") == "not-a-member"
        assert await ann.refused("chat-history", roomId=second) == "not-a-member"
        assert await bob.take() == []


async def test_target_that_has_gone() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        await bob.ask("leave-room", payload={"roomId": room_id})
        said = {"roomId": room_id, "to": bob.id, "payload": OFFER}
        assert await ann.refused("offer", **said) == "target-not-in-room"


async def test_target_without_a_connection_that_does_not_resume() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect()
        room_id = (await ann.create(instance="a"))["id"]
        await bob.join(room_id)
        bob.cut()
        assert (await ann.expect("member-presence"))["presence"] == "reconnecting"
        said = {"roomId": room_id, "to": bob.id, "payload": OFFER}
        assert await ann.refused("offer", **said) == "target-not-connected"


@pytest.mark.parametrize("body", ["text", 1, True, [1], [], ""])
async def test_signal_without_a_body_to_understand(body: object) -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        said = {"roomId": room_id, "to": bob.id, "payload": body}
        assert await ann.refused("offer", **said) == "bad-message"
        assert await bob.take() == []


# ---- chat --------------------------------------------------------------------------------


async def test_chat_reaches_every_member_and_its_sender() -> None:
    async with Server() as server:
        room_id, (ann, bob, cid) = await in_one_room(server, "Ann", "Bob", "Cid")
        await ann.say("chat", roomId=room_id, payload="héllo <b>", nonce="n1")
        for socket in (ann, bob, cid):
            said = await socket.expect("chat")
            assert ISO_8601_UTC.fullmatch(said.pop("sentAt"))
            assert said.pop("messageId")
            assert said == {
                "type": "chat",
                "roomId": room_id,
                "from": ann.id,
                "name": "Ann",
                "payload": "héllo <b>",
                "order": 1,
                "nonce": "n1",
            }


async def test_chat_with_a_request_id_is_answered_by_its_copy() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        answer = await ann.ask("chat", roomId=room_id, payload="hello")
        assert (answer["type"], answer["payload"], answer["order"]) == ("chat", "hello", 1)
        assert await ann.take() == [], "one copy"
        (heard,) = await bob.take()
        assert "id" not in heard
        assert heard["messageId"] == answer["messageId"]


async def test_history_for_late_joiners() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        for number in range(1, 4):
            await ann.say("chat", roomId=room_id, payload=f"{number}")
        cid = await server.connect()
        await cid.join(room_id)
        history = await cid.ask("chat-history", roomId=room_id)
        assert history["type"] == "chat-history"
        assert history["roomId"] == room_id
        said = [(m["order"], m["payload"], m["from"], m["name"]) for m in history["messages"]]
        assert said == [(n, f"{n}", ann.id, "Ann") for n in (1, 2, 3)]
        later = await cid.ask("chat-history", roomId=room_id, after=2)
        assert [message["order"] for message in later["messages"]] == [3]
        assert await bob.refused("chat-history", roomId="nowhere") == "room-not-found"


async def test_room_without_history() -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob", metadata={"history": False})
        await ann.say("chat", roomId=room_id, payload="forget it")
        await bob.expect("chat")
        assert (await bob.ask("chat-history", roomId=room_id))["messages"] == []


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "x" * 4001])
async def test_chat_that_is_refused(text: str) -> None:
    async with Server() as server:
        room_id, (ann, bob) = await in_one_room(server, "Ann", "Bob")
        assert await ann.refused("chat", roomId=room_id, payload=text) == "bad-message"
        assert await bob.take() == []


# ---- errors --------------------------------------------------------------------------------


async def test_room_full_for_the_ninth_person() -> None:
    async with Server() as server:
        room_id, sockets = await in_one_room(server, *[f"Person {n}" for n in range(8)])
        ninth = await server.connect()
        assert await ninth.refused("join-room", payload={"roomId": room_id}) == "room-full"
        for socket in sockets:
            assert await socket.take("member-joined") == []
        await sockets[3].ask("leave-room", payload={"roomId": room_id})
        assert len((await ninth.join(room_id))["participants"]) == 8


async def test_room_full_for_as_many_as_its_creator_wished() -> None:
    async with Server() as server:
        room_id, _ = await in_one_room(server, "Ann", "Bob", maxParticipants=2)
        cid = await server.connect()
        assert await cid.refused("join-room", payload={"roomId": room_id}) == "room-full"


async def test_strain_is_hinted_at_from_the_fifth_person() -> None:
    async with Server() as server:
        room_id, (ann, *_) = await in_one_room(server, *[f"Person {n}" for n in range(4)])
        await (await server.connect()).join(room_id)
        told = (await ann.take("mode-changed"))[-1]
        assert (told["mode"], told["generation"], told["strained"]) == ("mesh", 1, True)
        assert told["pins"], "clients that name no instance know no SFU"


async def test_name_is_taken_case_insensitively() -> None:
    async with Server() as server:
        room_id, (ann,) = await in_one_room(server, "Zoë Straße")
        bob = await server.connect()
        for name in ("Zoë Straße", "ZOË STRASSE", "zoë  straße", "Zoe\u0308 Straße"):
            wish = {"roomId": room_id, "name": name}
            assert await bob.refused("join-room", payload=wish) == "name-taken"
        assert await ann.take() == []
        await bob.join(room_id, name="Zoe")


async def test_wrong_password() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect()
        room_id = (await ann.create(password="Sesame"))["id"]
        for wish in ({}, {"password": "sesame"}, {"password": ""}):
            payload = {"roomId": room_id, **wish}
            assert await bob.refused("join-room", payload=payload) == "wrong-password"
        await bob.join(room_id, password="Sesame")


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("join-room", {"payload": {"roomId": "nowhere"}}, "room-not-found"),
        ("leave-room", {"payload": {"roomId": "nowhere"}}, "room-not-found"),
        ("offer", {"roomId": "nowhere", "to": "x", "payload": {}}, "room-not-found"),
        ("chat", {"roomId": "nowhere", "payload": "hello"}, "room-not-found"),
        ("create-room", {"payload": {"name": ""}}, "name-invalid"),
        ("create-room", {"payload": {"name": " \u200b\n "}}, "name-invalid"),
        ("create-room", {"payload": {"name": "x" * 65}}, "name-invalid"),
        ("create-room", {"payload": {"name": "x", "memberName": "\u202e"}}, "name-invalid"),
        ("create-room", {"payload": {"name": "x", "maxParticipants": -1}}, "bad-message"),
        ("create-room", {"payload": {"name": "x", "maxParticipants": 1.5}}, "bad-message"),
        ("create-room", {"payload": {"name": "x", "maxParticipants": "4"}}, "bad-message"),
        ("create-room", {"payload": {"name": None}}, "bad-message"),
        ("create-room", {"payload": []}, "bad-message"),
        ("create-room", {}, "bad-message"),
        ("join-room", {"payload": {}}, "bad-message"),
        ("join-room", {"payload": {"roomId": 5}}, "bad-message"),
        ("join-room", {"payload": {"roomId": ""}}, "bad-message"),
        ("join-room", {"payload": {"roomId": "x" * 65}}, "bad-message"),
        ("chat", {"payload": "to nobody"}, "bad-message"),
        ("chat-history", {"roomId": "x", "after": -1}, "bad-message"),
        ("resume", {"resumeToken": 1}, "bad-message"),
        ("dance", {}, "unknown-type"),
        ("room-created", {}, "unknown-type"),
        ("error", {}, "unknown-type"),
        ("client-id", {}, "unknown-type"),
    ],
)
async def test_what_is_refused_and_how(kind: str, fields: dict[str, Any], code: str) -> None:
    async with Server() as server:
        ann = await server.connect()
        assert await ann.refused(kind, **fields) == code
        assert await ann.take() == [], "one answer, and the connection stays"


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", "null", "[]", "1", '"ping"', "{}", '{"type":1}', '{"type":null}', "nonsense",
     '{"type":"ping"', '{"type":"ping"}{}', "{'type':'ping'}", '{"type":"ping","id":1.5}',
     '{"type":"ping","id":{}}', "\x00", '{"type":"' + "x" * 65 + '"}', "[" * 5000],
)  # fmt: skip
async def test_what_is_no_message_at_all(text: str) -> None:
    async with Server() as server:
        ann = await server.connect()
        await ann.say_text(text)
        error = await ann.expect("error")
        assert error["code"] == "bad-message"
        assert error["message"]
        assert await ann.take() == []


@pytest.mark.parametrize("request_id", ["", "x", 0, -5, 2**53, "ä" * 64])
async def test_request_id_comes_back_as_it_was(request_id: object) -> None:
    async with Server() as server:
        ann = await server.connect()
        await ann.say("ping", id=request_id)
        assert (await ann.expect("pong"))["id"] == request_id
        await ann.say("join-room", id=request_id, payload={"roomId": "nowhere"})
        assert (await ann.expect("error"))["id"] == request_id


async def test_ping() -> None:
    async with Server() as server:
        ann = await server.connect()
        await ann.say("ping")
        pong = await ann.expect("pong")
        assert isinstance(pong["timestamp"], int)
        assert pong["timestamp"] > 1_600_000_000_000, "milliseconds"
        assert "id" not in pong


# ---- legacy direct mode ------------------------------------------------------------------


async def test_legacy_direct_mode() -> None:
    async with Server(legacy_direct="on") as server:
        ann, bob, cid = [await server.connect() for _ in range(3)]
        assert ann.greeting["features"]["legacyDirect"] is True
        clients = await ann.ask("list-clients")
        assert clients["type"] == "clients-list"
        assert sorted(clients["clients"]) == sorted([ann.id, bob.id, cid.id])
        for kind, body in (("offer", OFFER), ("answer", ANSWER), ("ice-candidate", CANDIDATE)):
            await ann.say(kind, to=bob.id, payload=body)
            assert await bob.expect(kind) == {"type": kind, "from": ann.id, "payload": body}
        await ann.say("chat", to=bob.id, payload="hello")
        assert await bob.expect("chat") == {"type": "chat", "from": ann.id, "payload": "hello"}
        said = {"to": "nobody", "payload": OFFER}
        assert await ann.refused("offer", **said) == "target-not-connected"
        assert await cid.take() == []


async def test_legacy_direct_mode_is_off() -> None:
    async with Server(legacy_direct="off") as server:
        ann, bob = await server.connect(), await server.connect()
        assert ann.greeting["features"]["legacyDirect"] is False
        assert await ann.refused("offer", to=bob.id, payload=OFFER) == "not-allowed"
        assert await ann.refused("chat", to=bob.id, payload="hello") == "not-allowed"
        assert await ann.refused("list-clients") == "not-allowed"
        assert await bob.take() == []


async def test_legacy_direct_mode_is_for_this_machine_by_default() -> None:
    async with Server(trusted_proxies="127.0.0.1") as server:
        near = await server.connect()
        far = await server.connect(headers={"X-Forwarded-For": "203.0.113.9"})
        named = await server.connect(headers={"Host": "rooms.example"})
        assert near.greeting["features"]["legacyDirect"] is True
        assert far.greeting["features"]["legacyDirect"] is False
        assert named.greeting["features"]["legacyDirect"] is False
        assert await near.refused("offer", to=far.id, payload={}) == "target-not-connected"
        assert await far.refused("offer", to=near.id, payload={}) == "not-allowed"
        assert await far.take() == []
