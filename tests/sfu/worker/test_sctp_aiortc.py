"""Associations that talk to each other in memory, on virtual time."""

import asyncio
import random
import struct
from collections.abc import Callable
from typing import Any

import pytest
from aiortc import RTCDataChannel, RTCDataChannelParameters
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcsctptransport import RTCSctpTransport
from google_crc32c import value as crc32c
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.units import Seconds
from sfu.wire.sctp_packets import MOST_STREAMS
from sfu.worker.dtls import DtlsCertificate, DtlsServer
from sfu.worker.sctp_aiortc import BINARY, EMPTY_BINARY, EMPTY_TEXT, TEXT, SctpAssociation
from sfu.worker.sctp_outbox import MOST_BUFFERED
from tests.support.dtls_client import fingerprints
from tests.support.dtls_virtual_time import run_virtually

DCEP = 50
ABORT, SHUTDOWN = 6, 7


class End:
    """One end, and what it was told."""

    def __init__(self, name: str, **options: Any) -> None:  # noqa: ANN401
        self.name = name
        self.messages: list[tuple[int, int, bytes]] = []
        self.closed: list[int] = []
        self.ends = 0
        self.sent: list[bytes] = []
        self.lose: Callable[[bytes], bool] = lambda packet: False
        self.delay: Callable[[], float] = lambda: 0.0
        self.other: End | None = None
        self.sctp = SctpAssociation(
            self._send,
            lambda stream, ppid, data: self.messages.append((stream, ppid, data)),
            self.closed.append,
            on_end=self._end,
            **options,
        )

    def _end(self) -> None:
        self.ends += 1

    def _send(self, packet: bytes) -> None:
        self.sent.append(packet)
        assert len(packet) <= 1195
        if self.other is not None and not self.lose(packet):
            loop = asyncio.get_running_loop()
            delay = self.delay()
            if delay:
                loop.call_later(delay, self.other.sctp.receive, packet)
            else:  # which keeps the order
                loop.call_soon(self.other.sctp.receive, packet)

    @property
    def data(self) -> list[bytes]:
        return [data for _, _, data in self.messages]


def pair(**options: Any) -> tuple[End, End]:  # noqa: ANN401
    one, two = End("one", **options), End("two", **options)
    one.other, two.other = two, one
    return one, two


async def connected(**options: Any) -> tuple[End, End]:  # noqa: ANN401
    one, two = pair(**options)
    for end in (one, two):
        end.sctp.start(5000)
    await settle()
    return one, two


async def settle(seconds: float = 0.001) -> None:
    """Let all arrive that is on its way, and time pass."""
    await asyncio.sleep(seconds)


def both_open(one: End, two: End, stream: int, **terms: Any) -> None:  # noqa: ANN401
    for end in (one, two):
        end.sctp.open_stream(stream, **terms)


# ---- messages ------------------------------------------------------------------------------------


def test_messages_go_both_ways_and_keep_their_kind() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 7)
        sent = [(7, TEXT, "grüß".encode()), (7, BINARY, b"\0\xff"), (7, BINARY, b"\0")]
        for end in (one, two):
            for message in sent:
                assert end.sctp.send_message(*message)
        await settle()
        assert one.messages == two.messages == sent

    run_virtually(main())


def test_empty_messages_arrive_empty() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        for ppid in (TEXT, BINARY, EMPTY_TEXT, EMPTY_BINARY):
            assert one.sctp.send_message(0, ppid, b"")
        await settle()
        assert two.messages == [
            (0, EMPTY_TEXT, b""), (0, EMPTY_BINARY, b""), (0, EMPTY_TEXT, b""),
            (0, EMPTY_BINARY, b""),
        ]  # fmt: skip
        for message in two.messages:  # and can be passed on as they came
            assert two.sctp.send_message(*message)
        await settle()
        assert one.messages == two.messages

    run_virtually(main())


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=6000)), max_size=8))
def test_any_messages_arrive_in_the_order_of_their_stream(
    messages: list[tuple[int, bytes]],
) -> None:
    async def main() -> None:
        one, two = await connected()
        for stream in range(4):
            both_open(one, two, stream)
        for stream, data in messages:
            assert one.sctp.send_message(stream, BINARY, data)
        await settle()
        assert [(stream, data) for stream, _, data in two.messages] == messages

    run_virtually(main())


def test_largest_message_and_one_that_is_larger() -> None:
    async def main() -> None:
        one, two = await connected(max_message_size=100_000)
        both_open(one, two, 0)
        assert not one.sctp.send_message(0, BINARY, bytes(100_001))
        assert one.sctp.send_message(0, BINARY, b"x" * 100_000)
        await settle(5)
        assert two.data == [b"x" * 100_000]

    run_virtually(main())


def test_peer_that_sends_too_large_a_message_is_not_spoken_with() -> None:
    async def main() -> None:
        one, two = End("one"), End("two", max_message_size=1000)
        one.other, two.other = two, one
        for end in (one, two):
            end.sctp.start(5000)
        both_open(one, two, 0)
        await settle()
        one.sctp.send_message(0, BINARY, bytes(5000))
        await settle()
        assert two.data == [] and two.ends == 1 and two.closed == [0]
        assert one.ends == 1, "and is told so"

    run_virtually(main())


def test_what_cannot_be_sent_is_not() -> None:
    async def main() -> None:
        one, two = await connected()
        assert not one.sctp.send_message(5, TEXT, b"stream not open")
        one.sctp.open_stream(5)
        assert not one.sctp.send_message(5, DCEP, b"\2")
        assert not one.sctp.send_message(5, 99, b"?")
        with pytest.raises(ValueError, match="1024"):
            one.sctp.open_stream(MOST_STREAMS)
        await settle()
        assert two.messages == []

    run_virtually(main())


def test_messages_wait_for_the_association() -> None:
    async def main() -> None:
        one, two = pair()
        both_open(one, two, 3)
        assert one.sctp.send_message(3, TEXT, b"before start")
        one.sctp.start(5000)
        assert one.sctp.send_message(3, TEXT, b"before the peer")
        await settle(120)
        two.sctp.start(5000)
        await settle(5)
        assert two.data == [b"before start", b"before the peer"]

    run_virtually(main())


def test_buffer_is_bounded_and_drains() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        one.lose = lambda packet: True
        taken = 0
        while one.sctp.send_message(0, BINARY, bytes(10_000)):
            taken += 1
            assert taken < 200
        assert one.sctp.buffered <= MOST_BUFFERED
        assert not one.sctp.send_message(0, BINARY, bytes(10_000))
        one.lose = lambda packet: False
        await settle(60)
        assert len(two.data) == taken
        assert one.sctp.buffered == 0
        assert one.sctp.send_message(0, BINARY, bytes(10_000))

    run_virtually(main())


def test_empty_messages_count_too() -> None:
    async def main() -> None:
        one, _ = pair()
        one.sctp.open_stream(0)
        taken = 0
        while one.sctp.send_message(0, TEXT, b""):
            taken += 1
        assert taken < 20_000

    run_virtually(main())


# ---- packets -------------------------------------------------------------------------------------


def chunks(packet: bytes) -> list[int]:
    """The types of a packet's chunks."""
    at, kinds = 12, []
    while at < len(packet):
        kinds.append(packet[at])
        length = int.from_bytes(packet[at + 2 : at + 4], "big")
        at += length + (-length & 3)
    return kinds


def test_what_is_queued_waits_for_a_flush_and_shares_a_packet() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        both_open(one, two, 1, ordered=False, max_retransmits=0)
        before = len(one.sent)
        said = [(number % 2, BINARY, b"%d" % number * 10) for number in range(10)]
        for message in said:
            assert one.sctp.queue_message(*message)
        await settle()
        assert two.messages == [] and len(one.sent) == before
        one.sctp.flush()
        one.sctp.flush()
        assert [chunks(packet) for packet in one.sent[before:]] == [[0] * 10]
        await settle()
        assert two.messages == said

    run_virtually(main())


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3000), st.booleans()), min_size=1, max_size=40
    )
)
def test_packets_are_full_and_not_too_full(messages: list[tuple[int, int, bool]]) -> None:
    async def main() -> None:
        one, two = await connected()
        for stream in range(3):
            both_open(one, two, stream)
        before, said = len(one.sent), []
        for number, (stream, size, flushed) in enumerate(messages):
            said.append((stream, b"%d " % number + bytes(size)))
            assert one.sctp.queue_message(stream, BINARY, said[-1][1])
            if flushed:
                one.sctp.flush()
        one.sctp.flush()
        await settle(1)
        assert [(stream, data) for stream, _, data in two.messages] == said
        sizes = [len(packet) for packet in one.sent[before:]]
        assert max(sizes) <= 1189
        assert one.sctp.buffered == 0

    run_virtually(main())


@pytest.mark.parametrize("seed", range(3))
def test_full_packets_survive_loss(seed: int) -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        both_open(one, two, 1, ordered=False, max_retransmits=0)
        rng = random.Random(seed)
        for end in (one, two):
            end.lose = lambda packet: rng.random() < 0.2
            end.delay = lambda: rng.uniform(0.01, 0.06)
        for number in range(600):
            assert one.sctp.queue_message(number % 2, BINARY, b"%d" % number)
            if not number % 7:
                one.sctp.flush()
                await settle(0.01)
        one.sctp.flush()
        await settle(300)
        reliable = [data for stream, _, data in two.messages if not stream]
        lossy = [data for stream, _, data in two.messages if stream]
        assert reliable == [b"%d" % number for number in range(0, 600, 2)]
        assert len(lossy) == len(set(lossy)) > 100
        assert one.ends == two.ends == 0

    run_virtually(main())


def test_what_waits_for_a_stalled_peer_is_counted_and_comes() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        one.lose = lambda packet: True
        said = [b"%04d" % number + bytes(96) for number in range(2000)]
        for data in said:
            assert one.sctp.queue_message(0, BINARY, data)
            one.sctp.flush()
        assert one.sctp.buffered > 100_000
        await settle(2)
        one.lose = lambda packet: False
        await settle(60)
        assert two.data == said and one.sctp.buffered == 0

    run_virtually(main())


# ---- loss ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_reliable_stream_survives_loss(seed: int) -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        rng = random.Random(seed)
        for end in (one, two):
            end.lose = lambda packet: rng.random() < 0.2
            end.delay = lambda: rng.uniform(0.01, 0.06)
        sent = [rng.randbytes(rng.randrange(1, 4000)) for _ in range(60)]
        for data in sent:
            assert one.sctp.send_message(0, BINARY, data)
        await settle(300)
        assert two.data == sent
        assert one.ends == two.ends == 0

    run_virtually(main())


def test_a_lost_packet_is_sent_again_before_the_timer_runs_out() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        said = [b"%d" % number for number in range(20)]
        for number, data in enumerate(said):
            one.lose = lambda packet, lost=number == 3: lost  # type: ignore[misc]
            assert one.sctp.send_message(0, BINARY, data)
            await settle()
        assert two.data == said

    run_virtually(main())


def test_unreliable_stream_gives_up_and_goes_on() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0, ordered=False, max_retransmits=0)
        one.lose = lambda packet: True
        assert one.sctp.send_message(0, TEXT, b"lost")
        await settle()
        one.lose = lambda packet: False
        for number in range(5):
            assert one.sctp.send_message(0, TEXT, b"%d" % number)
            await settle(2)
        assert two.data == [b"0", b"1", b"2", b"3", b"4"]

    run_virtually(main())


def test_message_past_its_life_time_is_not_sent_late() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0, max_packet_life_time=500)
        one.lose = lambda packet: True
        for number in range(40):
            one.sctp.send_message(0, BINARY, b"%d" % number * 2000)
        await settle(3)
        one.lose = lambda packet: False
        one.sctp.send_message(0, BINARY, b"fresh")
        await settle(20)
        assert two.data == [b"fresh"]

    run_virtually(main())


def test_unordered_message_does_not_wait_for_a_lost_one() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0, ordered=False)
        one.lose = lambda packet: True
        one.sctp.send_message(0, TEXT, b"first")
        one.lose = lambda packet: False
        one.sctp.send_message(0, TEXT, b"second")
        await settle()
        assert two.data == [b"second"]
        await settle(5)
        assert two.data == [b"second", b"first"]

    run_virtually(main())


def test_association_is_made_in_spite_of_loss() -> None:
    async def main() -> None:
        one, two = pair()
        rng = random.Random(3)
        for end in (one, two):
            end.lose = lambda packet: rng.random() < 0.4
            end.sctp.start(5000)
        both_open(one, two, 0)
        one.sctp.send_message(0, TEXT, b"hello")
        await settle(60)
        assert two.data == [b"hello"]

    run_virtually(main())


def test_timeout_backs_off_while_nothing_arrives() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        one.lose = lambda packet: True
        one.sctp.send_message(0, TEXT, b"hello")
        before = len(one.sent)
        await settle(60)
        assert 4 <= len(one.sent) - before <= 14

    run_virtually(main())


# ---- streams -------------------------------------------------------------------------------------


def test_closed_stream_is_told_to_the_peer_after_its_last_message() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 4)
        sent = [b"%d" % number * 3000 for number in range(30)]
        for data in sent:
            one.sctp.send_message(4, BINARY, data)
        one.sctp.close_stream(4)
        one.sctp.close_stream(4)
        assert not one.sctp.send_message(4, BINARY, b"late")
        await settle(20)
        assert two.data == sent
        assert (two.closed, one.closed) == ([4], [])
        assert not two.sctp.send_message(4, BINARY, b"late")

    run_virtually(main())


def test_both_close_at_once() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 4)
        one.sctp.close_stream(4)
        two.sctp.close_stream(4)
        await settle(20)
        assert one.closed == two.closed == []
        assert one.ends == two.ends == 0

    run_virtually(main())


@pytest.mark.parametrize("pause", [0.0, 0.5])
def test_stream_can_be_used_again(pause: float) -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 4)
        for round_ in range(4):
            assert one.sctp.send_message(4, BINARY, b"%d" % round_)
            await settle()
            one.sctp.close_stream(4)
            await settle(pause)
            one.sctp.open_stream(4)
            if pause:
                two.sctp.open_stream(4)
        one.sctp.send_message(4, BINARY, b"last")
        await settle(20)
        assert two.data == [b"0", b"1", b"2", b"3", b"last"]
        assert one.ends == two.ends == 0

    run_virtually(main())


def test_reopened_stream_is_not_closed_by_the_answer_to_its_reset() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 4)
        one.sctp.close_stream(4)
        one.sctp.open_stream(4)
        await settle(5)
        assert one.closed == [] and two.closed == [4]
        two.sctp.open_stream(4)
        one.sctp.send_message(4, TEXT, b"new life")
        await settle(5)
        assert two.data == [b"new life"]

    run_virtually(main())


def test_stream_closed_before_the_association_is_simply_gone() -> None:
    async def main() -> None:
        one, two = pair()
        both_open(one, two, 4)
        one.sctp.send_message(4, TEXT, b"given up")
        one.sctp.close_stream(4)
        one.sctp.open_stream(4)
        one.sctp.send_message(4, TEXT, b"sent")
        for end in (one, two):
            end.sctp.start(5000)
        await settle(5)
        assert two.data == [b"sent"] and two.closed == []

    run_virtually(main())


def test_many_streams_close_in_spite_of_loss() -> None:
    async def main() -> None:
        one, two = await connected()
        rng = random.Random(1)
        for end in (one, two):
            end.lose = lambda packet: rng.random() < 0.2
        for stream in range(0, MOST_STREAMS, 4):
            both_open(one, two, stream)
        for stream in range(0, MOST_STREAMS, 4):
            one.sctp.close_stream(stream)
        await settle(100)
        assert sorted(two.closed) == list(range(0, MOST_STREAMS, 4))
        assert one.ends == two.ends == 0

    run_virtually(main())


# ---- the end -------------------------------------------------------------------------------------


def test_abort_tells_the_peer_and_not_ourselves() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 1)
        both_open(one, two, 2)
        one.sctp.abort()
        one.sctp.abort()
        await settle()
        assert (one.closed, one.ends) == ([], 0)
        assert (two.closed, two.ends) == ([1, 2], 1)
        assert two.sctp.ended and one.sctp.ended
        for end in (one, two):
            assert not end.sctp.send_message(1, TEXT, b"late")
            end.sctp.open_stream(1)
            end.sctp.close_stream(1)
            end.sctp.start(5000)
            end.sctp.receive(bytes(100))
        two.sctp.abort()

    run_virtually(main())


def test_abort_before_start() -> None:
    async def main() -> None:
        one, two = pair()
        one.sctp.abort()
        one.sctp.start(5000)
        one.sctp.receive(bytes(100))
        assert not one.sent and not two.messages

    run_virtually(main())


def test_peer_that_shuts_down_has_ended() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 1)
        tag = _tag(two)
        two.sctp.receive(_packet(tag, SHUTDOWN, 0, bytes(4)))
        await settle()
        two.sctp.receive(_packet(tag, 14, 0, b""))
        assert two.ends == 1 and two.closed == [1]

    run_virtually(main())


def test_no_timer_is_left_behind() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 1)
        one.lose = lambda packet: True
        one.sctp.send_message(1, TEXT, b"never")
        one.sctp.close_stream(1)
        one.sctp.abort()
        sent = len(one.sent)
        await settle(200)
        assert len(one.sent) == sent

    run_virtually(main())


# ---- hostile -------------------------------------------------------------------------------------


def _tag(end: End) -> int:
    core = end.sctp._core
    assert core is not None
    return core._local_verification_tag


def _next_tsn(end: End) -> int:
    core = end.sctp._core
    assert core is not None and core._last_received_tsn is not None
    return (core._last_received_tsn + 1) % (1 << 32)


def _packet(tag: int, kind: int, flags: int, body: bytes) -> bytes:
    chunk = struct.pack("!BBH", kind, flags, len(body) + 4) + body + bytes(-len(body) & 3)
    return _sealed(struct.pack("!HHL", 5000, 5000, tag) + bytes(4) + chunk)


def _sealed(packet: bytes) -> bytes:
    packet = packet[:8] + bytes(4) + packet[12:]
    return packet[:8] + struct.pack("<L", crc32c(packet)) + packet[12:]


def _data(end: End, ahead: int, stream: int, ppid: int, data: bytes, flags: int = 3) -> bytes:
    tsn = (_next_tsn(end) + ahead) % (1 << 32)
    body = struct.pack("!LHHL", tsn, stream, 0, ppid) + data
    return _packet(_tag(end), 0, flags | 4, body)


OPEN = struct.pack("!BBHLHH", 3, 0, 0, 0, 2, 0) + b"hi"


@pytest.mark.parametrize("body", [OPEN, OPEN[:-1] + b"\xff", OPEN[:5], b"\3", b"\2", b"\x09" * 50])
def test_channel_opened_in_band_breaks_nothing(body: bytes) -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        for stream in (0, 0, 9):
            two.sctp.receive(_data(two, 0, stream, DCEP, body))
        two.sctp.receive(_data(two, 0, 0, TEXT, b"still here"))
        assert two.messages == [(0, TEXT, b"still here")]
        assert two.ends == 0

    run_virtually(main())


def test_text_that_is_none_goes_nowhere() -> None:
    async def main() -> None:
        _, two = await connected()
        two.sctp.receive(_data(two, 0, 0, TEXT, b"\xff\xfe"))
        two.sctp.receive(_data(two, 0, 0, TEXT, b"fine"))
        assert two.data == [b"fine"] and two.ends == 0

    run_virtually(main())


def test_stream_beyond_the_agreed_is_no_stream() -> None:
    async def main() -> None:
        _, two = await connected()
        two.sctp.receive(_data(two, 0, MOST_STREAMS, TEXT, b"?"))
        two.sctp.receive(_data(two, 0, 65535, TEXT, b"?"))
        assert two.messages == []
        assert two.sctp._core is not None and not two.sctp._core._inbound_streams

    run_virtually(main())


def test_fragments_without_end_end_the_association() -> None:
    async def main() -> None:
        _, two = await connected()
        flags, sent = 2, 0
        while not two.sctp.ended and sent < 5000:
            two.sctp.receive(_data(two, 0, 0, BINARY, b"x", flags))
            flags, sent = 0, sent + 1
        assert two.sctp.ended

    run_virtually(main())


def test_window_ignored_ends_the_association() -> None:
    async def main() -> None:
        _, two = await connected()
        flags, sent = 2, 0
        while not two.sctp.ended and sent < 1300:
            two.sctp.receive(_data(two, 0, 0, BINARY, bytes(1100), flags))
            flags, sent = 0, sent + 1
        assert two.sctp.ended

    run_virtually(main())


def test_data_ahead_of_a_gap_is_bounded() -> None:
    async def main() -> None:
        _, two = await connected()
        for number in range(2, 6000, 2):
            two.sctp.receive(_data(two, number, 0, BINARY, b"x"))
        core = two.sctp._core
        assert core is not None
        assert len(core._sack_misordered) <= 512 and core._held() <= 512
        assert max(map(len, two.sent)) <= 1195
        assert not two.sctp.ended

    run_virtually(main())


@pytest.mark.parametrize("ahead", [70_000, 1 << 31, (1 << 32) - 100])
def test_data_from_far_away_is_not_taken(ahead: int) -> None:
    async def main() -> None:
        _, two = await connected()
        two.sctp.receive(_data(two, ahead, 0, BINARY, b"x"))
        two.sctp.receive(_data(two, 0, 0, BINARY, b"near"))
        assert two.data == [b"near"] and not two.sctp.ended

    run_virtually(main())


def test_acknowledgement_of_what_was_never_sent_is_passed_over() -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        core = one.sctp._core
        assert core is not None
        future = (core._local_tsn + 1000) % (1 << 32)
        one.sctp.receive(_packet(_tag(one), 3, 0, struct.pack("!LLHH", future, 1 << 20, 0, 0)))
        assert one.sctp.send_message(0, TEXT, b"hello")
        await settle()
        assert two.data == [b"hello"]

    run_virtually(main())


CHUNKS = st.builds(
    lambda kind, flags, body, wrong: (
        struct.pack("!BBH", kind, flags, max(0, len(body) + 4 + wrong))
        + body + bytes(-len(body) & 3)
    ),
    st.sampled_from([*range(15), 128, 130, 192, 193, 255]),
    st.integers(0, 7),
    st.binary(max_size=48),
    st.sampled_from([0, 0, 0, 0, -1, 3, 400]),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.lists(CHUNKS, min_size=1, max_size=3), max_size=5), st.booleans())
def test_takes_anything_and_the_other_end_lives(
    packets: list[list[bytes]], right_tag: bool
) -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        for chunks in packets:
            tag = _tag(two) if right_tag else 0
            packet = struct.pack("!HHL", 5000, 5000, tag) + bytes(4) + b"".join(chunks)
            two.sctp.receive(_sealed(packet))
            await settle()
        two.sctp.send_message(0, TEXT, b"hello")
        await settle(30)
        assert two.ends <= 1

    run_virtually(main())


TSNS = st.integers(-3, 3)


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just(0), TSNS, st.integers(0, 3), st.integers(0, 5)),
            st.tuples(st.just(3), TSNS, st.integers(0, 4), st.integers(0, 5)),
            st.tuples(st.just(192), TSNS, st.integers(0, 3), st.integers(0, 5)),
            st.tuples(st.just(130), TSNS, st.integers(0, 3), st.integers(0, 5)),
        ),
        max_size=12,
    )
)
def test_takes_any_well_formed_nonsense(actions: list[tuple[int, int, int, int]]) -> None:
    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        both_open(one, two, 1)
        two.lose = lambda packet: True
        two.sctp.send_message(0, BINARY, bytes(8000))
        for kind, near, first, second in actions:
            core = two.sctp._core
            assert core is not None
            ours = (core._local_tsn + near) % (1 << 32)
            theirs = ((core._last_received_tsn or 0) + near) % (1 << 32)
            body = {
                0: struct.pack("!LHHL", theirs, first, second, BINARY) + b"x",
                3: struct.pack("!LLHH", ours - 5 & 0xFFFFFFFF, 1 << 20, 1, 0)
                + struct.pack("!HH", first, first + second),
                192: struct.pack("!LHH", theirs, first, second),
                130: struct.pack("!HHLLLH", 13, 18, second, near & 0xFF, theirs, first),
            }[kind]
            two.sctp.receive(_packet(_tag(two), kind, first, body))
            await settle(first / 3)
        await settle(30)
        assert two.ends <= 1

    run_virtually(main())


def test_parameter_without_length_does_not_hang() -> None:
    async def main() -> None:
        _, two = await connected()
        for kind in (1, 2, 4, 5, 6, 9, 130):
            two.sctp.receive(_packet(_tag(two), kind, 0, bytes(20)))
            two.sctp.receive(_packet(0, kind, 0, bytes(24)))

    run_virtually(main())


def test_acknowledgement_that_names_millions_is_passed_over() -> None:
    async def main() -> None:
        one, _ = await connected()
        core = one.sctp._core
        assert core is not None
        gaps = struct.pack("!HH", 1, 65535) * 250
        body = struct.pack("!LLHH", core._last_sacked_tsn, 1, 250, 0) + gaps
        one.sctp.receive(_packet(_tag(one), 3, 0, body))
        assert not one.sctp.ended

    run_virtually(main())


def test_peer_may_begin_anew() -> None:
    """A second INIT, as of a peer that was started again, leaves us able to speak."""

    async def main() -> None:
        one, two = await connected()
        both_open(one, two, 0)
        again = End("again")
        again.other, two.other = two, again
        again.sctp.open_stream(0)
        again.sctp.start(5000)
        await settle(5)
        again.sctp.send_message(0, TEXT, b"back")
        await settle(5)
        assert two.data[-1:] == [b"back"]

    run_virtually(main())


# ---- a stock data channel ------------------------------------------------------------------------


class Wire:
    """DTLS between aiortc's client and our server, in memory."""

    role = "controlled"

    def __init__(self, server: DtlsServer, sctp: SctpAssociation) -> None:
        self._server = server
        self._sctp = sctp
        self._incoming: asyncio.Queue[bytes] = asyncio.Queue()

    def send_sctp(self, packet: bytes) -> None:
        for datagram in self._server.send(packet).datagrams:
            self._incoming.put_nowait(datagram)

    async def _recv(self) -> bytes:
        return await self._incoming.get()

    async def _send(self, data: bytes) -> None:
        output = self._server.receive(data, Seconds(0.0))
        for datagram in output.datagrams:
            self._incoming.put_nowait(datagram)
        if output.keys is not None:
            self._sctp.start(5000)
        for packet in output.received:
            self._sctp.receive(packet)


def test_stock_data_channel_over_our_dtls() -> None:
    async def main() -> None:
        server_certificate = DtlsCertificate.generate()
        client_certificate = RTCCertificate.generateCertificate()
        server = DtlsServer(server_certificate)
        server.expect(fingerprints(client_certificate))
        messages: list[tuple[int, int, bytes]] = []
        closed: list[int] = []

        def echo(stream: int, ppid: int, data: bytes) -> None:
            messages.append((stream, ppid, data))
            assert association.send_message(stream, ppid, data)

        association = SctpAssociation(lambda packet: wire.send_sctp(packet), echo, closed.append)
        association.open_stream(11)
        wire = Wire(server, association)
        dtls = RTCDtlsTransport(wire, [client_certificate])  # type: ignore[arg-type]
        sctp = RTCSctpTransport(dtls)
        channel = RTCDataChannel(sctp, RTCDataChannelParameters(negotiated=True, id=11))
        heard: list[str | bytes] = []
        channel.on("message", heard.append)
        announced = [
            RTCDtlsFingerprint(one.algorithm, one.value) for one in server_certificate.fingerprints
        ]
        await dtls.start(RTCDtlsParameters(fingerprints=announced))
        await sctp.start(None, 5000)
        await settle(5)
        assert channel.readyState == "open"
        sent: list[str | bytes] = ["hello", b"\0bytes", "", b"", "x" * 60_000]
        for message in sent:
            channel.send(message)
        await settle(5)
        assert heard == sent
        assert [ppid for _, ppid, _ in messages] == [TEXT, BINARY, EMPTY_TEXT, EMPTY_BINARY, TEXT]
        channel.close()
        await settle(5)
        assert closed == [11]
        assert channel.readyState == "closed"
        await sctp.stop()
        await settle()
        assert association.ended
        await dtls.stop()

    run_virtually(main())
