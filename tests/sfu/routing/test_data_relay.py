"""Whose messages on which stream go to whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.control.messages import HeldDataProducer
from sfu.ortc.parameters import SctpStreamParameters
from sfu.routing.data_relay import MOST_STREAMS, DataRelay, DataRelayError


def held(name: str, transport: str, protocol: str = "") -> HeldDataProducer:
    return HeldDataProducer(
        id=name, transport_id=transport, member_id="m", label="chat", protocol=protocol
    )


def stream(number: int, **more: int | bool) -> SctpStreamParameters:
    return SctpStreamParameters(stream_id=number, **more)  # type: ignore[arg-type]


def test_a_message_goes_to_every_consumer_of_its_stream() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0))
    other = relay.produce(held("q", "ann"), stream(1))
    bob, cid = (
        relay.consume("1", "bob", "bob", producer),
        relay.consume("2", "cid", "cid", producer),
    )
    relay.consume("3", "bob", "bob", other)
    assert relay.receivers("ann", 0, b"hi") == (bob, cid)
    assert relay.receivers("ann", 7, b"hi") == ()
    assert relay.receivers("bob", 0, b"hi") == ()


def test_consumers_have_streams_of_their_own_and_the_producers_reliability() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0, ordered=False, max_retransmits=3))
    first, second = (
        relay.consume("1", "bob", "bob", producer),
        relay.consume("2", "bob", "bob", producer),
    )
    assert first.stream.stream_id != second.stream.stream_id
    assert (first.stream.ordered, first.stream.max_retransmits) == (False, 3)


def test_only_what_may_lose_messages_is_lossy() -> None:
    relay = DataRelay()
    for number, more, lossy in (
        (0, {}, False),
        (1, {"ordered": False}, False),
        (2, {"ordered": False, "max_retransmits": 0}, True),
        (3, {"ordered": False, "max_packet_life_time": 100}, True),
    ):
        producer = relay.produce(held(str(number), "ann"), stream(number, **more))
        assert relay.consume(str(number), "bob", "bob", producer).lossy is lossy


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
        relay.consume(str(number), "bob", "bob", producer)
    with pytest.raises(DataRelayError, match="no SCTP stream left"):
        relay.consume("more", "bob", "bob", producer)
    relay.close_consumer("17")
    relay.consume("more", "bob", "bob", producer)


def test_a_producers_end_ends_its_consumers() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0))
    consumer = relay.consume("1", "bob", "bob", producer)
    assert relay.close_producer("p") == [consumer]
    assert relay.close_producer("p") == []
    assert not relay.consumers
    assert relay.close_consumer("1") is None


def test_a_transports_end_ends_both_directions() -> None:
    relay = DataRelay()
    ann = relay.produce(held("p", "ann"), stream(0))
    bob = relay.produce(held("q", "bob"), stream(0))
    with_bob = relay.consume("1", "bob", "bob", ann)
    relay.consume("2", "ann", "ann", bob)
    assert relay.close_transport("ann") == [with_bob]
    assert list(relay.producers) == ["q"]
    assert not relay.consumers
    assert not bob.consumers


def test_who_has_a_stream() -> None:
    relay = DataRelay()
    producer = relay.produce(held("p", "ann"), stream(0))
    consumer = relay.consume("1", "bob", "bob", producer)
    number = consumer.stream.stream_id
    assert relay.producer_on("ann", 0) is producer
    assert relay.consumer_on("bob", number) is consumer
    assert relay.consumer_on("ann", 0) is None
    assert relay.producer_on("bob", number) is None
    relay.close_consumer("1")
    assert relay.consumer_on("bob", number) is None


# ---- one member alone ----------------------------------------------------------------------------


def audience(protocol: str = "crossover") -> DataRelay:
    """Ann speaks to Bob, who has two transports, to Cid, and to Zoe with a name of many bytes."""
    relay = DataRelay()
    producer = relay.produce(held("p", "ann", protocol), stream(0))
    for consumer_id, member_id in (("1", "bob"), ("2", "cid"), ("3", "bob"), ("4", "é" * 64)):
        relay.consume(consumer_id, f"of {consumer_id}", member_id, producer)
    return relay


def reached(relay: DataRelay, data: bytes) -> list[str]:
    return [consumer.id for consumer in relay.receivers("ann", 0, data)]


def test_a_message_for_one_member_goes_to_all_its_consumers_and_to_nobody_else() -> None:
    relay = audience()
    assert reached(relay, b"@bob\nhello") == ["1", "3"]
    assert reached(relay, b"@cid\n") == ["2"]
    assert reached(relay, "@{}\n".format("é" * 64).encode()) == ["4"]
    relay.close_consumer("1")
    assert reached(relay, b"@bob\nhello") == ["3"]
    relay.close_consumer("3")
    assert reached(relay, b"@bob\nhello") == []


@pytest.mark.parametrize(
    "data",
    [
        b"@", b"@\n", b"@bob", b"@bobby\n", b"@BOB\n", b"@ bob\n", b"@bob \n", b"@@bob\n",
        b"@ann\n", b"@\xff\xfe\n", b"@bob\r\n", b"@" + b"x" * 262_143,
        b"@" + b"x" * 200_000 + b"\n", b"@" + b"b" * 257 + b"\n",
    ],
)  # fmt: skip
def test_a_message_for_nobody_goes_nowhere(data: bytes) -> None:
    assert reached(audience(), data) == []


@pytest.mark.parametrize("data", [b"", b"\n", b"bob\n", b" @bob\n", b"\0@bob\n", b"{}"])
def test_all_others_are_for_everybody(data: bytes) -> None:
    assert reached(audience(), data) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("protocol", ["", "chat", "Crossover", "crossover "])
def test_other_protocols_know_no_addresses(protocol: str) -> None:
    assert reached(audience(protocol), b"@bob\nhello") == ["1", "2", "3", "4"]


@given(st.binary(max_size=300), st.sampled_from([b"", b"@", b"@bob", b"@bob\n", b"@cid\n"]))
def test_whatever_is_said_nobody_hears_what_was_for_another(data: bytes, begin: bytes) -> None:
    data = begin + data
    found = reached(audience(), data)
    if data[:1] == b"@":
        name = data[1:].split(b"\n")[0] if b"\n" in data else b""
        assert found == {b"bob": ["1", "3"], b"cid": ["2"]}.get(name, [])
    else:
        assert found == ["1", "2", "3", "4"]
