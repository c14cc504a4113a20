"""A client that is no browser and knows nothing of our page: the room dialect and aiortc.

``python tests/support/plain_caller.py WEBSOCKET ROOM`` joins, answers whoever offers, sends a
moving picture and a tone, and prints what it receives as JSON lines until its input closes.
"""

import asyncio
import json
import math
import sys
from fractions import Fraction
from typing import Any

import aioice.ice
import numpy as np
from aiohttp import ClientSession, ClientWebSocketResponse
from aiortc import (
    MediaStreamTrack,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame, VideoFrame
from typing_extensions import override

RATE = 48_000
TICK = 960


class MovingPicture(VideoStreamTrack):
    """A bar that wanders over a small grey picture."""

    @override
    async def recv(self) -> VideoFrame:
        """The next frame, in time."""
        pts, time_base = await self.next_timestamp()
        picture = np.full((120, 160, 3), 90, np.uint8)
        column = (pts // 3000 * 4) % 150
        picture[:, column : column + 10] = 255
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(MediaStreamTrack):
    """440 Hz, mono, in frames of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._sent = 0

    @override
    async def recv(self) -> AudioFrame:
        """The next frame, in time."""
        await asyncio.sleep(TICK / RATE)
        phase = 2 * math.pi * 440 * (np.arange(TICK) + self._sent) / RATE
        samples = (8000 * np.sin(phase)).astype(np.int16)[None, :]
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sent, Fraction(1, RATE)
        self._sent += TICK
        return frame


def report(**what: object) -> None:
    """One line for whoever watches."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def count_frames(track: MediaStreamTrack) -> None:
    """Reports every tenth frame of a track."""
    received = 0
    while True:
        await track.recv()
        received += 1
        if received % 10 == 0:
            report(event="frames", kind=track.kind, count=received)


class Caller:
    """Answers one peer at a time, each with a connection of its own."""

    def __init__(self, socket: ClientWebSocketResponse, room: str) -> None:
        self._socket = socket
        self._room = room
        self._peers: dict[str, RTCPeerConnection] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until the connection ends."""
        await self._socket.send_json({"type": "join-room", "payload": {"roomId": self._room}})
        async for frame in self._socket:
            message = json.loads(frame.data)
            kind = message["type"]
            if kind in {"client-id", "room-joined", "member-joined", "member-left", "error"}:
                report(event=kind, message=message)
            elif kind == "chat":
                report(event="chat", text=message["payload"])
            elif kind == "offer":
                await self._answer(message["from"], message["payload"])
            elif kind == "ice-candidate":
                await self._candidate(message["from"], message["payload"])

    async def _answer(self, sender: str, offer: dict[str, str]) -> None:
        peer = self._peers.get(sender)
        if peer is None:
            peer = self._peers[sender] = RTCPeerConnection()
            peer.on("track", self._watch)
            peer.addTrack(MovingPicture())
            peer.addTrack(Tone())
        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        payload = {"type": "answer", "sdp": peer.localDescription.sdp}
        answer = {"type": "answer", "roomId": self._room, "to": sender, "payload": payload}
        await self._socket.send_json(answer)

    async def _candidate(self, sender: str, candidate: dict[str, Any] | None) -> None:
        peer = self._peers.get(sender)
        if peer is None or not candidate or not candidate.get("candidate"):
            return
        parsed = candidate_from_sdp(candidate["candidate"].removeprefix("candidate:"))
        parsed.sdpMid = candidate.get("sdpMid")
        parsed.sdpMLineIndex = candidate.get("sdpMLineIndex")
        await peer.addIceCandidate(parsed)

    def _watch(self, track: MediaStreamTrack) -> None:
        task = asyncio.ensure_future(count_frames(track))
        self._tasks.add(task)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())


async def main(address: str, room: str) -> None:
    """Calls until standard input closes."""
    own = aioice.ice.get_host_addresses
    # aioice leaves out loopback, which is all that some test machines have
    aioice.ice.get_host_addresses = lambda **use: [*own(**use), "127.0.0.1"]
    async with ClientSession() as session, session.ws_connect(address) as socket:
        calling = asyncio.ensure_future(Caller(socket, room).run())
        told_to_stop = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await asyncio.wait({calling, told_to_stop}, return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            calling.result()
        calling.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
