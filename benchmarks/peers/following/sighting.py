"""From packets to frames: a frame has come when its last packet has, after a key frame."""

import time
from collections.abc import Callable

from benchmarks.passage import Mode
from benchmarks.peers.following.tiles import Tile
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.stamp import read_stamp
from sfu.wire.rtp import RtpPacket

TileOf = Callable[[int], Tile | None]
"""The tile of a camera's SSRC; None for whatever is no camera."""


def watch(transport: PeerTransport, way: Mode, tile_of: TileOf) -> None:
    """Tell tiles of all frames that come by a transport."""
    receiving = transport.media.receiving

    def see(packet: RtpPacket) -> None:
        if not packet.marker:
            return
        tile = tile_of(packet.ssrc)
        stream = receiving.streams.get(packet.ssrc)
        stamp = read_stamp(packet.payload)
        if tile is None or stamp is None or not isinstance(stream, ReceivedStream):
            return
        if stream.key_frames:
            tile.take(time.monotonic(), stamp.number, way)

    receiving.on_packet = see
