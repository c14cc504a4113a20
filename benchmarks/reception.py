"""What reception costs: CPU per received packet besides decryption and fan-out.

Ten publishers of VP8 send frames of ``--frame`` packets; batches hold ``--batch`` of them. Real
SRTP; packets are put into the receive ring without a socket, and fanned out to nobody.

    python -m benchmarks.reception
    python -m benchmarks.reception --batch 6 --frame 3
"""

import argparse
import os
import statistics
import struct
import time
from collections.abc import Sequence

import numpy as np
from typing_extensions import override

from sfu.media.packet_store import PacketMemory
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import (
    RtcpFeedback,
    RtpCodecParameters,
    RtpEncodingParameters,
    RtpHeaderExtensionParameters,
    RtpParameters,
)
from sfu.routing.fan_out import FanOut
from sfu.routing.inbound import Inbound
from sfu.routing.producer import Producer
from sfu.routing.reception import Reception
from sfu.routing.shared import Shared
from sfu.transport.destinations import Destinations
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import Context, SrtpProfile, SrtpSession, protect_rtp
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I32, U8, U32, Seconds
from sfu.wire.extensions import URIS, Extension, encode_elements
from sfu.wire.header_rewriter import HEADROOM

PUBLISHERS = 10
PAYLOAD = 1050
_PAYLOAD_TYPE = 96
_IDS = {2: Extension.ABS_SEND_TIME, 3: Extension.TRANSPORT_SEQUENCE, 4: Extension.MID}


class _Nobody(FanOut):
    """Looks as if it had a subscriber."""

    @override
    def __len__(self) -> int:
        return 1

    @override
    def forward(self, packets: U8, heads: U32, lengths: I32, number: int) -> None:
        pass


class _Timed(Reception):
    """Knows how much of its time went into decryption."""

    decrypting = 0.0

    @override
    def _decrypt(self, rows: list[int], contexts: list[Context]) -> bytes:
        begun = time.perf_counter()
        statuses = super()._decrypt(rows, contexts)
        self.decrypting += time.perf_counter() - begun
        return statuses


class _Publisher:
    def __init__(self, number: int, shared: Shared) -> None:
        profile = SrtpProfile.AES_128_GCM
        key = os.urandom(profile.key_length + profile.salt_length)
        self.ssrc = 1000 + number
        self.sent = self.frames = 0
        self.session = SrtpSession.outbound(profile, key)
        self.inbound = Inbound(shared)
        self.inbound.session = SrtpSession.inbound(profile, key)
        feedback = (RtcpFeedback(type="nack"), RtcpFeedback(type="transport-cc"))
        codec = RtpCodecParameters(
            mime_type="video/VP8",
            clock_rate=90_000,
            payload_type=_PAYLOAD_TYPE,
            rtcp_feedback=feedback,
        )
        extensions = tuple(
            RtpHeaderExtensionParameters(uri=URIS[extension], id=number)
            for number, extension in _IDS.items()
        )
        given = RtpParameters(
            mid="0",
            codecs=(codec,),
            header_extensions=extensions,
            encodings=(RtpEncodingParameters(ssrc=self.ssrc),),
        )
        producer = Producer(
            id=str(number),
            transport_id="t",
            member_id="m",
            kind="video",
            source="camera",
            parameters=normalise("video", given),
            group=1,
            shared=shared,
            paused=False,
            now=Seconds(0.0),
        )
        for stream in producer.streams:
            stream.fan_out = _Nobody(1, 1, 96, shared.ring, shared.destinations)
        self.inbound.add(producer)

    def packet(self, begins: bool, ends: bool) -> bytes:
        """The next one, not protected."""
        self.sent += 1
        self.frames += begins
        number = struct.pack("!H", self.sent & 0xFFFF)
        profile, block = encode_elements([(4, b"0"), (3, number), (2, b"abc")])
        second = _PAYLOAD_TYPE | (0x80 if ends else 0)
        timestamp = self.frames * 3000 & 0xFFFFFFFF
        fixed = (0x90, second, self.sent & 0xFFFF, timestamp, self.ssrc, profile, len(block) // 4)
        descriptor = bytes((0x90 if begins else 0x80, 0x80, 0x81, 0x23, 1))
        return struct.pack("!BBHIIHH", *fixed) + block + descriptor + bytes(PAYLOAD)


def measure(batch: int, frame: int, packets: int) -> tuple[float, float]:
    """Median µs per packet of reception, and per call of the feedback to a publisher."""
    shared = Shared(TransmitRing(), Destinations(1), PacketMemory(16_384))
    ring = PacketRing(max(batch, 8), HEADROOM)
    reception = _Timed(ring, shared)
    publishers = [_Publisher(number, shared) for number in range(PUBLISHERS)]
    clock, now = time.perf_counter, 0.0
    receiving: list[float] = []
    telling: list[float] = []
    turn = -1
    for _ in range(packets // batch):
        now += 0.001 * batch
        inbounds = []
        for row in range(batch):
            turn += row % frame == 0
            publisher = publishers[turn % PUBLISHERS]
            data = publisher.packet(row % frame == 0, row % frame == frame - 1)
            ring.rows[row, : len(data)] = np.frombuffer(data, np.uint8)
            ring.lengths[row] = len(data)
            protect_rtp(publisher.session.context, ring.packets[row], ring.packet_lengths[row])
            inbounds.append(publisher.inbound)
        rows, arrivals = list(range(batch)), [int(now * 1e6) + 1000 * row for row in range(batch)]
        begun, decrypting = clock(), reception.decrypting
        reception.receive(rows, inbounds, Seconds(now), arrivals)
        receiving.append(clock() - begun - reception.decrypting + decrypting)
        for publisher in publishers:
            due = publisher.inbound.next_deadline()
            if due is not None and due <= now:
                begun = clock()
                publisher.inbound.take_rtcp(Seconds(now))
                telling.append(clock() - begun)
    return 1e6 * statistics.median(receiving) / batch, 1e6 * statistics.median(telling)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one kind of batch, or some."""
    parser = argparse.ArgumentParser(description="CPU per received packet")
    parser.add_argument("--batch", type=int, default=0, help="packets per batch")
    parser.add_argument("--frame", type=int, default=3, help="packets per frame")
    parser.add_argument("--packets", type=int, default=60_000)
    asked = parser.parse_args(arguments)
    kinds = (
        [(asked.batch, asked.frame)] if asked.batch else [(1, 1), (3, 3), (6, 1), (6, 3), (64, 3)]
    )
    for batch, frame in kinds:
        received, told = measure(batch, frame, asked.packets)
        print(
            f"batches of {batch:2}, frames of {frame}: {received:5.2f} µs per packet,"
            f" {told:5.1f} µs per feedback",
            flush=True,
        )


if __name__ == "__main__":
    main()
