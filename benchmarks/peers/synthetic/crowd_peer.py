"""A synthetic person in a crowd."""

from typing_extensions import override

from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_transport import CrowdStream, CrowdTransport
from benchmarks.peers.synthetic.member import Member
from benchmarks.peers.synthetic.signaling import Consumption, Signaling


class CrowdPeer(Member[CrowdTransport, CrowdStream]):
    """See ``Member``; what it receives is counted in the crowd's table.

    Args:
        signaling: speaks for it.
        crowd: gives it time, and its certificate.
        checked: whether all that it receives is decrypted, checked and timed.
    """

    def __init__(self, signaling: Signaling, crowd: Crowd, *, checked: bool = False) -> None:
        super().__init__(signaling, crowd.identity, data=False, rng=crowd.rng)
        self._crowd = crowd
        self._checked = checked

    @override
    def make_transport(self, cname: str) -> CrowdTransport:
        return self._crowd.join(cname, checked=self._checked)

    @override
    def expect(self, transport: CrowdTransport, consumption: Consumption) -> CrowdStream:
        return transport.expect(consumption)
