"""Messages wait in order, expire, are blocked and given up; and their bytes are counted."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sfu.worker.sctp_outbox import OutgoingMessage, SctpOutbox


def message(stream: int, data: bytes, expires: float | None = None) -> OutgoingMessage:
    return OutgoingMessage(stream, 51, data, expires=expires)


def test_first_in_first_out() -> None:
    outbox = SctpOutbox()
    assert outbox.take((), 0.0) is None
    first, second = message(1, b"a"), message(2, b"b")
    assert outbox.put(first) and outbox.put(second)
    assert [outbox.take((), 0.0) for _ in range(3)] == [first, second, None]
    assert outbox.buffered == 0


def test_full_outbox_refuses() -> None:
    outbox = SctpOutbox(most=300)
    assert outbox.put(message(1, bytes(100)))
    assert not outbox.put(message(1, bytes(100)))
    assert outbox.put(message(1, bytes(10)))
    assert outbox.take((), 0.0) is not None
    assert outbox.put(message(1, bytes(100)))


class AnyOrder(RuleBasedStateMachine):
    """A plain list says the same."""

    @initialize()
    def begin(self) -> None:
        self.outbox = SctpOutbox(most=1000)
        self.waiting: list[OutgoingMessage] = []
        self.now = 0.0

    @rule(
        stream=st.integers(0, 3),
        data=st.binary(max_size=300),
        life=st.none() | st.floats(0, 5),
    )
    def put(self, stream: int, data: bytes, life: float | None) -> None:
        one = message(stream, data, None if life is None else self.now + life)
        taken = self.outbox.put(one)
        assert taken == (sum(each.cost for each in self.waiting) + one.cost <= 1000)
        if taken:
            self.waiting.append(one)

    @rule(blocked=st.frozensets(st.integers(0, 3)), wait=st.floats(0, 3))
    def take(self, blocked: frozenset[int], wait: float) -> None:
        self.now += wait
        expected = None
        for one in list(self.waiting):
            if one.stream in blocked:
                continue
            self.waiting = [other for other in self.waiting if other is not one]
            if one.expires is None or self.now < one.expires:
                expected = one
                break
        assert self.outbox.take(blocked, self.now) is expected

    @rule(stream=st.integers(0, 3))
    def discard(self, stream: int) -> None:
        self.outbox.discard(stream)
        self.waiting = [one for one in self.waiting if one.stream != stream]

    @invariant()
    def counts(self) -> None:
        if not hasattr(self, "outbox"):
            return
        assert self.outbox.buffered == sum(one.cost for one in self.waiting)
        for stream in range(4):
            assert self.outbox.holds(stream) == any(one.stream == stream for one in self.waiting)


TestAnyOrder = AnyOrder.TestCase
