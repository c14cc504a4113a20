"""Waiting on several streams."""

from sfu.ortc.encodings import Encoding
from sfu.routing.keyframe_gate import KeyFrameGate
from sfu.routing.received_stream import ReceivedStream
from tests.sfu.routing.publishing import World, parameters


class Waiter:
    def __init__(self) -> None:
        self.gate = KeyFrameGate(self)
        self.told: list[ReceivedStream] = []

    def key_frame(self, stream: ReceivedStream) -> None:
        self.gate.opened(stream)
        self.told.append(stream)


def streams() -> list[ReceivedStream]:
    encodings = [Encoding(rid=f"r{index}") for index in range(3)]
    return World().peer().produce(parameters(*encodings)).streams


def test_waits_where_it_is_told_and_nowhere_else() -> None:
    first, second, third = streams()
    waiter = Waiter()
    waiter.gate.wait_for([first, second])
    waiter.gate.wait_for([second, third])
    waiter.gate.wait_for([second, third])
    assert [one.waiting for one in (first, second, third)] == [[], [waiter], [waiter]]
    assert first not in waiter.gate
    assert second in waiter.gate
    waiter.gate.wait_for([])
    assert not second.waiting
    assert not third.waiting
    assert not len(waiter.gate)


def test_after_a_key_frame_it_must_be_told_anew() -> None:
    first, second, _ = streams()
    waiter = Waiter()
    waiter.gate.wait_for([first, second])
    first.key_frame_came(1)
    assert waiter.told == [first]
    assert first not in waiter.gate
    waiter.gate.wait_for([first, second])
    assert first.waiting == second.waiting == [waiter]


def test_stream_that_forgot_its_waiters_is_no_trouble() -> None:
    first, *_ = streams()
    waiter = Waiter()
    waiter.gate.wait_for([first])
    first.waiting.clear()
    waiter.gate.wait_for([])
    assert not len(waiter.gate)
