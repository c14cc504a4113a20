"""Whose messages on which stream go to whom."""

import pytest

from sfu.control.messages import HeldDataProducer
from sfu.ortc.parameters import SctpStreamParameters
from sfu.routing.data_relay import MOST_STREAMS, DataRelay, DataRelayError


def held(name: str, transport: str) -> HeldDataProducer:
    return HeldDataProducer(
        id=name, transport_id=transport, member_id="m", label="chat", protocol=""
    )


def stream(number: int, **more: int | bool) -> SctpStreamParameters:
    return SctpStreamParameters(stream_id=number, **more)  # type: ignore[arg-type]


def test_a_message_goes_to_every_consumer_of_its_stream() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0))
    other = relay.produce(held("q", "ann"), stream(1))
    bob, cid = relay.consume("1", "bob", producer), relay.consume("2", "cid", producer)
    relay.consume("3", "bob", other)
    assert relay.receivers("ann", 0) == [bob, cid]
    assert relay.receivers("ann", 7) == []
    assert relay.receivers("bob", 0) == []


def test_consumers_have_streams_of_their_own_and_the_producers_reliability() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0, ordered=False, max_retransmits=3))
    first, second = relay.consume("1", "bob", producer), relay.consume("2", "bob", producer)
    assert first.stream.stream_id != second.stream.stream_id
    assert (first.stream.ordered, first.stream.max_retransmits) == (False, 3)


def test_a_stream_carries_one_channel() -> None:
    relay = DataRelay()
    relay.produce(held("p", "ann"), stream(4))
    with pytest.raises(DataRelayError, match="in use"):
        relay.produce(held("q", "ann"), stream(4))
    with pytest.raises(DataRelayError, match="beyond"):
        relay.produce(held("q", "ann"), stream(MOST_STREAMS))
    relay.close_producer("p")
    relay.produce(held("q", "ann"), stream(4))


def test_streams_run_out_and_come_back() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0))
    for number in range(MOST_STREAMS):
        relay.consume(str(number), "bob", producer)
    with pytest.raises(DataRelayError, match="no SCTP stream left"):
        relay.consume("more", "bob", producer)
    relay.close_consumer("17")
    relay.consume("more", "bob", producer)


def test_a_producers_end_ends_its_consumers() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0))
    consumer = relay.consume("1", "bob", producer)
    assert relay.close_producer("p") == [consumer]
    assert relay.close_producer("p") == []
    assert not relay.consumers
    assert relay.close_consumer("1") is None


def test_a_transports_end_ends_both_directions() -> None:
    relay = DataRelay()
    ann = relay.produce(held("p", "ann"), stream(0))
    bob = relay.produce(held("q", "bob"), stream(0))
    with_bob = relay.consume("1", "bob", ann)
    relay.consume("2", "ann", bob)
    assert relay.close_transport("ann") == [with_bob]
    assert list(relay.producers) == ["q"]
    assert not relay.consumers
    assert not bob.consumers
