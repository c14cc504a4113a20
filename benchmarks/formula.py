"""What a user sends and receives by the textbook: mesh (N-1) times, SFU once; bytes and all. Pure.

The rate of one user's camera and microphone is counted as the wire sees it, of every packet:

    RTP header, its extensions and payload  +  SRTP tag  +  UDP and IPv4 headers

RTCP, STUN, DTLS and data channels are no part of it; they are measured beside it.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from benchmarks.passage import Mode
from benchmarks.peers.synthetic.published import (
    FRAMES_PER_SECOND,
    AudioTrack,
    FrameShape,
)
from benchmarks.peers.synthetic.stamp import STAMP_BYTES
from benchmarks.traffic import IPV4_UDP_BYTES
from sfu.transport.srtp import SrtpProfile

TAG_BYTES: Final = {
    SrtpProfile.AES_128_GCM: 16,
    SrtpProfile.AES_128_CM_SHA1_80: 10,
}
"""That SRTP adds to a packet (RFC 7714 §13.1, RFC 3711 §4.2)."""

SPEECH_BYTES: Final = 70
"""Of Opus in a packet of a synthetic microphone."""


@dataclass(frozen=True)
class Stream:
    """Equal packets at an even pace.

    Attributes:
        per_second: packets.
        rtp_bytes: of each, header and extensions included.
    """

    per_second: float
    rtp_bytes: int


def offered(bits_per_second: float) -> tuple[Stream, Stream]:
    """A synthetic member's camera of this rate, and its microphone."""
    shape = FrameShape.of_rate(bits_per_second)
    header = AudioTrack("1", random.Random(0), 0.0, SPEECH_BYTES).streams[0].header_bytes
    return (
        Stream(FRAMES_PER_SECOND * shape.packets, shape.packet_bytes),
        Stream(1 / AudioTrack.INTERVAL, header + SPEECH_BYTES + STAMP_BYTES),
    )


def wire_rate(streams: Iterable[Stream], profile: SrtpProfile) -> float:
    """Bits a second of these streams on the wire, sent once."""
    around = TAG_BYTES[profile] + IPV4_UDP_BYTES
    return sum(8 * one.per_second * (one.rtp_bytes + around) for one in streams)


def upload(mode: Mode, people: int, rate: float) -> float:
    """Of one of so many people, each of whom sends at a rate; in its unit."""
    return rate * (people - 1 if mode == "mesh" else min(1, people - 1))


def download(people: int, rate: float) -> float:
    """Of one of so many people: the same in either mode."""
    return rate * (people - 1)


def connections(mode: Mode, people: int) -> int:
    """Transports of one user: to each other one, or one each way to the server."""
    return people - 1 if mode == "mesh" else 2


def error(measured: float, expected: float) -> float:
    """By how much a measured value differs, in per cent; less than nothing if it is smaller.

    Raises:
        ValueError: nothing is expected, so that there is no such share.
    """
    if not expected:
        raise ValueError("an error in per cent of nothing")
    return 100 * (measured / expected - 1)
