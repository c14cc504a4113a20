"""Who is let in, and what the server keeps them from: conversations on virtual time."""

from typing import Any

import pytest

from signaling.exchange import SwitchboardConfig
from signaling.messages.records import Grants
from signaling.tokens import JoinClaims, Signer
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_visitor import Visitor
from tests.support.stage import SECRET, START, Client, Frame, Stage

LISTENER = Grants(publish=False)
ROOMS = "webrtc-dashboard-rooms"
LATER = int(START) + 3600


def token(
    room: str = "tea",
    exp: int = LATER,
    **said: Any,  # noqa: ANN401 - what a token says
) -> str:
    said.setdefault("jti", "t1")
    return Signer(SECRET).join_tokens.mint(JoinClaims(room=room, exp=exp, **said))


def moderator(
    room: str = "tea",
    **said: Any,  # noqa: ANN401 - likewise
) -> str:
    return token(room, grants=Grants(moderate=True), jti="mod", **said)


def by_token(*workers: FakeWorker) -> Stage:
    return Stage(SwitchboardConfig(needs_token=True), workers=workers)


def joined(client: Client, room_id: str = "tea", **payload: object) -> Frame:
    payload.setdefault("instance", "page")
    answer = client.ask("join-room", payload={"roomId": room_id, **payload})
    assert answer["type"] == "room-joined", answer
    return answer


def refused(client: Client, room_id: str = "tea", **payload: object) -> str:
    payload.setdefault("instance", "page")
    return client.refused("join-room", payload={"roomId": room_id, **payload})


def course(client: Client) -> Frame:
    return [f for f in client.log if f["type"] in {"mode-changed", "room-joined"}][-1]


# ---- the door ----------------------------------------------------------------------------


def test_guests_are_asked_for_a_token() -> None:
    stage = by_token()
    ann, bob = stage.connect(), stage.connect()
    assert ann.refused("create-room", payload={"name": "Tea"}) == "token-required"
    joined(ann, token=moderator())
    assert refused(bob) == "token-required"
    assert refused(bob, token="x.y.z") == "token-invalid"
    assert refused(bob, token=token("coffee")) == "token-invalid"
    assert refused(bob, token=token(exp=int(START) - 31)) == "token-invalid"
    joined(bob, token=token())


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (token("*"), None),
        (moderator("*"), None),
        (moderator("tea"), None),
        (token("tea", grants=Grants(admin=True)), None),
        (token("tea"), "not-permitted"),
        (token("tea", exp=1), "token-invalid"),
    ],
)
@pytest.mark.parametrize("needs_token", [True, False])
def test_who_makes_rooms(shown: str, code: str | None, needs_token: bool) -> None:
    stage = Stage(SwitchboardConfig(needs_token=needs_token))
    ann = stage.connect()
    payload = {"name": "Tea", "token": shown, "instance": "a"}
    if code is not None:
        assert ann.refused("create-room", payload=payload) == code
        return
    answer = ann.ask("create-room", payload=payload)
    is_any = Signer(SECRET).join_tokens.read(shown, START).is_for_any
    assert (answer["room"]["id"] == "tea") is not is_any
    assert answer["grants"]["publish"] is True


def test_a_password_is_kept_under_the_id_that_a_token_names() -> None:
    stage = Stage()
    ann, bob, cid = stage.connect(), stage.connect(), stage.connect()
    ann.create(token=moderator(), password="sesame")
    assert refused(bob) == "wrong-password"
    joined(bob, password="sesame")
    assert refused(cid, token=token("*")) == "wrong-password"
    joined(cid, token=token())


def test_who_moderates_opens_its_room_by_coming() -> None:
    stage = by_token()
    ann, bob = stage.connect(), stage.connect()
    assert refused(bob, token=token()) == "room-not-found"
    room = joined(ann, token=moderator())["room"]
    assert (room["id"], room["name"], room["metadata"]["private"]) == ("tea", "tea", True)
    joined(bob, token=token())
    assert refused(bob, "coffee", token=moderator("*")) == "room-not-found"


def test_a_token_names_its_bearer() -> None:
    stage = Stage()
    ann, bob, cid = stage.connect(), stage.connect(), stage.connect()
    room = joined(ann, token=moderator(name="Ada", sub="u1"), name="Mallory")["room"]
    assert [(one["name"], one["userId"]) for one in room["members"]] == [("Ada", "u1")]
    assert refused(bob, name="ADA") == "name-taken"
    assert refused(bob, token=token(name="Ada", sub="u2")) == "name-taken"
    room = joined(bob, token=token(name="Ada", sub="u1"))["room"]  # another device of hers
    assert len(room["members"]) == 2
    guest = joined(cid, name="Cid")["room"]["members"][-1]
    assert "userId" not in guest


def test_nothing_of_a_token_is_told_to_others() -> None:
    stage = Stage()
    ann, bob = stage.connect(), stage.connect()
    joined(ann, token=moderator())
    shown = token(name="Bo", grants=LISTENER)
    answer = joined(bob, token=shown)
    assert answer["grants"] == {
        "publish": False, "subscribe": True, "data": True, "moderate": False, "admin": False,
    }  # fmt: skip
    assert all(shown not in str(frame) for frame in ann.log)
    assert "grants" not in joined(stage.connect())


def test_the_door_does_not_tell_who_is_inside() -> None:
    stage = by_token()
    ann, bob = stage.connect(), stage.connect()
    joined(ann, token=moderator(name="Ada"))
    assert bob.ask("room-info", payload={"roomId": "tea"})["people"] == []


def test_legacy_direct_mode_is_off_where_tokens_are_asked_for() -> None:
    stage = Stage(SwitchboardConfig(needs_token=True, legacy_direct=True))
    ann, bob = stage.connect(local=True), stage.connect(local=True)
    assert ann.refused("offer", to=bob.id, payload={}) == "not-allowed"


# ---- coming back -------------------------------------------------------------------------


def test_a_resumed_session_keeps_its_grants() -> None:
    stage = by_token(FakeWorker())
    ann, bob = stage.connect(), stage.connect()
    joined(ann, token=moderator())
    joined(bob, token=token(grants=LISTENER))
    bob.drop()
    again = stage.connect()
    assert again.resume(bob)["resumed"]
    visitor = Visitor(again, "tea")
    assert produce(visitor) == "not-permitted"
    assert joined(again, instance="another page")["grants"]["publish"] is False


def test_a_ticket_brings_back_its_bearer_with_its_grants_and_nobody_else() -> None:
    before = by_token(FakeWorker())
    ann, bob = before.connect(), before.connect()
    joined(ann, token=moderator())
    joined(bob, token=token(grants=LISTENER, name="Bo", sub="u2"))
    ticket = course(bob)
    ticket = ticket["room"]["ticket"] if "room" in ticket else ticket["ticket"]
    after = by_token(FakeWorker())
    after.now = LATER + 3600.0  # the token has expired since
    thief, back = after.connect(), after.connect()
    assert refused(thief, ticket=ticket) == "token-required"
    back.resume(bob)
    room = joined(back, ticket=ticket, token=token(grants=Grants(), exp=LATER))["room"]
    assert (room["members"][0]["name"], room["members"][0]["userId"]) == ("Bo", "u2")
    assert produce(Visitor(back, "tea")) == "not-permitted"


def test_every_bearer_is_told_a_ticket_of_its_own_and_guests_share_one() -> None:
    stage = Stage(workers=[FakeWorker()])
    ann, bob, cid, dee = [stage.connect() for _ in range(4)]
    joined(ann, token=moderator())
    joined(bob, token=token())
    joined(cid)
    joined(dee)
    ann.ask("pin-mode", roomId="tea", mode="sfu")
    tickets = [client.take("mode-changed")[-1]["ticket"] for client in (ann, bob, cid, dee)]
    assert len(set(tickets)) == 3
    assert tickets[2] == tickets[3]


def test_a_guest_s_ticket_is_no_token() -> None:
    opened = Stage()
    ann = opened.connect()
    room = ann.create(instance="a")
    closed = by_token()
    back = closed.connect()
    back.resume(ann)
    assert refused(back, room["id"], ticket=room["ticket"]) == "token-required"


def test_who_is_in_stays_when_its_token_expires_and_may_show_another() -> None:
    stage = Stage(SwitchboardConfig(needs_token=True))
    ann = stage.connect()
    joined(ann, token=moderator(exp=int(START) + 60))
    stage.advance(1000)
    assert joined(ann, token=moderator(exp=int(START) + 60))["grants"]["moderate"] is True
    assert joined(ann, token=token())["grants"]["moderate"] is False


# ---- what the server keeps to --------------------------------------------------------------


def produce(visitor: Visitor) -> str:
    return visitor.refused(
        "produce",
        transportId=visitor.send,
        kind="video",
        source="camera",
        rtpParameters={"codecs": []},
    )


def on_sfu(grants: Grants) -> tuple[Visitor, Visitor]:
    """A moderator and a member with these grants, whose room is on the SFU for that."""
    stage = Stage(workers=[FakeWorker()])
    ann, bob = stage.connect(), stage.connect()
    joined(ann, token=moderator())
    joined(bob, token=token(grants=grants))
    generation = ann.expect("prepare-hand-over")["generation"]
    ann.say("hand-over-ready", roomId="tea", generation=generation)
    assert course(ann)["mode"] == "sfu"
    return Visitor(ann, "tea"), Visitor(bob, "tea")


def test_who_may_not_publish_does_not() -> None:
    ann, bob = on_sfu(Grants(publish=False))
    assert produce(bob) == "not-permitted"
    bob.consume(ann.produce())
    bob.produce_data()
    bob.client.ask("chat", roomId="tea", payload="Hello")


def test_who_may_not_subscribe_does_not() -> None:
    ann, bob = on_sfu(Grants(subscribe=False))
    producer = ann.produce()
    sent = {"transportId": bob.recv, "producerId": producer, "rtpCapabilities": {}}
    assert bob.refused("consume", **sent) == "not-permitted"
    bob.produce()
    bob.consume_data(ann.produce_data())


def test_who_may_not_send_messages_does_not() -> None:
    ann, bob = on_sfu(Grants(data=False))
    sent = {"transportId": bob.send, "sctpStreamParameters": {}}
    assert bob.refused("produce-data", **sent) == "not-permitted"
    assert bob.client.refused("chat", roomId="tea", payload="Hello") == "not-permitted"
    assert ann.client.take("chat") == []
    bob.produce()
    bob.consume_data(ann.produce_data())
    assert bob.client.ask("chat-history", roomId="tea")["messages"] == []


@pytest.mark.parametrize("kind", ["offer", "answer", "ice-candidate"])
def test_no_signal_of_a_mesh_passes_from_or_to_a_restricted_member(kind: str) -> None:
    stage = Stage(SwitchboardConfig(legacy_direct=True))
    ann, bob, cid = stage.connect(), stage.connect(), stage.connect()
    joined(ann, token=moderator())
    joined(bob, token=token(grants=LISTENER))
    joined(cid)
    body = {"sdp": "v=0", "type": kind}
    for sender, target in ((ann, bob), (bob, ann)):
        assert sender.refused(kind, roomId="tea", to=target.id, payload=body) == "not-permitted"
        assert sender.refused(kind, to=target.id, payload=body) == "not-permitted"
        assert target.take(kind) == []
    assert cid.ask(kind, roomId="tea", to=ann.id, payload=body)["type"] == "ok"


def test_a_restricted_member_pins_its_room_to_the_sfu_and_says_why() -> None:
    stage = Stage(workers=[FakeWorker()])
    ann, bob = stage.connect(), stage.connect()
    joined(ann, token=moderator())
    room = joined(bob, token=token(grants=LISTENER))["room"]
    assert room["pins"] == [{"mode": "sfu", "reason": "grants", "member": bob.id}]
    assert room["mode"] == "sfu"
    ann.ask("pin-mode", roomId="tea", mode="mesh")
    generation = ann.expect("prepare-hand-over")["generation"]
    ann.say("hand-over-ready", roomId="tea", generation=generation)
    assert course(ann)["reason"] == "pinned"
    bob.say("leave-room", payload={"roomId": "tea"})
    assert course(ann)["pins"] == [{"mode": "mesh", "reason": "host", "member": ann.id}]


def test_a_restricted_member_holds_nobody_back() -> None:
    """It has nothing in the mesh: its silence and its failures are its own."""
    stage = Stage(workers=[FakeWorker()])
    ann, bob = stage.connect(), stage.connect()
    joined(ann, token=moderator())
    joined(bob, token=token(grants=LISTENER))
    generation = ann.expect("prepare-hand-over")["generation"]
    bob.say("hand-over-failed", roomId="tea", generation=generation)
    bob.say("report-sfu", roomId="tea", reachable=False)
    ann.say("hand-over-ready", roomId="tea", generation=generation)
    stage.advance(120)
    assert course(ann)["mode"] == "sfu"


def test_plain_clients_and_restricted_members_do_not_meet() -> None:
    stage = Stage()
    ann, plain = stage.connect(), stage.connect()
    joined(ann, token=token(grants=Grants(publish=False, moderate=True)))
    assert plain.refused("join-room", payload={"roomId": "tea"}) == "sfu-required"
    payload = {"roomId": "tea", "token": token(grants=LISTENER)}
    assert plain.refused("join-room", payload=payload) == "sfu-required"


# ---- moderation --------------------------------------------------------------------------


def test_who_moderates_decides_the_mode_though_another_is_host() -> None:
    stage = Stage(workers=[FakeWorker()])
    ann, bob, cid = stage.connect(), stage.connect(), stage.connect()
    joined(ann, token=moderator())
    joined(bob, token=moderator())
    joined(cid)
    assert cid.refused("pin-mode", roomId="tea", mode="sfu") == "not-allowed"
    assert bob.ask("pin-mode", roomId="tea", mode="sfu")["type"] == "ok"


def test_who_was_taken_out_does_not_come_back_by_the_same_token() -> None:
    stage = by_token()
    ann, bob, cid = stage.connect(), stage.connect(), stage.connect()
    joined(ann, token=moderator())
    ticket = joined(bob, token=token(jti="bob"))["room"]["ticket"]
    joined(cid, token=token(jti="cid"))
    to = {"roomId": "tea", "memberId": bob.id}
    assert cid.refused("remove-member", **to) == "not-permitted"
    assert ann.ask("remove-member", **to)["type"] == "ok"
    assert bob.expect("member-left")["reason"] == "removed"
    assert cid.expect("member-left")["memberId"] == bob.id
    assert refused(bob, token=token(jti="bob")) == "not-permitted"
    assert refused(bob, ticket=ticket) == "not-permitted"
    assert ann.refused("remove-member", **to) == "not-a-member"
    assert stage.connect().refused("remove-member", **to) == "not-a-member"
    joined(bob, token=token(jti="another"))


def test_only_who_administers_closes_the_room() -> None:
    stage = by_token()
    ann, boss = stage.connect(), stage.connect()
    room = joined(ann, token=moderator())["room"]
    joined(boss, token=token(grants=Grants(admin=True)))
    assert ann.refused("close-room", roomId="tea") == "not-permitted"
    assert boss.ask("close-room", roomId="tea")["type"] == "ok"
    assert ann.expect("room-closed")["reason"] == "closed-by-operator"
    assert refused(ann, ticket=room["ticket"]) == "room-not-found"
    assert boss.refused("close-room", roomId="tea") == "room-not-found"


# ---- the channel dialect -----------------------------------------------------------------


def say(client: Client, kind: str, **data: object) -> str:
    answer = client.ask(kind, channel=ROOMS, data=data)
    return "ok" if answer["type"] == "ok" else str(answer["code"])


def test_channel_clients_show_a_token_too() -> None:
    stage = by_token()
    ann, bob = stage.connect_channels(ROOMS), stage.connect_channels(ROOMS)
    room: dict[str, object] = {"id": "tea", "name": "Tea", "hostId": "u1", "host": "Mallory"}
    assert say(ann, "room-created", **room) == "token-required"
    assert say(ann, "room-created", **room, token=token()) == "not-permitted"
    assert say(ann, "room-created", **room, token=moderator("coffee")) == "token-invalid"
    assert say(ann, "room-created", **room, token=moderator(sub="u2")) == "not-permitted"
    assert say(ann, "room-created", **room, token=moderator(sub="u1", name="Ada")) == "ok"
    assert say(ann, "room-created", **room) == "ok", "again, by the host"
    member: dict[str, object] = {"roomId": "tea", "userId": "u2"}
    assert say(bob, "user-joined-room", **member) == "token-required"
    assert say(bob, "user-joined-room", **member, token=token(grants=LISTENER)) == "sfu-required"
    assert say(bob, "user-joined-room", **member, token=token()) == "ok"
    assert stage.registry.index.get("tea").members["u1"].name == "Ada"


def test_channels_are_not_for_strangers_where_tokens_are_asked_for() -> None:
    stage = by_token()
    ann = stage.connect_channels(ROOMS, "news", address="192.0.2.1")
    eve = stage.connect_channels(ROOMS, "news", "webrtc-signaling", address="192.0.2.66")
    bob = stage.connect_channels(ROOMS, "news", address="192.0.2.2")
    room = {"id": "tea", "name": "Tea", "hostId": "u1", "token": moderator()}
    assert say(ann, "room-created", **room) == "ok"
    assert say(bob, "user-joined-room", roomId="tea", userId="u2", token=token()) == "ok"
    for client in (ann, bob, eve):
        client.take()
    assert eve.refused("headline", channel="news") == "token-required"
    ann.say("headline", channel="news")
    assert len(bob.take("headline")) == 1
    assert eve.take("headline") == []
    offer = {"fromUserId": "u1", "toUserId": "u2", "offer": {"sdp": "v=0"}}
    assert ann.refused("webrtc-offer", channel="webrtc-signaling", **offer)
    assert eve.take("webrtc-offer") == []
