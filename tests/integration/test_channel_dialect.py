"""The channel dialect over a real WebSocket."""

import json
import re
from typing import Any

import pytest

from signaling import lists as room_lists
from signaling.messages import channels
from tests.support.server import Server, Socket, until
from tests.support.stage import Frame

ROOMS = "webrtc-dashboard-rooms"
CHAT = "webrtc-dashboard-chat"
SIGNALING = "webrtc-signaling"
ACCESS = "webrtc-dashboard-access"

HERE = {"Origin": "https://here.example"}
ELSEWHERE = {"Origin": "https://elsewhere.example"}

OFFER = {"type": "offer", "sdp": "v=0\r\n"}


def any_origin(**variables: object) -> Server:
    return Server(allowed_origins="*", **variables)


async def create(socket: Socket, room_id: str, host_id: str, **data: object) -> Frame:
    data = {"id": room_id, "name": f"Room {room_id}", "host": host_id.title()} | data
    return await socket.ask("room-created", channel=ROOMS, data={**data, "hostId": host_id})


async def enter(socket: Socket, room_id: str, user_id: str, **data: object) -> Frame:
    data = {"roomId": room_id, "userId": user_id, "userName": user_id.title()} | data
    return await socket.ask("user-joined-room", channel=ROOMS, data=data)


async def rooms(socket: Socket) -> list[Frame]:
    await socket.take("server-room-list")
    await socket.say("room-list-request", channel=ROOMS)
    return list((await socket.expect("server-room-list"))["rooms"])


async def person(
    server: Server, user_id: str, room_id: str = "r", headers: dict[str, str] = HERE
) -> Socket:
    """Somebody with one socket for everything, in the room ``r``, which it makes if need be."""
    socket = await server.connect_channels(ROOMS, SIGNALING, CHAT, ACCESS, headers=headers)
    if room_id not in [room["id"] for room in await rooms(socket)]:
        assert (await create(socket, room_id, user_id))["type"] == "ok"
    assert (await enter(socket, room_id, user_id))["type"] == "ok"
    await socket.take()
    return socket


# ---- channels ----------------------------------------------------------------------------


async def test_messages_are_relayed_to_the_channels_other_subscribers() -> None:
    async with Server() as server:
        ann, bob = [await server.connect_channels("news") for _ in range(2)]
        cid = await server.connect_channels("weather")
        text = '{"type":"anything","channel":"news", "data":[1,{"a":"é\\u0000"}],"x":1e3}'
        await ann.say_text(text)
        assert await bob.expect("anything") == {
            "type": "anything",
            "channel": "news",
            "data": [1, {"a": "é\0"}],
            "x": 1000.0,
        }
        for other in (ann, cid):
            assert await other.take("anything") == []


async def test_one_need_not_subscribe_to_speak() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect_channels("news")
        await ann.say("anything", channel="news")
        await bob.expect("anything")


async def test_unsubscribing() -> None:
    async with Server() as server:
        ann, bob = [await server.connect_channels("news", "weather") for _ in range(2)]
        assert (await bob.ask("unsubscribe", channel="news"))["type"] == "ok"
        await ann.say("anything", channel="news")
        await ann.ask("anything", channel="weather")
        assert [frame["channel"] for frame in await bob.take("anything")] == ["weather"]


async def test_participant_notices_are_relayed_on_the_chat_channel() -> None:
    async with Server() as server:
        ann, bob = [await server.connect_channels(CHAT) for _ in range(2)]
        for kind in ("participant-joined", "participant-left", "chat-message", "message"):
            await ann.say(kind, channel=CHAT, data={"userId": "ann"})
            assert (await bob.expect(kind))["data"] == {"userId": "ann"}


async def test_ping() -> None:
    async with Server() as server:
        ann = await server.connect_channels("news")
        await ann.say("ping")
        pong = await ann.expect("pong")
        assert set(pong) == {"type", "timestamp"}
        assert isinstance(pong["timestamp"], int)


async def test_everybody_is_told_how_many_are_connected() -> None:
    async with Server() as server:
        ann = await server.connect()
        await ann.say("subscribe", channel="news")
        counted = await ann.expect("client_count")
        assert set(counted) == {"type", "count", "timestamp"}
        assert counted["count"] == 1
        bob = await server.connect()
        while (await ann.expect("client_count"))["count"] != 2:
            pass
        await bob.close()
        while (await ann.expect("client_count"))["count"] != 1:
            pass


async def test_first_channel_message_decides_for_good() -> None:
    async with Server() as server:
        ann = await server.connect()
        assert (await ann.ask("list-rooms"))["type"] == "rooms-list"
        await ann.say("subscribe", channel="news")
        await ann.expect("client_count")
        for kind in ("list-rooms", "create-room", "resume", "dance"):
            assert await ann.refused(kind, payload={"name": "x"}) == "unknown-type"


async def test_members_of_the_room_dialect_do_not_change_over() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect()
        room_id = (await ann.create())["id"]
        await ann.say("subscribe", channel="news", id=1)
        error = await ann.expect("error")
        assert (error["code"], error["channel"], error["id"]) == ("not-allowed", "news", 1)
        await bob.join(room_id)
        await ann.expect("member-joined")


async def test_channels_per_connection_are_limited() -> None:
    async with Server(channels_per_connection=2) as server:
        ann = await server.connect_channels("a", "b")
        assert await ann.refused("subscribe", channel="c") == "too-many-requests"
        assert (await ann.ask("subscribe", channel="a"))["type"] == "ok"


@pytest.mark.parametrize("kind", sorted(channels.SERVER_ONLY))
@pytest.mark.parametrize("channel", [ROOMS, CHAT, "news"])
async def test_nobody_speaks_for_the_server(kind: str, channel: str) -> None:
    async with Server() as server:
        ann, bob = [await server.connect_channels(channel) for _ in range(2)]
        said = {"type": kind, "channel": channel, "rooms": [], "count": -1, "timestamp": 0}
        await ann.say_text(json.dumps(said))
        assert (await ann.expect("error"))["code"] == "not-allowed"
        assert said not in await bob.take()


@pytest.mark.parametrize("kind", ["room-created", "user-joined-room", "user-left-room"])
async def test_type_that_is_given_twice_deceives_nobody(kind: str) -> None:
    async with any_origin() as server:
        ann, bob = await person(server, "ann"), await person(server, "bob", headers=ELSEWHERE)
        await ann.say_text(
            f'{{"type":"webrtc-offer","channel":"{ROOMS}","fromUserId":"ann","toUserId":"bob",'
            f'"offer":{{}},"type":"{kind}","data":{{}}}}'
        )
        assert (await ann.expect("error"))["code"] == "bad-message"
        assert await bob.take(kind, "webrtc-offer") == []


# ---- rooms -------------------------------------------------------------------------------


async def test_room_in_the_list() -> None:
    async with Server() as server:
        ann = await server.connect_channels(ROOMS)
        await ann.say(
            "room-created",
            channel=ROOMS,
            data={"id": "r-1", "name": "Tea", "host": "Ann", "hostId": "user-ann"},
        )
        message = await ann.expect("server-room-list")
        assert set(message) == {"type", "channel", "rooms", "timestamp"}
        assert message["channel"] == ROOMS
        assert isinstance(message["timestamp"], int)
        (room,) = message["rooms"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", room.pop("createdAt"))
        assert room == {
            "id": "r-1",
            "name": "Tea",
            "description": "",
            "host": "Ann",
            "hostId": "user-ann",
            "participants": [{"id": "user-ann", "name": "Ann"}],
            "maxParticipants": 10,
        }


async def test_creating_twice_is_harmless_and_taken_ids_are_refused() -> None:
    async with any_origin() as server:
        ann = await server.connect_channels(ROOMS, headers=HERE)
        bob = await server.connect_channels(ROOMS, headers=ELSEWHERE)
        assert (await create(ann, "r", "ann", description="first"))["type"] == "ok"
        assert (await create(ann, "r", "ann", description="second"))["type"] == "ok"
        refused = await create(bob, "r", "bob")
        assert (refused["type"], refused["code"]) == ("error", "room-exists")
        refused = await create(bob, "r", "ann")
        assert (refused["type"], refused["code"]) == ("error", "id-taken")
        (room,) = await rooms(bob)
        assert (room["hostId"], room["description"]) == ("ann", "first")


async def test_creators_own_join_is_idempotent() -> None:
    async with Server() as server:
        ann, bob = await server.connect_channels(ROOMS), await server.connect_channels(ROOMS)
        await create(ann, "r", "ann")
        await enter(bob, "r", "bob")
        await ann.take()
        for _ in range(3):
            assert (await enter(ann, "r", "ann"))["type"] == "ok"
        assert await bob.take("user-joined-room") == []
        (room,) = await rooms(bob)
        assert [p["id"] for p in room["participants"]] == ["ann", "bob"]


async def test_others_are_told_of_a_newcomer_in_a_flat_message() -> None:
    async with Server() as server:
        ann, bob, cid = [await server.connect_channels(ROOMS) for _ in range(3)]
        watcher = await server.connect_channels(ROOMS)
        await create(ann, "r", "ann")
        await enter(bob, "r", "bob")
        assert await ann.expect("user-joined-room") == {
            "type": "user-joined-room",
            "channel": ROOMS,
            "roomId": "r",
            "userId": "bob",
            "userName": "Bob",
            "existingParticipants": ["ann"],
        }
        await enter(cid, "r", "cid")
        for socket in (ann, bob):
            told = await socket.expect("user-joined-room")
            assert (told["userId"], told["existingParticipants"]) == ("cid", ["ann", "bob"])
        assert await cid.take("user-joined-room") == []
        assert await watcher.take("user-joined-room") == []


async def test_leaving() -> None:
    async with any_origin() as server:
        ann, bob = await person(server, "ann"), await person(server, "bob")
        left = {"roomId": "r", "userId": "ann"}
        assert (await ann.ask("user-left-room", channel=ROOMS, data=left))["type"] == "ok"
        while [p["id"] for p in (await newest(bob))[0]["participants"]] != ["bob"]:
            pass
        (room,) = await rooms(bob)
        assert (room["hostId"], room["host"]) == ("bob", "Bob")
        left["userId"] = "bob"
        await bob.ask("user-left-room", channel=ROOMS, data=left)
        assert await rooms(ann) == []


async def newest(socket: Socket) -> list[Frame]:
    return list((await socket.expect("server-room-list"))["rooms"])


async def test_list_on_change_and_on_request_only_to_subscribers() -> None:
    async with Server() as server:
        ann, bob = await server.connect_channels(ROOMS), await server.connect_channels(ROOMS)
        deaf = await server.connect_channels(CHAT)
        await create(ann, "r", "ann")
        assert [room["id"] for room in await newest(bob)] == ["r"]
        await enter(bob, "r", "bob")
        while len((await newest(ann))[0]["participants"]) != 2:
            pass
        assert await deaf.take("server-room-list") == []
        assert len(await rooms(deaf)) == 1, "on request to whoever asks"


async def test_list_is_repeated_while_there_are_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_lists, "LIST_REPEAT", 0.05)
    async with Server() as server:
        ann, bob = await server.connect_channels(ROOMS), await server.connect_channels(ROOMS)
        await create(ann, "r", "ann")
        lists = [await newest(bob) for _ in range(4)]
        assert lists == [lists[0]] * 4


async def test_private_rooms_are_not_in_the_list() -> None:
    async with Server() as server:
        ann, bob = await server.connect(), await server.connect_channels(ROOMS)
        await ann.create("Hidden", metadata={"private": True})
        await ann.create("Shown")
        assert [room["name"] for room in await rooms(bob)] == ["Shown"]


async def test_capacity_is_ten_unless_given() -> None:
    async with Server(mesh_cap=32, strain_from=32) as server:
        first = await server.connect_channels(ROOMS)
        await create(first, "ten", "p0")
        await create(first, "two", "p0", maxParticipants=2)
        for number in range(1, 10):
            socket = await server.connect_channels(ROOMS)
            assert (await enter(socket, "ten", f"p{number}"))["type"] == "ok"
        late = await server.connect_channels(ROOMS)
        assert (await enter(late, "ten", "p10"))["code"] == "room-full"
        assert (await enter(late, "two", "p10"))["type"] == "ok"
        later = await server.connect_channels(ROOMS)
        assert (await enter(later, "two", "p11"))["code"] == "room-full"


async def test_duplicate_name() -> None:
    async with any_origin() as server:
        await person(server, "ann")
        bob = await server.connect_channels(ROOMS, headers=ELSEWHERE)
        assert (await enter(bob, "r", "bob", userName="ANN"))["code"] == "name-taken"
        assert (await enter(bob, "r", "bob", userName="Bob"))["type"] == "ok"


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("user-joined-room", {"roomId": "nowhere", "userId": "u"}, "room-not-found"),
        ("user-left-room", {"roomId": "nowhere", "userId": "u"}, "not-a-member"),
        ("user-joined-room", {"roomId": "r"}, "bad-message"),
        ("user-joined-room", {"roomId": "r", "userId": ""}, "bad-message"),
        ("user-joined-room", {"roomId": "r", "userId": 7}, "bad-message"),
        ("user-joined-room", "r", "bad-message"),
        ("room-created", {"id": "r", "name": "x"}, "bad-message"),
        ("room-created", {"id": "r", "name": "", "hostId": "u"}, "name-invalid"),
        ("room-created", {"id": "", "name": "x", "hostId": "u"}, "bad-message"),
        ("room-created", {"id": "r", "name": "x", "hostId": "u", "host": "\u200b"}, "name-invalid"),
        ("room-created", {"id": "r", "name": "x", "hostId": "u", "maxParticipants": -1},
         "bad-message"),
    ],
)  # fmt: skip
async def test_what_is_refused_and_how(kind: str, data: object, code: str) -> None:
    async with Server() as server:
        ann = await server.connect_channels(ROOMS)
        error = await ann.ask(kind, channel=ROOMS, data=data)
        assert (error["type"], error["code"], error["channel"]) == ("error", code, ROOMS)
        assert await rooms(ann) == []


async def test_messages_without_a_channel_are_understood_by_their_type() -> None:
    async with Server() as server:
        ann, bob = [await server.connect_channels(ROOMS, SIGNALING) for _ in range(2)]
        wish = {"id": "r", "name": "Tea", "host": "Ann", "hostId": "ann"}
        assert (await ann.ask("room-created", data=wish))["type"] == "ok"
        entry = {"roomId": "r", "userId": "bob", "userName": "Bob"}
        assert (await bob.ask("user-joined-room", data=entry))["type"] == "ok"
        await ann.say("webrtc-offer", fromUserId="ann", toUserId="bob", offer=OFFER)
        assert (await bob.expect("webrtc-offer"))["offer"] == OFFER
        await bob.say("room-list-request")
        assert len(await newest(bob)) == 1


# ---- signals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body"),
    [("webrtc-offer", "offer"), ("webrtc-answer", "answer"), ("webrtc-ice", "candidate")],
)
async def test_signals_arrive_as_they_were_sent(kind: str, body: str) -> None:
    async with any_origin() as server:
        ann, bob = await person(server, "ann"), await person(server, "bob", headers=ELSEWHERE)
        cid = await person(server, "cid")
        said = {
            "type": kind,
            "channel": SIGNALING,
            "fromUserId": "ann",
            "toUserId": "bob",
            body: {"sdp": "x"},
            "extra": [1, 2],
        }
        await ann.say_text(json.dumps(said))
        assert await bob.expect(kind) == said
        assert await cid.take(kind) == []
        assert await ann.take(kind) == []


async def test_signals_go_to_the_targets_socket_on_the_signaling_channel() -> None:
    """Several sockets a person: one per channel, each carrying the person's id."""
    async with any_origin() as server:
        ann = await person(server, "ann")
        bob = await server.connect_channels(ROOMS, headers=ELSEWHERE)
        await enter(bob, "r", "bob")
        bob_signals = await server.connect_channels(SIGNALING, headers=ELSEWHERE)
        said = {"channel": SIGNALING, "fromUserId": "bob", "toUserId": "ann"}
        assert (await bob_signals.ask("webrtc-offer", **said, offer=OFFER))["type"] == "ok"
        assert (await ann.expect("webrtc-offer"))["fromUserId"] == "bob"
        said = {"channel": SIGNALING, "fromUserId": "ann", "toUserId": "bob"}
        assert (await ann.ask("webrtc-answer", **said, answer=OFFER))["type"] == "ok"
        await bob_signals.expect("webrtc-answer")
        assert await bob.take("webrtc-answer") == []


async def test_signals_go_to_unidentified_sockets_never_to_somebody_elses() -> None:
    """A signaling socket that never named its user: its client filters by ``toUserId``."""
    async with any_origin() as server:
        ann, cid = await person(server, "ann"), await person(server, "cid")
        bob = await server.connect_channels(ROOMS, headers=ELSEWHERE)
        await enter(bob, "r", "bob")
        nobodys = await server.connect_channels(SIGNALING, headers=ELSEWHERE)
        deaf = await server.connect_channels(CHAT, headers=ELSEWHERE)
        said = {"channel": SIGNALING, "fromUserId": "ann", "toUserId": "bob", "offer": OFFER}
        assert (await ann.ask("webrtc-offer", **said))["type"] == "ok"
        assert (await nobodys.expect("webrtc-offer"))["toUserId"] == "bob"
        for other in (cid, bob, deaf, ann):
            assert await other.take("webrtc-offer") == []


async def test_signal_to_somebody_who_does_not_listen() -> None:
    async with any_origin() as server:
        ann = await person(server, "ann")
        bob = await server.connect_channels(ROOMS, headers=ELSEWHERE)
        await enter(bob, "r", "bob")
        said = {"channel": SIGNALING, "fromUserId": "ann", "toUserId": "bob", "offer": OFFER}
        assert await ann.refused("webrtc-offer", **said) == "target-not-connected"


async def test_signals_need_a_common_room() -> None:
    async with any_origin() as server:
        ann = await person(server, "ann", "r")
        bob = await person(server, "bob", "s", headers=ELSEWHERE)
        said: dict[str, Any] = {"channel": SIGNALING, "fromUserId": "ann", "offer": OFFER}
        for target in ("bob", "nobody"):
            code = await ann.refused("webrtc-offer", **said, toUserId=target)
            assert code == "target-not-in-room"
        said["roomId"] = "s"
        assert await ann.refused("webrtc-offer", **said, toUserId="bob") == "not-a-member"
        said["roomId"] = "nowhere"
        assert await ann.refused("webrtc-offer", **said, toUserId="bob") == "room-not-found"
        assert await bob.take("webrtc-offer") == []


async def test_signals_from_somebody_else_are_refused() -> None:
    async with any_origin() as server:
        await person(server, "ann")
        bob = await person(server, "bob", headers=ELSEWHERE)
        mallory = await server.connect_channels(SIGNALING, headers=ELSEWHERE)
        said: dict[str, Any] = {"channel": SIGNALING, "toUserId": "bob", "offer": OFFER}
        assert await mallory.refused("webrtc-offer", **said, fromUserId="ann") == "id-taken"
        assert await mallory.refused("webrtc-offer", **said, fromUserId="x") == "not-a-member"
        assert await bob.take("webrtc-offer") == []


@pytest.mark.parametrize("body", ["text", 1, [], True])
async def test_signal_without_a_body_to_understand(body: object) -> None:
    async with any_origin() as server:
        ann, bob = await person(server, "ann"), await person(server, "bob", headers=ELSEWHERE)
        said = {"channel": SIGNALING, "fromUserId": "ann", "toUserId": "bob", "offer": body}
        assert await ann.refused("webrtc-offer", **said) == "bad-message"
        assert await bob.take("webrtc-offer") == []


# ---- claims ------------------------------------------------------------------------------


async def test_live_id_is_not_claimed_by_anybody_else() -> None:
    async with any_origin() as server:
        ann = await person(server, "ann")
        mallory = await server.connect_channels(ROOMS, headers=ELSEWHERE)
        assert (await enter(mallory, "r", "ann", userName="Mallory"))["code"] == "id-taken"
        assert (await create(mallory, "s", "ann"))["code"] == "id-taken"
        left = {"roomId": "r", "userId": "ann"}
        refused = await mallory.ask("user-left-room", channel=ROOMS, data=left)
        assert refused["code"] == "id-taken"
        assert [p["name"] for p in (await rooms(ann))[0]["participants"]] == ["Ann"]


async def test_secret_given_at_the_join_lets_other_sockets_carry_the_id() -> None:
    async with any_origin() as server:
        ann = await server.connect_channels(ROOMS, headers=HERE)
        await create(ann, "r", "ann", secret="Sesame")
        other = await server.connect_channels(SIGNALING, headers=ELSEWHERE)
        assert (await enter(other, "r", "ann", secret="sesame"))["code"] == "id-taken"
        assert (await enter(other, "r", "ann"))["code"] == "id-taken"
        assert (await enter(other, "r", "ann", secret="Sesame"))["type"] == "ok"


async def test_connection_is_one_person_in_rooms() -> None:
    async with any_origin() as server:
        ann = await person(server, "ann")
        assert (await enter(ann, "r", "also-ann"))["code"] == "not-allowed"
        left = {"roomId": "r", "userId": "ann"}
        await ann.ask("user-left-room", channel=ROOMS, data=left)
        await create(ann, "s", "also-ann")
        assert (await rooms(ann))[0]["hostId"] == "also-ann"


async def test_id_is_free_again_when_its_owner_is_gone() -> None:
    async with any_origin(resume_grace="0.05") as server:
        ann = await person(server, "ann")
        watcher = await server.connect_channels(ROOMS, headers=ELSEWHERE)
        await ann.close()
        while await newest(watcher):
            pass
        assert (await create(watcher, "r", "ann"))["type"] == "ok"


async def test_reload_takes_over_from_a_half_dead_socket() -> None:
    async with any_origin() as server:
        ann, bob = await person(server, "ann"), await person(server, "bob", headers=ELSEWHERE)
        again = await server.connect_channels(ROOMS, SIGNALING, headers=HERE)
        assert (await enter(again, "r", "ann"))["type"] == "ok"
        told = await bob.expect("user-joined-room")
        assert (told["userId"], told["existingParticipants"]) == ("ann", ["bob"])
        said = {"channel": SIGNALING, "fromUserId": "bob", "toUserId": "ann", "offer": OFFER}
        await bob.ask("webrtc-offer", **said)
        await again.expect("webrtc-offer")
        ann.cut()
        await bob.expect("client_count")
        assert len((await rooms(bob))[0]["participants"]) == 2, "it is here all the time"


async def test_person_keeps_its_place_for_the_grace_time() -> None:
    async with any_origin() as server:
        ann, bob = await person(server, "ann"), await person(server, "bob", headers=ELSEWHERE)
        ann.cut()
        await bob.expect("client_count")
        assert [p["id"] for p in (await rooms(bob))[0]["participants"]] == ["ann", "bob"]
        again = await server.connect_channels(ROOMS, headers=HERE)
        assert (await enter(again, "r", "ann"))["type"] == "ok"
        assert (await rooms(bob))[0]["hostId"] == "ann"


async def test_person_that_does_not_come_back_leaves() -> None:
    async with any_origin(resume_grace="0.05") as server:
        ann, bob = await person(server, "ann"), await person(server, "bob", headers=ELSEWHERE)
        ann.cut()
        while len((await newest(bob))[0]["participants"]) != 1:
            pass
        assert (await rooms(bob))[0]["hostId"] == "bob"


# ---- asking to be let in -----------------------------------------------------------------


@pytest.mark.parametrize("nested", [True, False])
async def test_asking_to_join(nested: bool) -> None:
    async with any_origin() as server:
        host = await person(server, "ann")
        member = await person(server, "bob")
        asker = await server.connect_channels(ACCESS, headers=ELSEWHERE)

        def about(**fields: object) -> dict[str, Any]:
            return {"channel": ACCESS, **({"data": fields} if nested else fields)}

        wish = about(roomId="r", userId="cid", userName="Cid")
        await asker.say("join-request", **wish)
        assert await host.expect("join-request") == {"type": "join-request", **wish}
        for kind in ("join-approved", "join-rejected"):
            assert await member.refused(kind, **about(roomId="r", userId="cid")) == "not-allowed"
            assert await asker.refused(kind, **about(roomId="r", userId="cid")) == "not-allowed"
            await host.say(kind, **about(roomId="r", userId="cid"))
            assert await asker.expect(kind) == {"type": kind, **about(roomId="r", userId="cid")}
        assert await member.take("join-request", "join-approved", "join-rejected") == []


async def test_answer_reaches_the_askers_own_sockets() -> None:
    async with any_origin() as server:
        host = await person(server, "ann", "r")
        asker = await person(server, "cid", "s", headers=ELSEWHERE)
        nobodys = await server.connect_channels(ACCESS, headers=ELSEWHERE)
        answer = {"channel": ACCESS, "roomId": "r", "userId": "cid"}
        assert (await host.ask("join-approved", **answer))["type"] == "ok"
        await asker.expect("join-approved")
        assert await nobodys.take("join-approved") == []


async def test_asking_where_nobody_can_be_asked() -> None:
    async with any_origin() as server:
        asker = await server.connect_channels(ACCESS, headers=ELSEWHERE)
        said = {"channel": ACCESS, "userId": "cid"}
        assert await asker.refused("join-request", **said) == "room-not-found"
        assert await asker.refused("join-request", **said, roomId="r") == "room-not-found"
        host = await person(server, "ann")
        host.cut()
        await until(lambda: server.switchboard.connected == 1)
        assert await asker.refused("join-request", **said, roomId="r") == "target-not-connected"
