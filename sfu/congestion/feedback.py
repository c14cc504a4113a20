"""Transport-wide feedback of many transports, read in one pass.

Hot path. The format is that of ``sfu.wire.twcc``, which reads one at a time and is the measure of
this: where it raises, the feedback is left out here; where it does not, the result is the same.

Work is bounded by the bytes that came and the packets they speak of, of which a feedback may name
``MOST_STATUSES``: thirty bytes could otherwise stand for 65,535 lost packets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sfu.units import I64, U8, Mask

HEADER_SIZE: Final = 8
"""Bytes of control information before the first chunk."""

MOST_STATUSES: Final = 4096
"""Packets that one feedback may speak of; more have never been on their way at once."""

_TICKS_PER_REFERENCE: Final = 256
_REFERENCE_SIGN: Final = 1 << 23
_RUN_BITS: Final = 0x1FFF
_SMALL_RUN: Final = 1 << 13
_PLAIN_SIZE: Final = HEADER_SIZE + 2
"""Bytes before the deltas of a feedback of one chunk."""

_RESERVED: Final = 3
_LARGE: Final = 2
# What a chunk is, by its two highest bits: run (00, 01), one bit per symbol, two bits per symbol.
_SYMBOLS: Final[I64] = np.array([0, 0, 14, 7])
_SHIFTS: Final[I64] = np.array([13, 13, 13, 12])  # down to its first symbol
_STEPS: Final[I64] = np.array([0, 0, 1, 2])  # and to each one after it
_MASKS: Final[I64] = np.array([3, 3, 1, 3])


@dataclass(frozen=True, slots=True)
class Statuses:
    """What became of packets, feedback after feedback, in the order in which they were given.

    Attributes:
        feedbacks: int64, shape (n,), which of the feedbacks speaks of the packet.
        numbers: int64, shape (n,), transport-wide sequence numbers, 0 to 65535.
        arrived: bool, shape (n,).
        ticks: int64, shape (n,), when, in 250 µs of the receiver's clock since the feedback's
            reference time; 0 where it did not arrive.
        references: int64, shape (feedbacks,), each one's reference time, in 64 ms, signed 24 bits.
        broken: feedbacks left out.
    """

    feedbacks: I64
    numbers: I64
    arrived: Mask
    ticks: I64
    references: I64
    broken: int


def parse_feedbacks(bodies: Sequence[bytes], sizes: Sequence[int]) -> Statuses:
    """Read the control information of feedback packets.

    Args:
        bodies: at least one, with the padding, so of whole 32-bit words.
        sizes: of each, without its padding, at least HEADER_SIZE.
    """
    data = np.frombuffer(b"".join(bodies) + bytes(2), np.uint8)
    words = data.view(">u2").astype(np.int64)
    lengths = np.array(sizes, np.int64)
    starts = _before(np.array([len(body) for body in bodies], np.int64))
    first = starts >> 1
    counts = words[first + 1]
    times = words[first + 2] << 8 | words[first + 3] >> 8
    references = (times ^ _REFERENCE_SIGN) - _REFERENCE_SIGN
    good = (counts > 0) & (counts <= MOST_STATUSES)

    # Most feedback tells of packets that all came, none long after the one before: one chunk.
    chunk = words[np.minimum(first + HEADER_SIZE // 2, len(words) - 1)]
    plain = good & (chunk == _SMALL_RUN + counts)
    plain &= _PLAIN_SIZE + counts <= lengths
    begin = starts + _PLAIN_SIZE  # of the deltas
    symbols = None
    if not plain.all():
        others = np.where(good & ~plain, counts, 0)
        symbols, begin = _symbols(words, first, lengths, others, good, begin)
        if not good.all():
            symbols = symbols[good[np.repeat(np.arange(len(first)), others)]]
    broken = 0
    if not good.all():
        broken = int(len(good) - np.count_nonzero(good))
        counts = np.where(good, counts, 0)
    feedbacks = np.repeat(np.arange(len(first)), counts)
    places = _ramp(counts)
    numbers = (words[first][feedbacks] + places) & 0xFFFF
    if symbols is None:
        arrived = np.ones(len(places), np.bool_)
        ticks = _sums(data[begin[feedbacks] + places].astype(np.int64), feedbacks)
        return Statuses(feedbacks, numbers, arrived, ticks, references, broken)
    every = np.ones(len(places), np.int64)
    every[~plain[feedbacks]] = symbols
    # Deltas follow the chunks: as many bytes as a symbol says.
    offsets = np.cumsum(every) - every
    sizes_of_deltas = np.bincount(feedbacks, every, len(first)).astype(np.int64)
    offsets += (begin - _before(sizes_of_deltas))[feedbacks]
    arrived = every > 0
    ticks = _ticks(data, feedbacks, every, offsets, arrived)
    return Statuses(feedbacks, numbers, arrived, ticks, references, broken)


def _symbols(
    words: I64, first: I64, lengths: I64, counts: I64, good: Mask, begin: I64
) -> tuple[I64, I64]:
    """What became of the packets of some feedbacks, as symbols, and where their deltas begin.

    Args:
        words: of all feedbacks.
        first: word at which each begins.
        lengths: bytes of each.
        counts: packets of each; 0 for those left out.
        good: which can be read; those that cannot are struck off.
        begin: byte at which the deltas of those left out begin.

    Returns:
        Symbols of all that have packets, the broken ones included (as 0), and bytes.
    """
    wanted = counts > 0
    known = good & wanted
    owners, chunks, told, spans = _chunks(words, first, lengths, counts, known)
    places = _ramp(told)
    kinds = chunks >> 14
    shifts = np.repeat(_SHIFTS[kinds], told) - np.repeat(_STEPS[kinds], told) * places
    symbols = np.repeat(chunks, told) >> shifts & np.repeat(_MASKS[kinds], told)
    feedbacks = np.repeat(owners, told)
    known[feedbacks[symbols == _RESERVED]] = False
    sizes_of_deltas = np.bincount(feedbacks, symbols, len(first)).astype(np.int64)
    after = HEADER_SIZE + 2 * spans
    known &= after + sizes_of_deltas <= lengths
    good &= known | ~wanted
    every = np.zeros(int(counts.sum()), np.int64)
    whose = np.repeat(np.arange(len(first)), counts)
    whole = np.isin(whose, owners)
    every[whole] = symbols
    return every, np.where(wanted, 2 * first + after, begin)


def _chunks(
    words: I64, first: I64, lengths: I64, counts: I64, good: Mask
) -> tuple[I64, I64, I64, I64]:
    """The chunks of all feedbacks: whose they are, themselves, of how many packets they speak.

    Which words are chunks and which deltas is known only by adding up; so all are taken for chunks,
    and those dropped that come after the last packet.

    Returns:
        Three columns of shape (chunks,), and the number of chunks of each feedback.
    """
    candidates = np.where(good, (lengths - HEADER_SIZE) >> 1, 0)
    owners = np.repeat(np.arange(len(first)), candidates)
    chunks = words[np.repeat(first + HEADER_SIZE // 2, candidates) + _ramp(candidates)]
    told = _SYMBOLS[chunks >> 14]
    told += np.where(chunks < 0x8000, chunks & _RUN_BITS, 0)
    ends = np.cumsum(told)
    # ``ends`` before a feedback's first word; those without words do not matter.
    base = np.append(0, ends)[_before(candidates)]
    missing = counts[owners] - (ends - told - base[owners])
    real = missing > 0
    owners, chunks, told = owners[real], chunks[real], np.minimum(told, missing)[real]
    covered = np.bincount(owners, told, len(first)).astype(np.int64)
    good &= covered == counts
    spans = np.bincount(owners, minlength=len(first))
    kept = good[owners]
    if not kept.all():
        owners, chunks, told = owners[kept], chunks[kept], told[kept]
    return owners, chunks, told, spans


def _ticks(data: U8, feedbacks: I64, symbols: I64, offsets: I64, arrived: Mask) -> I64:
    """When packets arrived since their feedback's reference time; 0 where they did not."""
    ticks = np.zeros(len(symbols), np.int64)
    at = offsets[arrived]
    deltas = data[at].astype(np.int64)
    large = (symbols[arrived] == _LARGE).nonzero()[0]
    if len(large):
        both = deltas[large] << 8 | data[at[large] + 1]
        deltas[large] = (both ^ 0x8000) - 0x8000
    ticks[arrived] = _sums(deltas, feedbacks[arrived])
    return ticks


def _sums(deltas: I64, owners: I64) -> I64:
    """Sums of deltas up to each, beginning anew with each owner."""
    sums: I64 = np.cumsum(deltas)
    begins = np.flatnonzero(np.diff(owners, prepend=-1))
    before = sums[begins] - deltas[begins]
    sums -= np.repeat(before, np.diff(begins, append=len(owners)))
    return sums


def _before(sizes: I64) -> I64:
    """The sum of all entries before each."""
    sums: I64 = np.cumsum(sizes)
    return sums - sizes


def _ramp(sizes: I64) -> I64:
    """0, 1, 2 … as often as each size says, one after the other."""
    return np.arange(int(sizes.sum())) - np.repeat(_before(sizes), sizes)
