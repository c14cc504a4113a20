"""Somebody in a crowd who calls a server by offers and answers."""

import time
from dataclasses import dataclass
from typing import Self

from benchmarks.peers.sdp import Description, Local
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_transport import CrowdStream, CrowdTransport
from benchmarks.peers.synthetic.ice_agent import Credentials
from benchmarks.peers.synthetic.published import Track


@dataclass(frozen=True)
class Caller:
    """A transport that has not begun, and what it says of itself."""

    crowd: Crowd
    transport: CrowdTransport
    local: Local

    @classmethod
    def of(cls, crowd: Crowd, *, checked: bool = False) -> Self:
        """One more."""
        transport = crowd.join(checked=checked)
        assert transport.socket is not None
        host, port = transport.socket.getsockname()
        credentials = Credentials.draw(crowd.rng)
        return cls(crowd, transport, Local(credentials, crowd.identity.fingerprint, host, port))

    async def connect(self, remote: Description) -> None:
        """Check, and shake hands.

        Raises:
            ConnectFailed: it did not succeed.
        """
        self.transport.begin(remote.remote, self.local.credentials)
        await self.transport.until_connected()

    def expect(self, remote: Description) -> list[CrowdStream]:
        """Count what is announced from now on."""
        ssrcs = [section.ssrc for section in remote.sections]
        return [self.crowd.expect(self.transport, ssrc) for ssrc in ssrcs if ssrc is not None]

    def send(self, track: Track) -> None:
        """Send a track from now on."""
        track.due = time.monotonic()
        self.transport.media.publishing.add(track)
        self.transport.wake()
