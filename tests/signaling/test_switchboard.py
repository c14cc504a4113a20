"""The whole service on virtual time: what depends on the clock, and what a socket would hide."""

import itertools
from typing import Any

import pytest

from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from signaling.messages import channels
from signaling.messages.wire import ErrorCode
from tests.support.stage import START, Client, Stage

ROOMS, SIGNALING = channels.ROOMS, channels.SIGNALING


def stage(empty_room_ttl: float = 0.0, **limits: float) -> Stage:
    config = SwitchboardConfig(limits=Limits(**limits))  # type: ignore[arg-type]
    return Stage(config, empty_room_ttl=empty_room_ttl)


def pair(scene: Stage) -> tuple[str, Client, Client]:
    """A room with two members that resume, and nothing left to read."""
    ann, bob = scene.connect(), scene.connect("192.0.2.2")
    room_id = ann.create(memberName="Ann", instance="a")["id"]
    bob.join(room_id, name="Bob", instance="b")
    scene.advance(1.0)
    for client in (ann, bob):
        client.take()
    return room_id, ann, bob


# ---- lists ---------------------------------------------------------------------------------


def test_lists_are_coalesced_and_never_more_than_ten_a_second() -> None:
    scene = stage(rooms_per_address=1000, rooms_per_member=1000, messages_per_second=0)
    watcher, ann = scene.connect(), scene.connect()
    listener = scene.connect_channels(ROOMS)
    watcher.ask("list-rooms")
    for _ in range(300):
        ann.create()
        scene.advance(0.01)
    for client, kind in ((watcher, "rooms-list"), (listener, "server-room-list")):
        came = zip(client.log, client.times, strict=True)
        times = [at for frame, at in came if frame["type"] == kind and "id" not in frame]
        assert 25 <= len(times) <= 31
        assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.0999


def test_single_change_is_told_at_once() -> None:
    scene = stage()
    watcher, ann = scene.connect(), scene.connect()
    watcher.ask("list-rooms")
    scene.advance(10.0)
    ann.create()
    scene.advance(0.0)
    assert len(watcher.expect("rooms-list")["rooms"]) == 1


def test_list_is_repeated_every_five_seconds_while_there_are_rooms() -> None:
    scene = stage()
    listener, ann = scene.connect_channels(ROOMS), scene.connect()
    scene.advance(60.0)
    assert listener.take("server-room-list") == []
    room_id = ann.create()["id"]
    scene.advance(0.0)
    assert len(listener.take("server-room-list")) == 1
    scene.advance(4.9)
    assert listener.take("server-room-list") == []
    scene.advance(0.1)
    (repeated,) = listener.take("server-room-list")
    assert [room["id"] for room in repeated["rooms"]] == [room_id]
    scene.advance(50.0)
    assert len(listener.take("server-room-list")) == 10
    ann.say("leave-room", payload={"roomId": room_id})
    scene.advance(60.0)
    (last,) = listener.take("server-room-list")
    assert last["rooms"] == []
    assert scene.switchboard.next_deadline() is None, "an idle server sleeps"


def test_room_dialect_is_not_told_what_has_not_changed() -> None:
    scene = stage()
    watcher, ann = scene.connect(), scene.connect()
    watcher.ask("list-rooms")
    ann.create()
    scene.advance(60.0)
    assert len(watcher.take("rooms-list")) == 1


def test_list_holds_the_newest_rooms_up_to_a_limit() -> None:
    scene = stage(listed_rooms=3)
    ann = scene.connect()
    names = [ann.create(f"Room {number}")["name"] for number in range(5)]
    listed = ann.ask("list-rooms")
    assert [room["name"] for room in listed["rooms"]] == names[:1:-1]
    assert listed["total"] == 5


def test_list_shows_that_a_room_is_in_call() -> None:
    scene = stage()
    room_id, ann, bob = pair(scene)
    ann.ask("list-rooms")
    bob.say("answer", roomId=room_id, to=ann.id, payload={})
    scene.advance(1.0)
    assert ann.expect("rooms-list")["rooms"][0]["state"] == "in-call"


# ---- how many are connected ----------------------------------------------------------------


def test_counts_are_coalesced() -> None:
    scene = stage()
    listener = scene.connect_channels("news")
    scene.advance(1.0)
    listener.take()
    clients = [scene.connect() for _ in range(50)]
    scene.advance(0.0)
    assert [frame["count"] for frame in listener.take("client_count")] == [51]
    for client in clients:
        client.drop()
        scene.advance(0.01)
    scene.advance(1.0)
    counts = [frame["count"] for frame in listener.take("client_count")]
    assert len(counts) <= 7
    assert counts[-1] == 1


def test_nobody_is_told_the_count_who_did_not_come_for_channels() -> None:
    scene = stage()
    ann = scene.connect()
    scene.connect_channels("news")
    scene.advance(1.0)
    assert ann.take("client_count") == []


# ---- losing and finding --------------------------------------------------------------------


@pytest.mark.parametrize(("code", "grace"), [(1006, 30.0), (1000, 30.0), (1001, 5.0), (4009, 30.0)])
def test_place_is_kept_for_the_grace_time(code: int, grace: float) -> None:
    scene = stage()
    _, ann, bob = pair(scene)
    bob.drop(code)
    assert ann.expect("member-presence")["presence"] == "reconnecting"
    scene.advance(grace - 0.01)
    assert ann.take() == []
    scene.advance(0.01)
    assert ann.expect("member-left")["reason"] == "timed-out"
    assert set(scene.exchange.sessions) == {ann.id}


def test_grace_time_begins_again_with_each_loss() -> None:
    scene = stage()
    _, ann, bob = pair(scene)
    for _ in range(5):
        bob.drop()
        scene.advance(29.0)
        again = scene.connect()
        assert again.resume(bob)["resumed"] is True
        scene.advance(29.0)
        bob = again
    assert ann.take("member-left") == []


def test_last_member_is_given_its_time_too() -> None:
    scene = stage()
    ann = scene.connect()
    room_id = ann.create(instance="a")["id"]
    ann.drop()
    scene.advance(29.9)
    assert room_id in scene.registry.index
    scene.advance(0.1)
    assert len(scene.registry.index) == 0


def test_client_in_no_room_leaves_nothing_behind_at_once() -> None:
    scene = stage()
    ann = scene.connect()
    ann.ask("list-rooms")
    ann.drop()
    assert scene.exchange.sessions == {}
    assert scene.exchange.list_subscribers == {}


def test_host_passes_on_only_after_the_grace_time() -> None:
    scene = stage()
    room_id, ann, bob = pair(scene)
    ann.drop()
    scene.advance(29.0)
    assert bob.take("host-changed") == []
    scene.advance(1.0)
    assert bob.expect("host-changed") == {"type": "host-changed", "roomId": room_id, "host": bob.id}


def test_signals_to_somebody_who_is_away_are_kept() -> None:
    scene = stage()
    room_id, ann, bob = pair(scene)
    bob.drop()
    ann.take()
    assert ann.ask("offer", roomId=room_id, to=bob.id, payload={"n": 1})["type"] == "ok"
    again = scene.connect()
    again.resume(bob)
    assert again.expect("offer")["payload"] == {"n": 1}


def test_frames_that_were_on_their_way_when_the_connection_broke_come_again() -> None:
    """The server wrote them; the client never had them."""
    scene = stage()
    room_id, ann, bob = pair(scene)
    received = bob.received
    for number in range(3):
        ann.say("chat", roomId=room_id, payload=f"{number}")
    bob.received = received + 1
    again = scene.connect()
    assert again.resume(bob)["resumed"] is True
    assert [frame["payload"] for frame in again.take("chat")] == ["1", "2"]


def test_replaced_connection_is_heard_no_more() -> None:
    scene = stage()
    room_id, ann, bob = pair(scene)
    again = scene.connect()
    again.resume(bob)
    assert bob.closing is not None
    bob.say("chat", roomId=room_id, payload="ghost")
    bob.say("leave-room", payload={"roomId": room_id})
    bob.say_text("nonsense")
    scene.switchboard.reject_frame(bob.connection, ErrorCode.BAD_MESSAGE, "binary", scene.now)
    bob.drop(4001)
    scene.advance(60.0)
    assert ann.take() == []
    assert again.take("member-left", "chat") == []


def test_frames_after_the_end_of_a_connection_are_ignored() -> None:
    scene = stage()
    ann = scene.connect()
    ann.drop()
    ann.drop()
    ann.say("ping")
    assert scene.switchboard.take_effects() == []


def test_member_whose_missed_frames_are_gone_has_to_join_again() -> None:
    scene = stage(replay_bytes=1000)
    room_id, ann, bob = pair(scene)
    bob.drop()
    ann.say("chat", roomId=room_id, payload="x" * 2000)
    again = scene.connect()
    assert again.resume(bob)["resumed"] is False
    ann.take()
    joined = again.join(room_id, name="Bob", instance="b")
    assert joined["participants"] == [ann.id, bob.id]
    assert [frame["type"] for frame in ann.take()] == ["member-joined"]


# ---- rate ----------------------------------------------------------------------------------


def test_too_many_frames_are_refused_and_forgiven() -> None:
    scene = stage(messages_per_second=10, message_burst=20, flood_strikes=100)
    ann = scene.connect()
    for _ in range(30):
        ann.say("ping")
    assert len(ann.take("pong")) == 20
    (error,) = ann.take("error")
    assert error["code"] == "too-many-requests"
    scene.advance(2.0)
    assert ann.ask("ping")["type"] == "pong"
    assert ann.closing is None


def test_flood_of_text_or_binary_frames_ends_the_connection_once() -> None:
    for binary in (False, True):
        scene = stage(messages_per_second=10, message_burst=20, flood_strikes=30)
        ann = scene.connect()
        for _ in range(500):
            if binary:
                scene.switchboard.reject_frame(
                    ann.connection, ErrorCode.BAD_MESSAGE, "binary", scene.now
                )
                scene.flush()
            else:
                ann.say("ping")
        assert ann.closing is not None
        assert ann.closing.code == 4008
        assert len(ann.take("goodbye")) == 1
        assert len(ann.log) <= 1 + 20 + 2 + 1


@pytest.mark.parametrize("strikes", [1, 2, 3])
def test_flood_is_noticed_however_few_strikes_are_allowed(strikes: int) -> None:
    scene = stage(messages_per_second=1, message_burst=1, flood_strikes=strikes)
    ann = scene.connect()
    for _ in range(1 + strikes):
        assert ann.closing is None
        ann.say("ping")
    assert ann.closing is not None


def test_everybody_has_a_rate_of_their_own() -> None:
    scene = stage(messages_per_second=1, message_burst=5, flood_strikes=5)
    ann, bob = scene.connect(), scene.connect()
    for _ in range(50):
        ann.say("ping")
    assert bob.ask("ping")["type"] == "pong"


# ---- other ---------------------------------------------------------------------------------


def test_times_are_virtual() -> None:
    scene = stage()
    scene.advance(1.5)
    ann = scene.connect()
    assert ann.ask("ping")["timestamp"] == (START + 1.5) * 1000
    assert ann.create()["createdAt"] == "2023-11-14T22:13:21.500Z"


def test_rooms_without_members_end_in_time() -> None:
    scene = stage(empty_room_ttl=60.0)
    ann = scene.connect()
    room_id = ann.create()["id"]
    ann.ask("chat", roomId=room_id, payload="before")
    ann.ask("leave-room", payload={"roomId": room_id})
    scene.advance(59.0)
    ann.join(room_id)
    assert ann.ask("chat-history", roomId=room_id)["messages"][0]["payload"] == "before"
    ann.ask("leave-room", payload={"roomId": room_id})
    scene.advance(59.9)
    assert room_id in scene.registry.index
    scene.advance(0.1)
    assert ann.refused("join-room", payload={"roomId": room_id}) == "room-not-found"


def test_presence_of_a_channel_member_returns_with_any_word_of_it() -> None:
    scene = stage()
    ann = scene.connect()
    room_id = ann.create(instance="a")["id"]
    data = {"roomId": room_id, "userId": "bob"}
    bob = scene.connect_channels(ROOMS, SIGNALING)
    bob.say("user-joined-room", channel=ROOMS, data=data)
    words: list[tuple[str, str, dict[str, Any]]] = [
        ("webrtc-offer", SIGNALING, {"fromUserId": "bob", "toUserId": ann.id, "offer": {}}),
        ("user-joined-room", ROOMS, {"data": data}),
        ("user-left-room", ROOMS, {"data": data}),
    ]
    for kind, channel, fields in words:
        bob.drop()
        ann.take()
        bob = scene.connect_channels(ROOMS, SIGNALING)
        bob.say(kind, channel=channel, **fields)
        assert scene.registry.index.rooms_of("bob") == [] or (
            scene.registry.index.get(room_id).members["bob"].presence == "online"
        )
    assert ann.take("member-left")


def test_message_to_many_is_encoded_once() -> None:
    scene = stage()
    room_id, ann, _ = pair(scene)
    scene.switchboard.receive(
        ann.connection, f'{{"type":"chat","roomId":"{room_id}","payload":"x"}}', scene.now
    )
    (write,) = scene.switchboard.take_effects()
    assert len(write.connections) == 2  # type: ignore[union-attr]
