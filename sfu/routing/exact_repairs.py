"""Lost packets of a consumer without RTX, sent again as they were: those of sound."""

import random
from collections.abc import Sequence
from typing import Final

from sfu.media.repetition_limits import RepetitionLimits
from sfu.media.retransmission import Retransmissions
from sfu.routing.feed import Feed
from sfu.routing.received_stream import ReceivedStream
from sfu.routing.repairs import Repairs
from sfu.routing.shared import Shared
from sfu.transport.srtp import SrtpSession
from sfu.units import Seconds

_FIRST_NUMBERS: Final = 1 << 15
"""As those of media, in the lower half."""


class ExactRepairs:
    """Answers to a subscriber's requests (RFC 4585 §6.2.1), byte for byte.

    Args:
        ssrc: of the stream.
        feed: what was sent to the subscriber.
        shared: the worker's; from now on it keeps copies of sound.
    """

    __slots__ = ("_feed", "_limits", "_shared", "_ssrc")

    def __init__(self, ssrc: int, feed: Feed, shared: Shared) -> None:
        self._ssrc = ssrc
        self._feed = feed
        self._shared = shared
        self._limits = RepetitionLimits()
        shared.copies.begin()

    def send(
        self,
        lost: Sequence[int],
        destination: tuple[int, SrtpSession],
        rtt: Seconds | None,
        now: Seconds,
    ) -> None:
        """Send packets again, if copies are kept and it is not too often.

        Sound is little, so no pacer holds it back.

        Args:
            lost: sequence numbers as on the wire.
            destination: slot and session of the transport.
            rtt: its round-trip time, if it is known.
            now: monotonic.
        """
        shared, slot, sent = self._shared, destination[0], self._feed.packets
        places = shared.copies.find(slot, self._ssrc)
        for number in lost:
            place = places.get(number)
            if place is None:
                continue
            if not self._limits.permit(number, sent, rtt, now):
                shared.counts.repairs_denied += 1
                continue
            datagram, transport_number = shared.copies.packet(place)
            shared.again.append((slot, transport_number, datagram))
            shared.counts.repaired_out += 1


def repairs_for(
    feed: Feed,
    streams: Sequence[ReceivedStream],
    shared: Shared,
    ssrc: int,
    rtx: tuple[int | None, int | None],
    rng: random.Random,
) -> Repairs | ExactRepairs:
    """What sends a consumer's lost packets again.

    Args:
        feed: what is sent to the subscriber.
        streams: from which that comes.
        shared: the worker's.
        ssrc: of the consumer's stream.
        rtx: SSRC and payload type of its RTX stream; None where that was not negotiated.
        rng: for the RTX stream's first number.
    """
    rtx_ssrc, payload_type = rtx
    if rtx_ssrc is None or payload_type is None:
        return ExactRepairs(ssrc, feed, shared)
    first = rng.randrange(1, _FIRST_NUMBERS)
    return Repairs(feed, streams, Retransmissions(rtx_ssrc, payload_type, first), shared)
