"""What has been asked and not been answered."""

from dataclasses import replace

import msgspec

from sfu.control.messages import CloseRouter
from signaling.media.pending import Asker, Pending, PendingTable
from signaling.peer_session import Dialect, PeerSession


def asker(member_id: str) -> Asker:
    session = PeerSession(member_id, Dialect.ROOM, "", "")
    return Asker(session, 0, msgspec.UNSET)


def request(number: int, worker: str = "w", room: str = "r", member: str = "ann") -> Pending:
    command = CloseRouter(request=number, router_id=room)
    return Pending(number, room, asker(member), worker, command, deadline=10.0 + number)


def test_numbers_grow() -> None:
    table = PendingTable()
    assert [table.next_number() for _ in range(3)] == [1, 2, 3]


def test_each_is_taken_once() -> None:
    table = PendingTable()
    table.add(request(1))
    taken = table.take(1)
    assert taken is not None
    assert taken.number == 1
    assert table.take(1) is None
    assert len(table) == 0


def test_given_up_in_order_when_due() -> None:
    table = PendingTable()
    assert table.next_deadline() is None
    for number in (1, 2, 3):
        table.add(request(number))
    assert table.next_deadline() == 11.0
    assert list(table.due(10.9)) == []
    assert [pending.number for pending in table.due(12.0)] == [1, 2]
    assert table.next_deadline() == 13.0


def test_all_of_one_worker() -> None:
    table = PendingTable()
    for number in range(4):
        table.add(request(number, worker=f"w{number % 2}"))
    table.keep(request(8, worker="w0"))
    table.keep(request(9, worker="w1"))
    assert [pending.number for pending in table.take_of("w0")] == [0, 2]
    assert table.take(8) is None
    assert len(table) == 3


def test_all_of_one_member_in_one_room() -> None:
    table = PendingTable()
    table.add(request(1))
    table.add(request(2, room="another"))
    table.add(request(3, member="bob"))
    table.add(replace(request(4), asker=None))
    assert table.drop("r", "ann") == {1}
    assert [number for number in range(1, 5) if table.take(number)] == [2, 3, 4]


def test_kept_for_as_long_as_it_takes() -> None:
    table = PendingTable()
    table.keep(request(1))
    assert list(table.due(1e9)) == []
    assert table.next_deadline() is None
    assert table.take(1) is not None
