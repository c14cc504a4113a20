import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.media.packet_store import PacketMemory, PacketStore
from sfu.units import U8

FINDABLE = 16
IN_MEMORY = 40


def packet(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True) * (1 + number % 3)


def burst(first: int, count: int) -> tuple[U8, list[int]]:
    many = [packet(first + place) for place in range(count)]
    rows = np.zeros((count, max(map(len, many))), np.uint8)
    for row, one in zip(rows, many, strict=True):
        row[: len(one)] = np.frombuffer(one, np.uint8)
    return rows, [len(one) for one in many]


numbers = st.integers(65500, 65600) | st.integers(-20, 20)
bursts = st.lists(st.tuples(st.integers(0, 2), numbers, st.integers(1, FINDABLE)), max_size=40)


@given(bursts)
def test_has_the_newest_of_each_stream(came: list[tuple[int, int, int]]) -> None:
    memory = PacketMemory(10_000, 24)
    stores = [PacketStore(memory, FINDABLE) for _ in range(3)]
    kept: list[set[int]] = [set(), set(), set()]
    for stream, first, count in came:
        stores[stream].add(first, *burst(first, count))
        kept[stream] |= set(range(first, first + count))
        newest = max(kept[stream])
        kept[stream] = {number for number in kept[stream] if number > newest - FINDABLE}
    for store, wanted in zip(stores, kept, strict=True):
        for number in {first + place for _, first, count in came for place in range(count)}:
            found = store.packet(number)
            assert (number in store) == (number in wanted)
            assert (found is not None) == (number in wanted)
            assert found is None or found.tobytes() == packet(number)


@given(bursts)
def test_what_is_found_is_what_came_however_full_the_memory(
    came: list[tuple[int, int, int]],
) -> None:
    memory = PacketMemory(IN_MEMORY, 24)
    stores = [PacketStore(memory, FINDABLE) for _ in range(3)]
    for stream, first, count in came:
        stores[stream].add(first, *burst(first, count))
        last = first + count - 1
        if last == stores[stream].newest:
            found = stores[stream].packet(last)
            assert found is not None
            assert found.tobytes() == packet(last)
        for store in stores:
            for number in range(first - FINDABLE, first + count):
                found = store.packet(number)
                assert found is None or found.tobytes() == packet(number)


def test_memory_is_kept_for_its_whole_length() -> None:
    memory = PacketMemory(8, 24)
    store = PacketStore(memory, 16)
    for number in range(12):
        store.add(number, *burst(number, 1))
    assert [number for number in range(12) if store.packet(number) is not None] == list(
        range(4, 12)
    )


def test_packet_that_others_have_overwritten_is_still_known_as_come() -> None:
    memory = PacketMemory(4, 24)
    store, other = PacketStore(memory, 16), PacketStore(memory, 16)
    store.add(1, *burst(1, 1))
    other.add(5, *burst(5, 4))
    assert store.packet(1) is None
    assert 1 in store


def test_packet_stays_as_it_was() -> None:
    store = PacketStore(PacketMemory(4, 24), 4)
    rows, lengths = burst(7, 1)
    store.add(7, rows, lengths)
    rows[:] = 0
    found = store.packet(7)
    assert found is not None
    assert found.tobytes() == packet(7)


def test_empty_store_has_nothing() -> None:
    store = PacketStore(PacketMemory(4), 4)
    assert all(number not in store and store.packet(number) is None for number in range(-8, 8))


@pytest.mark.parametrize("capacity", [0, 3, -4])
def test_capacity_is_a_power_of_two(capacity: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        PacketStore(PacketMemory(4), capacity)
