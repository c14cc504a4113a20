"""The same small fan-out through aiortc's MediaRelay and through a worker."""

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final

import msgspec
import uvloop

from benchmarks import metering, processes
from benchmarks.metering import CpuTime, cpu_time
from benchmarks.peers.synthetic.connection import RemoteTransport
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_peer import CrowdPeer
from benchmarks.peers.synthetic.crowd_transport import CrowdTransport
from benchmarks.peers.synthetic.ice_agent import Credentials
from benchmarks.peers.synthetic.published import VP8, VP8_RTX
from benchmarks.peers.synthetic.recorded import RecordedTrack, record_vp8
from benchmarks.peers.synthetic.worker_control import WorkerControl

PICTURE: Final = (1280, 720)
"""What cameras give, and pages send."""

WARM_UP: Final = 2.0
"""Seconds before the measurement: encoders start with a key frame."""


class NotHere(Exception):  # noqa: N818 - reads as what is the matter
    """MediaRelay cannot be measured on this machine; the message says why."""


@dataclass(frozen=True)
class Fanned:
    """What a fan-out cost.

    Attributes:
        subscribers: how many.
        packets: that reached them.
        seconds: how long.
        cpu: of the server.
    """

    subscribers: int
    packets: int
    seconds: float
    cpu: CpuTime

    @property
    def micros(self) -> float:
        """µs of CPU per packet."""
        return self.cpu.ran / 1000 / max(1, self.packets)

    @property
    def micros_per_subscriber_second(self) -> float:
        """µs of CPU to serve one subscriber for a second."""
        return self.cpu.ran / 1000 / self.subscribers / self.seconds


def of_worker(subscribers: int, seconds: float) -> Fanned:
    """Through a worker, which forwards."""
    return uvloop.run(_of_worker(subscribers, seconds))


async def _of_worker(subscribers: int, seconds: float) -> Fanned:
    with processes.sfu_worker(metering.cores()[0]) as worker:
        async with WorkerControl.connected(worker.control) as control:
            crowd = Crowd(subscribers)
            crowd.attach()
            router = await control.open_router("room")
            publisher = CrowdPeer(router.member("publisher"), crowd)
            track = RecordedTrack("0", crowd.rng, record_vp8(*PICTURE))
            publication = await publisher.publish(track, "camera")
            for place in range(subscribers):
                peer = CrowdPeer(router.member(f"subscriber-{place}"), crowd)
                await peer.subscribe(publication.id)
            crowd.detach()
            return _measured(
                crowd, worker.pid, subscribers, seconds, lambda: int(crowd.table.received.sum())
            )


def of_relay(subscribers: int, seconds: float) -> Fanned:
    """Through MediaRelay, which decodes and encodes.

    Raises:
        NotHere: it does not work here.
    """
    return uvloop.run(_of_relay(subscribers, seconds))


async def _of_relay(subscribers: int, seconds: float) -> Fanned:
    with processes.media_relay(metering.cores()[0]) as (pid, to, back):
        crowd = Crowd(subscribers)
        crowd.attach()
        try:
            publisher = crowd.join()
            track = RecordedTrack("0", crowd.rng, record_vp8(*PICTURE), stamped=False)
            await _connect(publisher, crowd, _Session(to, back), track)
            for _ in range(subscribers):
                await _connect(crowd.join(), crowd, _Session(to, back), None)
        except (ValueError, OSError, RuntimeError) as error:
            raise NotHere(str(error)) from error
        crowd.detach()
        measured = _measured(crowd, pid, subscribers, seconds, lambda: crowd.tally.packets)
        if not measured.packets:
            raise NotHere("it sent nothing")
        return measured


def _measured(
    crowd: Crowd, pid: int, subscribers: int, seconds: float, count: Callable[[], int]
) -> Fanned:
    crowd.run(WARM_UP)
    cpu, packets, begun = cpu_time(pid), count(), time.monotonic()
    crowd.run(seconds)
    spent, elapsed = cpu_time(pid) - cpu, time.monotonic() - begun
    received = count() - packets
    crowd.close()
    return Fanned(subscribers, received, elapsed, spent)


# ---- offers and answers --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Session:
    """Where MediaRelay takes offers and gives answers."""

    to: IO[bytes]
    back: IO[bytes]

    def ask(self, offer: str, publishes: bool) -> str:
        """The answer to an offer."""
        self.to.write(msgspec.json.encode({"offer": offer, "publishes": publishes}) + b"\n")
        self.to.flush()
        line = self.back.readline()
        if not line:
            raise RuntimeError("it has ended")
        answer: str = msgspec.json.decode(line)["answer"]
        return answer


async def _connect(
    transport: CrowdTransport, crowd: Crowd, session: _Session, track: RecordedTrack | None
) -> None:
    local = Credentials.draw(random.Random())
    offer = _offer(local, crowd.identity.fingerprint, transport.port, track)
    transport.begin(_remote(session.ask(offer, track is not None)), local)
    await transport.until_connected()
    if track is not None:
        track.due = time.monotonic()
        transport.media.publishing.add(track)
        transport.wake()


def _offer(local: Credentials, fingerprint: str, port: int, track: RecordedTrack | None) -> str:
    """An offer to send a track, or to receive one (RFC 8829)."""
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        f"m=video {port} UDP/TLS/RTP/SAVPF {VP8} {VP8_RTX}",
        "c=IN IP4 127.0.0.1",
        f"a=candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host",
        "a=end-of-candidates",
        "a=mid:0",
        f"a=ice-ufrag:{local.username_fragment}",
        f"a=ice-pwd:{local.password}",
        f"a=fingerprint:sha-256 {fingerprint}",
        "a=setup:active",
        "a=rtcp-mux",
        "a=sendonly" if track is not None else "a=recvonly",
        f"a=rtpmap:{VP8} VP8/90000",
        f"a=rtcp-fb:{VP8} nack",
        f"a=rtcp-fb:{VP8} nack pli",
        f"a=rtpmap:{VP8_RTX} rtx/90000",
        f"a=fmtp:{VP8_RTX} apt={VP8}",
    ]
    if track is not None:
        stream = track.streams[0]
        lines += [
            f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}",
            f"a=ssrc:{stream.ssrc} cname:publisher",
            f"a=ssrc:{stream.rtx_ssrc} cname:publisher",
        ]
    return "\r\n".join(lines) + "\r\n"


def _remote(answer: str) -> RemoteTransport:
    """Where the answer says that the server is.

    Raises:
        ValueError: something is missing.
    """

    def found(pattern: str) -> re.Match[str]:
        match = re.search(pattern, answer)
        if match is None:
            raise ValueError(f"the answer has nothing like {pattern}")
        return match

    host, port = found(r"a=candidate:\S+ 1 udp \d+ (127\S+) (\d+) typ host").groups()
    credentials = Credentials(found(r"a=ice-ufrag:(\S+)")[1], found(r"a=ice-pwd:(\S+)")[1])
    fingerprints = re.findall(r"a=fingerprint:(\S+) (\S+)", answer)
    return RemoteTransport(credentials, host, int(port), tuple(fingerprints))
