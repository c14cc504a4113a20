"""What is worth a line in the log: the events of a server's life, with ids and without secrets.

Pure: the core notes entries here, the shell writes them. An entry holds ids, codes, reasons and
numbers; never a token, a password, a name, chat or media. An address is held as it is: the shell
shortens it before it is written.
"""

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from signaling.events import (
    Event,
    HandOverBegan,
    MemberJoined,
    MemberLeft,
    ModeChanged,
    PresenceChanged,
    RoomClosed,
)
from signaling.messages.records import Mode
from signaling.room import Room

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

MOST_KEPT = 10_000
"""Entries that wait to be written; the oldest are lost if nobody does."""

Value: TypeAlias = str | int | float | bool | None
Kind: TypeAlias = Literal[
    "server-started",
    "server-draining",
    "server-ended",
    "room-opened",
    "room-closed",
    "member-joined",
    "member-left",
    "member-lost",
    "member-resumed",
    "mode-prepared",
    "mode-committed",
    "mode-aborted",
    "router-moved",
    "worker-started",
    "worker-draining",
    "worker-drained",
    "worker-lost",
    "join-refused",
    "log-level-changed",
]


class _Wish(msgspec.Struct, frozen=True, rename="camel"):
    room_id: str | None = None


class _Asked(msgspec.Struct, frozen=True):
    payload: _Wish = _Wish()


_read = msgspec.json.Decoder(_Asked).decode


def asked_room(text: str) -> str | None:
    """The room that a refused request names, as far as that can be told."""
    try:
        room_id = _read(text).payload.room_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return plain_id(room_id)


def plain_id(text: object) -> str | None:
    """What looks like an id; None for anything else, such as a token or a sentence."""
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


@dataclass(frozen=True)
class Entry:
    """One event.

    Attributes:
        kind: Which.
        fields: What is known of it, by name.
    """

    kind: Kind
    fields: dict[str, Value]


@dataclass(slots=True)
class _Course:
    """What was noted last of a room's course; ``prepared``: generation, and since when."""

    mode: Mode
    prepared: tuple[int, float] | None = None


@dataclass(slots=True)
class Journal:
    """Entries in order, until they are taken."""

    _entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    _courses: dict[str, _Course] = field(default_factory=dict)

    def note(self, kind: Kind, /, **fields: Value) -> None:
        """Something has happened."""
        self._entries.append(Entry(kind, fields))

    def take(self) -> list[Entry]:
        """Takes out what has been noted."""
        if not self._entries:
            return []
        entries = list(self._entries)
        self._entries.clear()
        return entries

    def opened(self, room: Room, address: str) -> None:
        """A room is there now."""
        if room.id in self._courses:
            return
        self._courses[room.id] = _Course(room.decision.mode)
        mode = room.decision.mode
        self.note("room-opened", room=room.id, mode=mode, reopened=room.reopened, address=address)

    def follow(self, event: Event, address: str, now: float) -> None:
        """An event of the registry; ``address``: of the member it is about, if it is known."""
        match event:
            case MemberJoined(room=room, member=member, rejoined=rejoined):
                self.opened(room, address)
                where = {"room": room.id, "member": member.id, "address": address}
                self.note("member-joined", **where, rejoined=rejoined, members=len(room.members))
            case MemberLeft(room=room, member_id=member_id, reason=reason):
                left = len(room.members)
                self.note(
                    "member-left", room=room.id, member=member_id, reason=reason, members=left
                )
            case PresenceChanged(room=room, member=member):
                is_back = member.presence == "online"
                kind: Kind = "member-resumed" if is_back else "member-lost"
                self.note(kind, room=room.id, member=member.id)
            case HandOverBegan(room=room, hand_over=hand_over):
                aim = hand_over.aim
                course = self._courses.setdefault(room.id, _Course(room.decision.mode))
                course.prepared = (aim.generation, now)
                told = {"reason": aim.reason.value, "generation": aim.generation}
                self.note("mode-prepared", room=room.id, mode=aim.mode, **told)
            case ModeChanged(room=room):
                self._mode_changed(room, now)
            case RoomClosed(room=room, members=members, reason=reason):
                self._courses.pop(room.id, None)
                self.note("room-closed", room=room.id, reason=reason, members=len(members))
            case _:
                pass

    def _mode_changed(self, room: Room, now: float) -> None:
        course = self._courses.setdefault(room.id, _Course(room.decision.mode))
        decision, prepared = room.decision, course.prepared
        still = None if room.hand_over is None else room.hand_over.generation
        changed = decision.mode != course.mode
        ended = prepared is not None and prepared[0] != still
        if not changed and not ended:
            return
        kind: Kind = "mode-committed" if changed else "mode-aborted"
        self.note(
            kind,
            room=room.id,
            mode=decision.mode,
            reason=decision.reason.value,
            generation=decision.generation,
            seconds=round(now - prepared[1], 3) if prepared is not None else 0.0,
        )
        course.mode, course.prepared = decision.mode, None
