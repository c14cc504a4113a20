"""A server as aiortc's manual builds one: MediaRelay, which decodes once and encodes for each.

One line of JSON in, ``{"offer": SDP, "publishes": bool}``, one out, ``{"answer": SDP}``: the first
that publishes is relayed to all that come after.

    python -m benchmarks.peers.media_relay
"""

import asyncio
import sys

import aioice.ice
import msgspec
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole, MediaRelay


class Relay:
    """Everybody's peer connections."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._connections: list[RTCPeerConnection] = []
        self._sink = MediaBlackhole()
        self._source: MediaStreamTrack | None = None

    async def take(self, offer: str, publishes: bool) -> str:
        """Answer an offer."""
        connection = RTCPeerConnection()
        self._connections.append(connection)
        if publishes:
            connection.add_listener("track", self._publish)
        elif self._source is not None:
            connection.addTrack(self._relay.subscribe(self._source))
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return connection.localDescription.sdp

    def _publish(self, track: MediaStreamTrack) -> None:
        self._source = track


async def main() -> None:
    """Serve until the input ends."""
    # It gathers no candidates on the loopback interface unless it is told to.
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    relay = Relay()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        request = msgspec.json.decode(line)
        answer = await relay.take(request["offer"], request["publishes"])
        sys.stdout.buffer.write(msgspec.json.encode({"answer": answer}) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(main())
