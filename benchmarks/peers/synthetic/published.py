"""What a synthetic peer sends: RTP streams that look like Opus and VP8 to whoever forwards them."""

import math
import random
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from benchmarks.peers.synthetic.stamp import STAMP_BYTES, encode_stamp
from sfu.wire import rtx
from sfu.wire.extensions import Extension, encode_abs_send_time, encode_elements, parse_elements
from sfu.wire.rtcp_reports import SenderReport

EXTENSION_IDS: Final = {
    Extension.AUDIO_LEVEL: 1,
    Extension.ABS_SEND_TIME: 2,
    Extension.TRANSPORT_SEQUENCE: 3,
    Extension.MID: 9,
    Extension.RID: 10,
    Extension.REPAIRED_RID: 11,
}
"""As a browser numbers them: not as the server does inside."""

OPUS, VP8, VP8_RTX = 111, 96, 97
"""Payload types, the same."""

HISTORY: Final = 1024
"""Packets kept to answer NACKs."""

FRAMES_PER_SECOND: Final = 30
MOST_PACKET_BYTES: Final = 1100

_NTP_EPOCH: Final = 2_208_988_800
_FIXED: Final = struct.Struct("!BBHII")

Kind = Literal["audio", "video"]

TakeNumber = Callable[[], int]
"""The transport-wide sequence number for one packet."""


class _Header:
    """A header that stands ready but for the numbers in it."""

    def __init__(self, elements: list[tuple[int, bytes]]) -> None:
        profile, block = encode_elements(elements)
        self._bytes = bytes(_FIXED.size) + struct.pack("!HH", profile, len(block) // 4) + block
        start = _FIXED.size + 4
        places = {one.id: start + one.offset for one in parse_elements(profile, block)}
        self._send_time = places[EXTENSION_IDS[Extension.ABS_SEND_TIME]]
        self._number = places[EXTENSION_IDS[Extension.TRANSPORT_SEQUENCE]]
        self._level = places.get(EXTENSION_IDS[Extension.AUDIO_LEVEL])
        self.size = len(self._bytes)

    def fill(
        self, fields: tuple[int, int, int, int], now: float, number: int, level: int
    ) -> bytearray:
        """The header with (marker and payload type, sequence number, timestamp, SSRC)."""
        header = bytearray(self._bytes)
        _FIXED.pack_into(header, 0, 0x90, *fields)
        header[self._send_time : self._send_time + 3] = encode_abs_send_time(now)
        header[self._number] = number >> 8
        header[self._number + 1] = number & 0xFF
        if self._level is not None:
            header[self._level] = level
        return header


@dataclass(frozen=True)
class StreamParameters:
    """How one encoding is sent; ``rid`` only with simulcast, ``rtx`` types only with video."""

    mid: str
    payload_type: int
    clock_rate: int
    rtx_payload_type: int | None = None
    rid: str | None = None
    with_level: bool = False


class PublishedStream:
    """One encoding, with its history and its retransmissions.

    Attributes:
        ssrc: of the media.
        rtx_ssrc: of retransmissions.
        sent: media packets.
        octets: of their payload.
        retransmitted: packets sent again.
        number: sequence number of the next packet.
    """

    def __init__(self, parameters: StreamParameters, rng: random.Random) -> None:
        self.parameters = parameters
        self.ssrc = rng.randrange(1, 1 << 32)
        self.rtx_ssrc = rng.randrange(1, 1 << 32)
        self.sent = 0
        self.octets = 0
        self.retransmitted = 0
        self.number = rng.randrange(1 << 15)
        self._rtx_number = rng.randrange(1 << 15)
        self._first_timestamp = rng.randrange(1 << 32)
        self._history: dict[int, bytes] = {}
        self._header = _Header(_elements(parameters, Extension.RID))
        self._rtx_header = _Header(_elements(parameters, Extension.REPAIRED_RID))

    @property
    def header_bytes(self) -> int:
        """Bytes before the payload."""
        return self._header.size

    def timestamp(self, now: float) -> int:
        """The RTP timestamp of an instant."""
        return round(now * self.parameters.clock_rate) + self._first_timestamp & 0xFFFFFFFF

    def packet(
        self, body: bytes, timestamp: int, marker: bool, now: float, number: int, level: int = 127
    ) -> bytes:
        """The next packet, its payload ``body`` and a stamp."""
        second = self.parameters.payload_type | (0x80 if marker else 0)
        sequence = self.number & 0xFFFF
        header = self._header.fill((second, sequence, timestamp, self.ssrc), now, number, level)
        packet = bytes(header) + body + encode_stamp(self.ssrc, self.sent, now)
        self.number += 1
        self.sent += 1
        self.octets += len(body) + STAMP_BYTES
        self._history[sequence] = packet
        if len(self._history) > HISTORY:
            del self._history[next(iter(self._history))]
        return packet

    def retransmission(self, sequence: int, now: float, number: int) -> bytes | None:
        """A packet again; None when it is forgotten.

        On the RTX stream, or, where there is none, the very packet: as browsers do with Opus.
        """
        packet, kind = self._history.get(sequence), self.parameters.rtx_payload_type
        if packet is None:
            return None
        if kind is None:
            self.retransmitted += 1
            return packet
        size = self._header.size
        again = rtx.encapsulate(packet, size, self.rtx_ssrc, kind, self._rtx_number & 0xFFFF)
        fields = _FIXED.unpack_from(again)[1:]
        self._rtx_number += 1
        self.retransmitted += 1
        return bytes(self._rtx_header.fill(fields, now, number, 127)) + again[size:]

    def sender_report(self, now: float) -> SenderReport:
        """What has been sent so far."""
        wall = time.clock_gettime(time.CLOCK_REALTIME) + _NTP_EPOCH
        return SenderReport(
            ssrc=self.ssrc,
            ntp_time=int(wall * (1 << 32)) & (1 << 64) - 1,
            rtp_timestamp=self.timestamp(now),
            packet_count=self.sent & 0xFFFFFFFF,
            octet_count=self.octets & 0xFFFFFFFF,
        )


def _elements(parameters: StreamParameters, rid: Extension) -> list[tuple[int, bytes]]:
    wanted: list[tuple[Extension, bytes]] = [(Extension.MID, parameters.mid.encode())]
    if parameters.rid is not None:
        wanted.append((rid, parameters.rid.encode()))
    wanted += [(Extension.ABS_SEND_TIME, bytes(3)), (Extension.TRANSPORT_SEQUENCE, bytes(2))]
    if parameters.with_level:
        wanted.append((Extension.AUDIO_LEVEL, bytes(1)))
    return [(EXTENSION_IDS[extension], value) for extension, value in wanted]


class Track(Protocol):
    """Something that is published: one producer.

    Attributes:
        kind: audio or video.
        mid: of its m-section.
        streams: its encodings, lowest first.
        due: when the next frame is to be sent; move it to start later.
    """

    kind: Kind
    mid: str
    streams: list[PublishedStream]
    due: float

    def frame(self, now: float, take_number: TakeNumber) -> list[bytes]:
        """The packets of the frame that is due, and ``due`` becomes that of the next."""

    def want_key_frame(self, ssrc: int) -> None:
        """The next frame of this encoding stands alone."""


class AudioTrack:
    """Fifty packets a second with the size of speech in Opus, and an audio level."""

    INTERVAL: Final = 0.02
    kind: Kind = "audio"

    def __init__(self, mid: str, rng: random.Random, start: float, body_bytes: int = 70) -> None:
        self.mid = mid
        self.due = start
        self.streams = [PublishedStream(StreamParameters(mid, OPUS, 48_000, with_level=True), rng)]
        self.level = 40
        """-dBov, 0 loudest; 127 is silence."""
        # TOC byte: CELT or hybrid full band, 20 ms, stereo, one frame (RFC 6716 §3.1).
        self._body = b"\xfc" + rng.randbytes(body_bytes - 1)

    def frame(self, now: float, take_number: TakeNumber) -> list[bytes]:
        """One packet."""
        stream = self.streams[0]
        timestamp = stream.timestamp(self.due)
        first = stream.sent == 0
        self.due += self.INTERVAL
        level = self.level | (0x80 if self.level < 127 else 0)
        return [stream.packet(self._body, timestamp, first, now, take_number(), level)]

    def want_key_frame(self, ssrc: int) -> None:
        """Every packet of Opus stands alone."""


@dataclass(frozen=True)
class FrameShape:
    """How many packets a frame has, and how long they are, RTP header included."""

    packets: int
    packet_bytes: int

    @classmethod
    def of_rate(cls, bits_per_second: float) -> "FrameShape":
        """The shape that makes the rate, 30 times a second, of equal packets."""
        frame_bytes = bits_per_second / 8 / FRAMES_PER_SECOND
        packets = max(1, math.ceil(frame_bytes / MOST_PACKET_BYTES))
        return cls(packets, max(100, round(frame_bytes / packets)))

    @classmethod
    def of_whole_packets(cls, bits_per_second: float) -> "FrameShape":
        """The nearest rate of full packets: what the benchmarks of forwarding offer."""
        frame_bytes = bits_per_second / 8 / FRAMES_PER_SECOND
        return cls(max(1, round(frame_bytes / MOST_PACKET_BYTES)), MOST_PACKET_BYTES)


_SIMULCAST_SHARES: Final = {1: (1.0,), 2: (0.25, 0.75), 3: (0.08, 0.25, 0.67)}


@dataclass
class _Encoding:
    """One layer of a video track on its way."""

    stream: PublishedStream
    shape: FrameShape
    size: tuple[int, int]
    picture_id: int
    key_frame_wanted: bool = True
    key_frames: int = 0


class VideoTrack:
    """Thirty frames a second that are VP8 to whoever does not decode them.

    The first frame of each encoding is a key frame, and so is the one after a request.

    Args:
        mid: of the m-section.
        rng: draws SSRCs and first numbers.
        start: when the first frame is due.
        bits_per_second: of all encodings together.
        rids: one per simulcast encoding, lowest first; none for a single encoding.
        shape: of the frames, in place of what the rate would make them; single encoding only.
        key_frame_weight: how many times as many packets a key frame has.
    """

    kind: Kind = "video"

    def __init__(  # noqa: PLR0913 - each is a property of the picture
        self,
        mid: str,
        rng: random.Random,
        start: float,
        bits_per_second: float = 600_000,
        rids: Sequence[str] = (),
        shape: FrameShape | None = None,
        key_frame_weight: int = 3,
    ) -> None:
        self.mid = mid
        self.due = start
        self._weight = key_frame_weight
        self._noise = rng.randbytes(MOST_PACKET_BYTES)
        self._encodings: list[_Encoding] = []
        shares = _SIMULCAST_SHARES[max(1, len(rids))]
        for place, share in enumerate(shares):
            parameters = StreamParameters(mid, VP8, 90_000, VP8_RTX, rids[place] if rids else None)
            scale = 1 << len(shares) - 1 - place
            self._encodings.append(
                _Encoding(
                    PublishedStream(parameters, rng),
                    shape or FrameShape.of_rate(share * bits_per_second),
                    (1280 // scale, 720 // scale),
                    rng.randrange(1 << 15),
                )
            )
        self.streams = [one.stream for one in self._encodings]

    @property
    def key_frames(self) -> list[int]:
        """Key frames sent so far, per encoding."""
        return [one.key_frames for one in self._encodings]

    def want_key_frame(self, ssrc: int) -> None:
        """Make the next frame of an encoding stand alone."""
        for one in self._encodings:
            if one.stream.ssrc == ssrc:
                one.key_frame_wanted = True

    def frame(self, now: float, take_number: TakeNumber) -> list[bytes]:
        """The packets of one picture, in all encodings."""
        packets: list[bytes] = []
        for one in self._encodings:
            packets += self._encoded(one, now, take_number)
        self.due += 1 / FRAMES_PER_SECOND
        return packets

    def _encoded(self, one: _Encoding, now: float, take_number: TakeNumber) -> list[bytes]:
        stream, key = one.stream, one.key_frame_wanted
        timestamp = stream.timestamp(self.due)
        count = one.shape.packets * (self._weight if key else 1)
        one.key_frame_wanted = False
        one.key_frames += key
        one.picture_id = one.picture_id + 1 & 0x7FFF
        tail = bytes((0x80, 0x80 | one.picture_id >> 8, one.picture_id & 0xFF))
        size = one.shape.packet_bytes - stream.header_bytes - STAMP_BYTES
        first = b"\x90" + tail + _frame_tag(key, one.size)
        body = first + self._noise[: max(0, size - len(first))]
        packets = []
        for place in range(count):
            if place:
                body = b"\x80" + tail + self._noise[: max(0, size - 4)]
            last = place == count - 1
            packets.append(stream.packet(body, timestamp, last, now, take_number()))
        return packets


def _frame_tag(key: bool, size: tuple[int, int]) -> bytes:
    """How a VP8 frame begins: its tag, of a key frame start code and size (RFC 6386 §9.1)."""
    if not key:
        return b"\x11\x02\x00"
    return b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", *size)
