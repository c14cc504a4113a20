"""What a client of the room dialect believes, from nothing but the frames it was sent."""

from dataclasses import dataclass, field

from signaling.registry import Registry
from tests.support.stage import Frame


@dataclass
class RoomReplica:
    """One room as its member knows it."""

    participants: list[str]
    host: str | None
    mode: str
    generation: int
    core: list[str] | None
    away: set[str]
    names: dict[str, str | None]
    last_order: int | None = None
    entered: int = 0
    """The generation it was told on entering: perhaps that of a hand-over which was under way."""
    preparing: int = 0
    """The last generation it was asked to get ready for."""


@dataclass
class Replica:
    """The rooms of one member, kept over all its connections."""

    member_id: str = ""
    rooms: dict[str, RoomReplica] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    """Rooms to join again, with their tickets, after the server has said that it forgot."""
    tickets: dict[str, str] = field(default_factory=dict)
    listed: list[str] | None = None

    def read(self, frame: Frame) -> None:
        """Takes one frame into account; asserts that it makes sense after those before."""
        kind = frame["type"]
        if kind == "client-id":
            self._greeted(frame)
        elif kind in {"room-created", "room-joined"}:
            self._entered(frame["room"])
        elif kind == "rooms-list":
            self.listed = [room["id"] for room in frame["rooms"]]
        elif frame.get("roomId") in self.rooms:
            self._told(kind, frame, self.rooms[frame["roomId"]])

    def left(self, room_id: str) -> None:
        """Its own departure is answered, not told."""
        self.rooms.pop(room_id, None)
        self.tickets.pop(room_id, None)

    def _greeted(self, frame: Frame) -> None:
        if frame["resumed"]:
            assert frame["id"] == self.member_id
            return
        self.lost |= {room_id: self.tickets[room_id] for room_id in self.rooms}
        self.rooms, self.member_id, self.listed = {}, frame["id"], None

    def _entered(self, room: Frame) -> None:
        before = self.rooms.get(room["id"])
        assert self.member_id in room["participants"]
        self.rooms[room["id"]] = RoomReplica(
            participants=room["participants"],
            host=room["host"],
            mode=room["mode"],
            generation=room["generation"],
            core=room["core"],
            entered=room["generation"],
            away={m["id"] for m in room["members"] if m["presence"] == "reconnecting"},
            names={m["id"]: m["name"] for m in room["members"]},
            last_order=before.last_order if before else None,
        )
        self.tickets[room["id"]] = room["ticket"]
        self.lost.pop(room["id"], None)

    def _told(self, kind: str, frame: Frame, room: RoomReplica) -> None:
        match kind:
            case "member-joined":
                assert (frame["memberId"] in room.participants) <= frame["rejoined"]
                room.participants = frame["participants"]
                room.names[frame["memberId"]] = frame["member"]["name"]
                room.away.discard(frame["memberId"])
            case "member-left":
                assert frame["memberId"] in room.participants
                if frame["memberId"] == self.member_id:
                    assert frame["reason"] == "removed"
                    self.left(frame["roomId"])
                    return
                room.participants = frame["participants"]
                room.away.discard(frame["memberId"])
            case "member-presence":
                assert (frame["memberId"] in room.away) == (frame["presence"] == "online")
                room.away ^= {frame["memberId"]}
            case "host-changed":
                assert frame["host"] != room.host
                room.host = frame["host"]
            case "prepare-hand-over":
                self._asked(frame, room)
            case "mode-changed":
                self._settled(frame, room)
            case "chat":
                assert room.last_order in {None, frame["order"] - 1}, "none missing, none twice"
                room.last_order = frame["order"]
            case "room-closed":
                self.left(frame["roomId"])
            case _:
                assert kind in {"offer", "answer", "ice-candidate", "error", "chat-history"}

    def _asked(self, frame: Frame, room: RoomReplica) -> None:
        """The word to come is a later one than any before; but who just entered knows it."""
        assert frame["generation"] > room.preparing
        assert frame["generation"] >= room.generation
        is_known = frame["generation"] == room.generation
        assert is_known == (frame["mode"] == room.mode), "only another mode takes a hand-over"
        assert not is_known or room.generation == room.entered
        room.preparing = frame["generation"]

    def _settled(self, frame: Frame, room: RoomReplica) -> None:
        """One number is one mode and one core; what is older is for who has not been told yet."""
        if frame["generation"] < room.generation:
            assert room.generation == room.entered, "told ahead of the others"
            return
        word = (frame["mode"], frame["core"])
        if frame["generation"] == room.generation:
            assert word == (room.mode, room.core)
        room.mode, room.core = word
        room.generation = frame["generation"]

    def agrees_with(self, registry: Registry) -> None:
        """What the member believes is what is so."""
        for room_id, known in self.rooms.items():
            room = registry.index.get(room_id)
            assert known.participants == list(room.members)
            assert known.host == room.host
            words = {(word.mode, word.generation) for word in (room.decision, room.course)}
            assert (known.mode, known.generation) in words
            if known.generation == room.decision.generation:
                assert known.core == (None if room.core is None else list(room.core))
            away = {m.id for m in room.members.values() if m.presence == "reconnecting"}
            assert known.away == away
            assert {m: known.names[m] for m in room.members} == {
                m.id: m.name for m in room.members.values()
            }
        theirs = {room.id for room in registry.index.rooms_of(self.member_id)}
        assert theirs == set(self.rooms)
