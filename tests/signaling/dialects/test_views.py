"""A room as each wire shows it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies

from signaling.chat_log import ChatLog
from signaling.dialects.views import iso, listed, millis, room_view, summary, ticket_for
from signaling.limits import Limits
from signaling.media_plane import MeshOnly
from signaling.mode_policy import ModePolicy
from signaling.registry import Registry
from signaling.room import Member, Room, RoomSpec
from signaling.tokens import Signer

SIGNER = Signer(b"thirty-two bytes of secret, and more")
REGISTRY = Registry(Limits(), ModePolicy(), MeshOnly())


def room() -> Room:
    spec = RoomSpec(
        id="r", name="Tea", description="for two", private=True, max_participants=5, password="d"
    )
    made = Room(spec=spec, created_at=1_700_000_000.25, chat=ChatLog(), host="ann")
    made.members["ann"] = Member("ann", "Ann", 1_700_000_000.25, instance="page 1")
    made.members["bob"] = Member("bob", None, 1_700_000_001.0, presence="reconnecting")
    return made


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000.25, "2023-11-14T22:13:20.250Z"),
        (1_700_000_000.9999, "2023-11-14T22:13:20.999Z"),
        (951_782_400.0, "2000-02-29T00:00:00.000Z"),
    ],
)
def test_time(seconds: float, text: str) -> None:
    assert iso(seconds) == text


@given(strategies.floats(0, 4e9))
def test_time_is_that_of_the_standard_library(seconds: float) -> None:
    there = datetime.fromisoformat(iso(seconds))
    assert abs((there - datetime.fromtimestamp(seconds, UTC)).total_seconds()) < 0.001
    assert millis(seconds) == int(seconds * 1000)


def test_room_for_its_members() -> None:
    view = room_view(room(), REGISTRY, SIGNER, 0.0)
    assert view.participants == ["ann", "bob"]
    assert [(m.id, m.name, m.presence, m.instance) for m in view.members] == [
        ("ann", "Ann", "online", "page 1"),
        ("bob", None, "reconnecting", None),
    ]
    assert (view.host, view.max_participants, view.capacity) == ("ann", 5, 5)
    assert (view.has_password, view.state) == (True, "active")
    assert view.metadata.private


def test_room_in_a_list_does_not_tell_who_is_there() -> None:
    view = summary(room(), REGISTRY)
    assert (view.id, view.participant_count, view.has_password) == ("r", 2, True)
    assert "ann" not in repr(view)


def test_room_in_the_other_list() -> None:
    view = listed(room())
    assert (view.host, view.host_id, view.max_participants) == ("Ann", "ann", 5)
    assert [(p.id, p.name) for p in view.participants] == [("ann", "Ann"), ("bob", None)]
    empty = room()
    empty.host = None
    empty.members.clear()
    assert (listed(empty).host, listed(empty).host_id) == (None, None)


def test_ticket_holds_what_reopening_needs() -> None:
    made = room()
    ticket = SIGNER.read_ticket(ticket_for(made, made.course, SIGNER, 0.0), 0.0)
    assert ticket is not None
    assert (ticket.room_id, ticket.name, ticket.description) == ("r", "Tea", "for two")
    assert (ticket.private, ticket.history, ticket.max_participants) == (True, True, 5)
    assert (ticket.created_at, ticket.host, ticket.password) == (1_700_000_000.25, "ann", "d")
    made.rightful_host = "cid"
    ticket = SIGNER.read_ticket(ticket_for(made, made.course, SIGNER, 0.0), 0.0)
    assert ticket is not None
    assert ticket.host == "cid", "the interim host does not inherit"
