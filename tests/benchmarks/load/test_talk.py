import random
import struct
from collections import deque

from benchmarks.load.talk import CallingSctp, state_cookie
from benchmarks.peers.synthetic.lean_sctp import LeanSctp


def test_two_members_open_an_association_and_talk_both_ways() -> None:
    wire: deque[tuple[LeanSctp, bytes]] = deque()
    heard: list[tuple[str, bytes]] = []
    rng = random.Random(1)
    calling: LeanSctp = CallingSctp(
        lambda packet: wire.append((called, packet)),
        lambda _stream, _ppid, data: heard.append(("calling", data)),
        rng,
    )
    called = LeanSctp(
        lambda packet: wire.append((calling, packet)),
        lambda _stream, _ppid, data: heard.append(("called", data)),
        rng,
    )

    def deliver() -> None:
        while wire:
            receiver, packet = wire.popleft()
            receiver.receive(packet)

    assert isinstance(calling, CallingSctp)
    calling.call()
    deliver()
    assert calling.established
    assert called.established
    for number in range(3):
        calling.send(0, 53, bytes([number]), ordered=True)
        called.send(0, 53, bytes([10 + number]), ordered=True)
    deliver()
    calling.acknowledge()
    called.acknowledge()
    deliver()
    assert [data[0] for who, data in heard if who == "called"] == [0, 1, 2]
    assert [data[0] for who, data in heard if who == "calling"] == [10, 11, 12]
    assert calling.unacknowledged == called.unacknowledged == 0


def test_a_cookie_is_found_behind_other_parameters() -> None:
    other = struct.pack("!HH", 0x8008, 5) + b"\xc0" + bytes(3)
    cookie = struct.pack("!HH", 7, 9) + b"bisct" + bytes(3)
    assert state_cookie(bytes(16) + other + cookie) == b"bisct"
    assert state_cookie(bytes(16) + other) == b""
    assert state_cookie(bytes(16) + struct.pack("!HH", 1, 0)) == b""
    assert state_cookie(b"") == b""
