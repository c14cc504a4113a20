"""What is in a router, and whose it is."""

import msgspec
import pytest

from sfu.control.messages import (
    HeldDataProducer,
    HeldProducer,
    HeldTransport,
    RouterOpened,
)
from signaling.media.sfu_room import (
    DataProducer,
    Producer,
    SfuRoom,
    Transport,
    holder_of,
    part_of,
)
from signaling.messages.wire import ErrorCode, Refused


def refusal(code: ErrorCode) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda refused: refused.code is code)


class Furnished:
    """Ann publishes on one transport, Bob receives on another."""

    def __init__(self) -> None:
        self.room = SfuRoom("r")
        self.sending = Transport("a", "ann", "send", ready=True)
        self.receiving = Transport("b", "bob", "recv", ready=True)
        for transport in (self.sending, self.receiving):
            self.room.add(transport)
        self.camera = Producer("a-1", self.sending, "video", "camera", False, ready=True)
        self.chat = DataProducer("a-2", self.sending, "chat", "", ready=True)
        self.room.publish(self.camera)
        self.room.publish(self.chat)
        self.room.receive(self.receiving, "b-1", self.camera)
        self.room.receive(self.receiving, "b-2", self.chat)


def test_ids_tell_where_things_are() -> None:
    assert part_of("a", "1") == "a-1"
    assert holder_of("a-1") == "a"
    assert holder_of("a-b-1") == "a-b"
    assert [holder_of(nothing) for nothing in ("", "a", "-")] == ["", "", ""]


def test_whose_it_is() -> None:
    it = Furnished()
    room = it.room
    assert room.transport_of("ann", "a") is it.sending
    assert room.transport_of("ann", "a", "send") is it.sending
    assert room.producer_of("ann", "a-1") is room.producer("a-1") is it.camera
    assert room.data_producer_of("ann", "a-2") is room.data_producer("a-2") is it.chat
    assert room.transport_with_consumer("bob", "b-1") is it.receiving
    assert room.transport_with_consumer("bob", "b-2") is it.receiving
    for who, what in (("bob", "a"), ("ann", "b"), ("cid", "a"), ("ann", "")):
        with refusal(ErrorCode.TRANSPORT_NOT_FOUND):
            room.transport_of(who, what)
    with refusal(ErrorCode.TRANSPORT_NOT_FOUND):
        room.transport_of("ann", "a", "recv")
    for who, what in (("bob", "a-1"), ("ann", "a-2"), ("ann", "")):
        with refusal(ErrorCode.PRODUCER_NOT_FOUND):
            room.producer_of(who, what)
    for who, what in (("bob", "a-2"), ("ann", "a-1"), ("ann", "")):
        with refusal(ErrorCode.PRODUCER_NOT_FOUND):
            room.data_producer_of(who, what)
    for who, what in (("ann", "b-1"), ("bob", "b-9"), ("bob", "a-1"), ("bob", "")):
        with refusal(ErrorCode.CONSUMER_NOT_FOUND):
            room.transport_with_consumer(who, what)


def test_nothing_is_there_before_the_worker_has_it() -> None:
    it = Furnished()
    it.camera.ready = it.chat.ready = it.sending.ready = False
    with refusal(ErrorCode.TRANSPORT_NOT_FOUND):
        it.room.transport_of("ann", "a")
    for look_up in (it.room.producer, it.room.data_producer):
        with refusal(ErrorCode.PRODUCER_NOT_FOUND):
            look_up("a-1" if look_up == it.room.producer else "a-2")
    removed = it.room.drop_transport(it.sending)
    assert (removed.producers, removed.data_producers) == ([], []), "nobody was told of them"


def test_transport_takes_along_what_is_on_it() -> None:
    it = Furnished()
    removed = it.room.drop_transport(it.sending)
    assert (removed.producers, removed.data_producers) == ([it.camera], [it.chat])
    assert (it.receiving.consumers, it.receiving.data_consumers) == ({}, {})
    assert it.room.owners() == ["bob"]
    removed = it.room.drop_transport(it.receiving)
    assert (removed.producers, removed.data_producers) == ([], [])
    assert (it.room.transports, it.room.producers, it.room.data_producers) == ({}, {}, {})
    assert it.room.owners() == []


def test_receiver_leaves_no_trace_at_what_it_received() -> None:
    it = Furnished()
    it.room.drop_transport(it.receiving)
    assert (it.camera.consumers, it.chat.consumers) == ({}, {})


def test_consumer_ends() -> None:
    it = Furnished()
    for _ in range(2):
        it.room.drop_consumer(it.receiving, "b-1")
        it.room.drop_consumer(it.receiving, "b-2")
    assert (it.receiving.consumers, it.receiving.data_consumers) == ({}, {})
    assert (it.camera.consumers, it.chat.consumers) == ({}, {})


def test_producer_ends() -> None:
    it = Furnished()
    it.room.drop_producer(it.camera)
    it.room.drop_producer(it.chat)
    assert (it.sending.producers, it.sending.data_producers) == ({}, {})
    assert (it.receiving.consumers, it.receiving.data_consumers) == ({}, {})


def test_what_a_worker_was_found_with() -> None:
    room = SfuRoom("r")
    held = HeldProducer(
        id="a-1", transport_id="a", member_id="ann", kind="audio", source="microphone", paused=True
    )
    lost = HeldProducer(
        id="x-1", transport_id="x", member_id="ann", kind="audio", source="microphone"
    )
    chat = HeldDataProducer(id="a-2", transport_id="a", member_id="ann", label="l", protocol="p")
    opened = RouterOpened(
        request=1,
        rtp_capabilities=msgspec.Raw(b"{}"),
        transports=[HeldTransport(id="a", member_id="ann")],
        producers=[held, lost],
        data_producers=[chat],
    )
    room.fill(opened)
    assert room.owners() == ["ann"]
    assert list(room.producers) == ["a-1"], "what is on no transport is not there"
    assert room.producers["a-1"].paused is True
    assert room.data_producers["a-2"].label == "l"
    assert room.transport_of("ann", "a", "send").found
    assert room.transport_with_consumer("ann", "a-77") is room.transports["a"], "it may be there"
    with refusal(ErrorCode.CONSUMER_NOT_FOUND):
        room.transport_with_consumer("bob", "a-77")
