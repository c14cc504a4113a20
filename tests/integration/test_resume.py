"""Connections that drop and come back, pages that reload, servers that restart."""

import asyncio
from typing import Any

import pytest

from signaling.tokens import Signer
from tests.support.server import SECRET, Server, Socket
from tests.support.stage import Frame


async def pair(
    server: Server,
    **wishes: Any,  # noqa: ANN401 - of any kind
) -> tuple[Frame, Socket, Socket]:
    """A room with two members that resume, and nothing left to read."""
    ann, bob = await server.connect(), await server.connect()
    room = await ann.create(memberName="Ann", instance="ann 1", **wishes)
    joined = await bob.join(
        room["id"], name="Bob", instance="bob 1", password=wishes.get("password")
    )
    for socket in (ann, bob):
        await socket.take()
    return joined, ann, bob


async def test_resume_replays_what_was_missed_in_order() -> None:
    async with Server() as server:
        room, ann, bob = await pair(server)
        bob.cut()
        away = await ann.expect("member-presence")
        assert away == {
            "type": "member-presence",
            "roomId": room["id"],
            "memberId": bob.id,
            "presence": "reconnecting",
        }
        for number in range(5):
            await ann.say("chat", roomId=room["id"], payload=f"{number}")
        await ann.ask("offer", roomId=room["id"], to=bob.id, payload={"sdp": "x"})
        again = await server.connect()
        provisional = again.id
        greeting = await again.resume(bob)
        assert (greeting["id"], greeting["resumed"]) == (bob.id, True)
        assert greeting["id"] != provisional
        missed = await again.take()
        assert [frame.get("payload") for frame in missed] == [*"01234", {"sdp": "x"}]
        await ann.take("chat")
        assert await ann.take() == [{**away, "presence": "online"}], "and nobody joined or left"
        assert (await ann.ask("chat", roomId=room["id"], payload="back"))["order"] == 6
        assert (await again.expect("chat"))["payload"] == "back"


async def test_resume_replays_nothing_twice() -> None:
    async with Server() as server:
        room, ann, bob = await pair(server)
        await ann.ask("chat", roomId=room["id"], payload="heard")
        await bob.expect("chat")
        bob.cut()
        await ann.expect("member-presence")
        await ann.ask("chat", roomId=room["id"], payload="missed")
        again = await server.connect()
        await again.resume(bob)
        assert [frame["payload"] for frame in await again.take()] == ["missed"]
        again.cut()
        await ann.expect("member-presence")
        await ann.ask("chat", roomId=room["id"], payload="missed again")
        third = await server.connect()
        await third.resume(again)
        assert [frame["payload"] for frame in await third.take()] == ["missed again"]


async def test_acknowledged_frames_are_not_kept() -> None:
    async with Server(replay_frames=3) as server:
        room, ann, bob = await pair(server)
        for number in range(9):
            await ann.ask("chat", roomId=room["id"], payload=f"{number}")
            await bob.expect("chat")
            await bob.ask("ping", received=bob.received)
        bob.cut()
        await ann.expect("member-presence")
        await ann.ask("chat", roomId=room["id"], payload="missed")
        again = await server.connect()
        assert (await again.resume(bob))["resumed"] is True
        assert [frame["payload"] for frame in await again.take()] == ["missed"]


async def test_too_much_was_missed() -> None:
    async with Server(replay_frames=3) as server:
        room, ann, bob = await pair(server)
        bob.cut()
        await ann.expect("member-presence")
        for number in range(4):
            await ann.ask("chat", roomId=room["id"], payload=f"{number}")
        again = await server.connect()
        greeting = await again.resume(bob)
        assert (greeting["id"], greeting["resumed"]) == (bob.id, False)
        assert await again.take() == []
        rejoined = await again.join(room["id"], name="Bob", instance="bob 1")
        assert rejoined["participants"] == [ann.id, bob.id]
        told = await ann.expect("member-joined")
        assert (told["memberId"], told["rejoined"]) == (bob.id, True)
        assert told["member"]["presence"] == "online"
        assert told["member"]["instance"] == "bob 1", "its media lives on"
        again.cut()
        await ann.expect("member-presence")
        await ann.ask("chat", roomId=room["id"], payload="missed")
        third = await server.connect()
        assert (await third.resume(again))["resumed"] is True
        assert [frame["payload"] for frame in await third.take()] == ["missed"]


async def test_newest_connection_wins() -> None:
    async with Server() as server:
        room, ann, bob = await pair(server)
        again = await server.connect()
        assert (await again.resume(bob))["resumed"] is True
        goodbye = await bob.expect("goodbye")
        assert (goodbye["code"], goodbye["reconnect"]) == ("replaced", False)
        assert goodbye["message"]
        assert await bob.closed() == 4001
        await ann.ask("chat", roomId=room["id"], payload="hello")
        assert (await again.expect("chat"))["payload"] == "hello"
        assert await ann.take() == [], "nobody noticed"


async def test_frames_from_a_replaced_connection_are_ignored() -> None:
    async with Server() as server:
        room, ann, bob = await pair(server)
        again = await server.connect()
        resume = again.resume(bob)
        for _ in range(20):
            await bob.say("chat", roomId=room["id"], payload="before or after")
        await resume
        for _ in range(20):
            await bob.say("chat", roomId=room["id"], payload="after")
        assert await bob.closed() == 4001
        assert "after" not in [frame["payload"] for frame in await ann.take("chat")]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 4096, "é😀.\x00."])
async def test_token_that_is_none(token: str) -> None:
    async with Server() as server:
        ann = await server.connect()
        first = ann.id
        await ann.say("resume", resumeToken=token, received=0)
        greeting = await ann.expect("client-id")
        assert (greeting["id"], greeting["resumed"]) == (first, False)


async def test_forged_token_does_not_make_somebody_else() -> None:
    async with Server() as server:
        _, ann, bob = await pair(server)
        for forged in (
            Signer(b"another secret of thirty-two bytes").resume_token(bob.id, 2e9),
            Signer(SECRET.encode()).resume_token(bob.id, 0.0),
            bob.token[:-2] + ("AA" if not bob.token.endswith("AA") else "BB"),
        ):
            mallory = await server.connect()
            await mallory.say("resume", resumeToken=forged, received=0)
            assert (await mallory.expect("client-id"))["id"] != bob.id
        assert await bob.take() == []
        assert await ann.take() == []


async def test_resume_comes_before_joining() -> None:
    async with Server() as server:
        _, _, bob = await pair(server)
        other = await server.connect()
        await other.create()
        assert await other.refused("resume", resumeToken=bob.token) == "not-allowed"
        assert await bob.take() == []


async def test_count_starts_again_after_a_refused_resume() -> None:
    async with Server() as server:
        room, ann, _ = await pair(server)
        cid = await server.connect()
        await cid.refused("join-room", payload={"roomId": "nowhere"})
        await cid.say("resume", resumeToken="nonsense", received=3)
        await cid.expect("client-id")
        await cid.join(room["id"], instance="cid 1")
        cid.cut()
        await ann.expect("member-presence")
        await ann.ask("chat", roomId=room["id"], payload="missed")
        again = await server.connect()
        assert (await again.resume(cid))["resumed"] is True
        assert [frame["payload"] for frame in await again.take()] == ["missed"]


async def test_member_that_does_not_come_back_is_gone_after_the_grace_time() -> None:
    async with Server(resume_grace="0.05") as server:
        room, ann, bob = await pair(server)
        bob.cut()
        assert (await ann.expect("member-presence"))["presence"] == "reconnecting"
        left = await ann.expect("member-left")
        assert (left["memberId"], left["reason"]) == (bob.id, "timed-out")
        assert left["participants"] == [ann.id]
        again = await server.connect()
        greeting = await again.resume(bob)
        assert (greeting["id"], greeting["resumed"]) == (bob.id, False)
        await again.join(room["id"], name="Bob", instance="bob 1")
        assert (await ann.expect("member-joined"))["rejoined"] is True


async def test_page_that_goes_away_has_less_time() -> None:
    async with Server(resume_grace="600", reload_grace="0.05") as server:
        _, ann, bob = await pair(server)
        await bob.close(code=1001)
        assert (await ann.expect("member-left"))["reason"] == "timed-out"


async def test_reload_within_its_time_is_no_departure() -> None:
    async with Server(reload_grace="60") as server:
        room, ann, bob = await pair(server)
        await bob.close(code=1001)
        assert (await ann.expect("member-presence"))["presence"] == "reconnecting"
        again = await server.connect()
        await again.resume(bob)
        joined = await again.join(room["id"], name="Bob", instance="bob 2")
        assert [m["instance"] for m in joined["members"]] == ["ann 1", "bob 2"]
        online, told = await ann.take()
        assert online["presence"] == "online"
        assert (told["type"], told["rejoined"]) == ("member-joined", True)
        assert told["member"]["instance"] == "bob 2", "its links have to be replaced"


async def test_list_is_sent_afresh_after_a_resume() -> None:
    async with Server() as server:
        _, ann, bob = await pair(server)
        await bob.ask("list-rooms")
        bob.cut()
        await ann.expect("member-presence")
        cid = await server.connect()
        await cid.create("New")
        again = await server.connect()
        await again.resume(bob)
        newest = (await again.expect("rooms-list"))["rooms"][0]
        assert newest["name"] == "New"


# ---- restart -----------------------------------------------------------------------------


async def test_ticket_reopens_the_room_after_a_restart() -> None:
    async with Server() as server:
        room, ann, bob = await pair(
            server,
            password="Sesame",
            maxParticipants=5,
            metadata={"description": "for two", "private": True, "history": False},
        )
    async with Server() as server:
        bob2 = await server.connect()
        greeting = await bob2.resume(bob)
        assert (greeting["id"], greeting["resumed"]) == (bob.id, False)
        reopened = await bob2.join(room["id"], name="Bob", instance="bob 1", ticket=room["ticket"])
        for same in ("id", "name", "createdAt", "metadata", "maxParticipants", "hasPassword"):
            assert reopened[same] == room[same], same
        assert reopened["reopened"] is True
        assert reopened["host"] == bob.id, "for the time being"
        await bob2.ask("list-rooms")
        assert await bob2.take("rooms-list") == []

        stranger = await server.connect()
        for wish in ({}, {"password": "sesame"}, {"ticket": "no ticket"}):
            payload = {"roomId": room["id"], **wish}
            assert await stranger.refused("join-room", payload=payload) == "wrong-password"
        await stranger.join(room["id"], password="Sesame")

        ann2 = await server.connect()
        assert (await ann2.resume(ann))["id"] == ann.id
        back = await ann2.join(room["id"], name="Ann", instance="ann 1", ticket=room["ticket"])
        assert back["host"] == ann.id
        assert {"type": "host-changed", "roomId": room["id"], "host": ann.id} in await bob2.take()


async def test_interim_hosts_ticket_still_names_the_host() -> None:
    async with Server() as server:
        room, ann, bob = await pair(server)
    async with Server() as server:
        bob2 = await server.connect()
        await bob2.resume(bob)
        again = await bob2.join(room["id"], ticket=room["ticket"])
    async with Server() as server:
        bob3, ann3 = await server.connect(), await server.connect()
        await bob3.resume(bob2)
        await ann3.resume(ann)
        await bob3.join(room["id"], ticket=again["ticket"])
        assert (await ann3.join(room["id"], ticket=room["ticket"]))["host"] == ann.id


async def test_forged_ticket_opens_nothing() -> None:
    async with Server() as server:
        room, _, _ = await pair(server)
        other_room, _, _ = await pair(server)
        head, body, signature = room["ticket"].split(".")
        other_body = other_room["ticket"].split(".")[1]
    async with Server() as server:
        mallory = await server.connect()
        for forged in (
            f"{head}.{other_body}.{signature}",
            f"{head}.{body}.{signature[::-1]}",
            f"{head}.{body}.",
            other_room["ticket"],
            mallory.token,
            "",
        ):
            wish = {"roomId": room["id"], "ticket": forged}
            assert await mallory.refused("join-room", payload=wish) == "room-not-found"
    async with Server(secret="x" * 32) as server:
        mallory = await server.connect()
        wish = {"roomId": room["id"], "ticket": room["ticket"]}
        assert await mallory.refused("join-room", payload=wish) == "room-not-found"


async def test_both_members_return_at_once() -> None:
    """The second finds the room that the first has reopened."""
    async with Server() as server:
        room, ann, bob = await pair(server)
    async with Server() as server:
        ann2, bob2 = await server.connect(), await server.connect()
        for now, before in ((ann2, ann), (bob2, bob)):
            await now.say("resume", resumeToken=before.token, received=before.received)
            await now.say("join-room", payload={"roomId": room["id"], "ticket": room["ticket"]})
        for now in (ann2, bob2):
            assert (await now.expect("room-joined"))["room"]["reopened"] is True
        info = await ann2.ask("room-info", payload={"roomId": room["id"]})
        assert info["room"]["participantCount"] == 2


async def test_server_says_goodbye_when_it_stops() -> None:
    async with Server() as server:
        ann = await server.connect()
        channel = await server.connect_channels("x")
        *codes, _ = await asyncio.gather(ann.closed(), channel.closed(), server.stop())
        assert codes == [4012, 4012]
        for socket in (ann, channel):
            goodbye = await socket.expect("goodbye")
            assert (goodbye["code"], goodbye["reconnect"]) == ("shutdown", True)
