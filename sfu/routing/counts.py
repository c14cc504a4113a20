"""What the rooms of a worker have counted, beside what every packet counts for itself.

Counted where something happens once per report, request or repetition: never once per packet.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class RoutingCounts:
    """Since the worker's start.

    Attributes:
        lost_in: packets of publishers that had not come when they were reported (RFC 3550 A.3).
        lost_out: packets that subscribers reported as lost.
        nacked_in: packets that subscribers asked for again.
        nacked_out: packets that publishers were asked for again.
        pictures_in: key-frame requests of subscribers.
        pictures_out: key-frame requests to publishers.
        repaired_out: packets sent again to subscribers.
        repairs_denied: packets not sent again because they had been too often already.
    """

    lost_in: int = 0
    lost_out: int = 0
    nacked_in: int = 0
    nacked_out: int = 0
    pictures_in: int = 0
    pictures_out: int = 0
    repaired_out: int = 0
    repairs_denied: int = 0
