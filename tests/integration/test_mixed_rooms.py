"""Members of both dialects in one room, over real WebSockets."""

import pytest

from tests.support.server import Server, Socket, until

ROOMS = "webrtc-dashboard-rooms"
SIGNALING = "webrtc-signaling"

PAIRS = [
    ("offer", "webrtc-offer", "offer"),
    ("answer", "webrtc-answer", "answer"),
    ("ice-candidate", "webrtc-ice", "candidate"),
]
BODY = {"sdp": 'v=0\r\n"é"', "type": "x"}


async def enter(socket: Socket, room_id: str, user_id: str) -> None:
    data = {"roomId": room_id, "userId": user_id, "userName": user_id.title()}
    assert (await socket.ask("user-joined-room", channel=ROOMS, data=data))["type"] == "ok"


async def mixed(server: Server) -> tuple[str, Socket, Socket]:
    """A room made by Ann of the room dialect, with the channel dialect's Bob in it."""
    ann = await server.connect()
    room_id = (await ann.create("Mixed", memberName="Ann", instance="ann 1"))["id"]
    bob = await server.connect_channels(ROOMS, SIGNALING)
    await enter(bob, room_id, "bob")
    return room_id, ann, bob


async def test_they_see_each_other() -> None:
    async with Server() as server:
        room_id, ann, bob = await mixed(server)
        told = await ann.expect("member-joined")
        assert told["memberId"] == "bob"
        assert told["participants"] == [ann.id, "bob"]
        assert told["member"]["name"] == "Bob"
        await bob.take()
        await bob.say("room-list-request")
        (room,) = (await bob.expect("server-room-list"))["rooms"]
        assert room["participants"] == [{"id": ann.id, "name": "Ann"}, {"id": "bob", "name": "Bob"}]
        assert (room["hostId"], room["host"], room["maxParticipants"]) == (ann.id, "Ann", 0)
        cid = await server.connect()
        await cid.join(room_id, name="Cid")
        assert await bob.expect("user-joined-room") == {
            "type": "user-joined-room",
            "channel": ROOMS,
            "roomId": room_id,
            "userId": cid.id,
            "userName": "Cid",
            "existingParticipants": [ann.id, "bob"],
        }


async def test_room_dialect_joins_a_room_of_the_channel_dialect() -> None:
    async with Server() as server:
        bob = await server.connect_channels(ROOMS)
        data = {"id": "minted by bob", "name": "His", "host": "Bob", "hostId": "bob"}
        await bob.ask("room-created", channel=ROOMS, data=data)
        ann = await server.connect()
        (listed,) = (await ann.ask("list-rooms"))["rooms"]
        assert (listed["id"], listed["participantCount"]) == ("minted by bob", 1)
        room = await ann.join("minted by bob", name="Ann")
        assert room["participants"] == ["bob", ann.id]
        assert room["host"] == "bob"
        told = await bob.expect("user-joined-room")
        assert (told["userId"], told["existingParticipants"]) == (ann.id, ["bob"])
        await bob.ask(
            "user-left-room", channel=ROOMS, data={"roomId": "minted by bob", "userId": "bob"}
        )
        left, host = await ann.take("member-left", "host-changed")
        assert (left["memberId"], left["participants"]) == ("bob", [ann.id])
        assert host["host"] == ann.id


@pytest.mark.parametrize(("room_kind", "channel_kind", "field"), PAIRS)
async def test_signals_both_ways(room_kind: str, channel_kind: str, field: str) -> None:
    async with Server() as server:
        room_id, ann, bob = await mixed(server)
        await ann.ask(room_kind, roomId=room_id, to="bob", payload=BODY)
        assert await bob.expect(channel_kind) == {
            "type": channel_kind,
            "channel": SIGNALING,
            "roomId": room_id,
            "fromUserId": ann.id,
            "toUserId": "bob",
            field: BODY,
        }
        said = {"channel": SIGNALING, "fromUserId": "bob", "toUserId": ann.id, field: BODY}
        await bob.ask(channel_kind, **said)
        assert await ann.expect(room_kind) == {
            "type": room_kind,
            "from": "bob",
            "payload": BODY,
            "roomId": room_id,
        }


async def test_call_between_the_dialects_is_a_call() -> None:
    async with Server() as server:
        room_id, ann, bob = await mixed(server)
        await ann.ask("offer", roomId=room_id, to="bob", payload=BODY)
        said = {"channel": SIGNALING, "fromUserId": "bob", "toUserId": ann.id, "answer": BODY}
        await bob.ask("webrtc-answer", **said)
        info = await ann.ask("room-info", payload={"roomId": room_id})
        assert info["room"]["state"] == "in-call"


async def test_presence_of_a_channel_member_is_told_to_the_room_dialect() -> None:
    async with Server() as server:
        room_id, ann, bob = await mixed(server)
        await ann.take()
        bob.cut()
        away = {"type": "member-presence", "roomId": room_id, "memberId": "bob"}
        assert await ann.expect("member-presence") == {**away, "presence": "reconnecting"}
        again = await server.connect_channels(SIGNALING)
        said = {"channel": SIGNALING, "fromUserId": "bob", "toUserId": ann.id, "offer": BODY}
        assert (await again.ask("webrtc-offer", **said))["type"] == "ok"
        assert await ann.take() == [
            {"type": "offer", "from": "bob", "payload": BODY, "roomId": room_id},
            {**away, "presence": "online"},
        ]


async def test_ids_of_one_dialect_are_not_for_the_other_to_take() -> None:
    async with Server() as server:
        room_id, ann, bob = await mixed(server)
        mallory = await server.connect_channels(ROOMS, SIGNALING)
        data = {"roomId": room_id, "userId": ann.id}
        for kind in ("user-joined-room", "user-left-room"):
            assert await mallory.refused(kind, channel=ROOMS, data=data) == "id-taken"
        said = {"channel": SIGNALING, "fromUserId": ann.id, "toUserId": "bob", "offer": BODY}
        assert await mallory.refused("webrtc-offer", **said) == "id-taken"
        assert await bob.take("webrtc-offer") == []
        await ann.ask("leave-room", payload={"roomId": room_id})
        ann.cut()
        await until(lambda: server.switchboard.connected == 2)
        await enter(mallory, room_id, ann.id)
        again = await server.connect()
        assert await again.refused("resume", resumeToken=ann.token) == "id-taken"


async def test_chat_of_the_room_dialect_stays_in_it() -> None:
    async with Server() as server:
        room_id, ann, bob = await mixed(server)
        await bob.take()
        await ann.ask("chat", roomId=room_id, payload="hello")
        assert await bob.take("chat") == []


async def test_legacy_direct_mode_does_not_reach_the_channel_dialect() -> None:
    async with Server(legacy_direct="on") as server:
        _, ann, _ = await mixed(server)
        assert await ann.refused("offer", to="bob", payload=BODY) == "target-not-connected"
        assert (await ann.ask("list-clients"))["clients"] == [ann.id]
