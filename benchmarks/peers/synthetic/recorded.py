"""A track that a decoder can read: a few seconds of VP8, encoded once and sent again and again."""

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from benchmarks.peers.synthetic.published import (
    FRAMES_PER_SECOND,
    MOST_PACKET_BYTES,
    VP8,
    VP8_RTX,
    Kind,
    PublishedStream,
    StreamParameters,
    TakeNumber,
)
from benchmarks.peers.synthetic.stamp import STAMP_BYTES


class Picture(NamedTuple):
    """An encoded frame."""

    data: bytes
    is_key: bool


def record_vp8(
    width: int, height: int, frames: int = 60, bits_per_second: int = 1_200_000
) -> list[Picture]:
    """Something that moves, the first picture a key frame."""
    context = av.CodecContext.create("libvpx", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = width, height
    context.bit_rate = bits_per_second
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, FRAMES_PER_SECOND)
    context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    pictures = []
    for number in range(frames):
        # A wall in soft light, and someone before it who moves.
        red = 96 + 64 * np.sin((across + 2 * number) / 90)
        green = 96 + 64 * np.cos(down / 70)
        near = (across - width / 2 - 60 * np.sin(number / 9)) ** 2 + (down - height / 2) ** 2
        blue = np.where(near < (height / 3) ** 2, 200 + 40 * np.sin(across / 5), 80)
        image = np.stack([red, green, blue], axis=-1).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts = number
        pictures += [Picture(bytes(packet), packet.is_keyframe) for packet in context.encode(frame)]
    return pictures + [Picture(bytes(one), one.is_keyframe) for one in context.encode(None)]


class RecordedTrack:
    """See ``Track``. The stamp stands behind the picture's last partition, where decoders stop.

    Args:
        mid: of the m-section.
        rng: draws SSRCs and first numbers.
        pictures: to be repeated; the first is a key frame.
        stamped: whether packets end with a stamp; a decoder takes them for part of the picture.
    """

    kind: Kind = "video"
    _BODY: Final = MOST_PACKET_BYTES - 60

    def __init__(
        self, mid: str, rng: random.Random, pictures: Sequence[Picture], stamped: bool = True
    ) -> None:
        self.mid = mid
        self.due = 0.0
        self.streams = [PublishedStream(StreamParameters(mid, VP8, 90_000, VP8_RTX), rng)]
        self._pictures = pictures
        self._stamped = stamped
        self._place = 0
        self._picture_id = rng.randrange(1 << 15)

    def want_key_frame(self, ssrc: int) -> None:
        """Begin again, if it is not about to."""
        if self._place > FRAMES_PER_SECOND // 3:
            self._place = 0

    def frame(self, now: float, take_number: TakeNumber) -> list[bytes]:
        """The packets of one picture."""
        stream = self.streams[0]
        timestamp = stream.timestamp(self.due)
        self.due += 1 / FRAMES_PER_SECOND
        data = self._pictures[self._place].data
        self._place = (self._place + 1) % len(self._pictures)
        self._picture_id = self._picture_id + 1 & 0x7FFF
        tail = bytes((0x80, 0x80 | self._picture_id >> 8, self._picture_id & 0xFF))
        packets = []
        for at in range(0, len(data), self._BODY):
            body = (b"\x80" if at else b"\x90") + tail + data[at : at + self._BODY]
            last = at + self._BODY >= len(data)
            packet = stream.packet(body, timestamp, last, now, take_number())
            packets.append(packet if self._stamped else packet[:-STAMP_BYTES])
        return packets
