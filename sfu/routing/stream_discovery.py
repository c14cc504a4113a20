"""Which encoding a packet of an unknown SSRC belongs to (ORTC §8.3, RFC 8843 §9.2).

Browsers announce no SSRC for simulcast: the first packets of each stream carry the identification
of its media description (mid) and its restriction identifier (rid; repaired rid on a retransmission
stream, RFC 8852). What is said counts; the payload type alone decides only where it can mean one
producer.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sfu.routing.producer import Producer


class Signs(NamedTuple):
    """What a packet says of where it belongs; "" for what it does not say.

    Attributes:
        payload_type: as the publisher numbers them.
        mid: identification of the media description.
        rid: restriction identifier of its encoding.
        repaired_rid: of the encoding that it repairs.
    """

    payload_type: int
    mid: str = ""
    rid: str = ""
    repaired_rid: str = ""


class Place(NamedTuple):
    """Where a packet belongs.

    Attributes:
        producer: whose it is.
        layer: which of its encodings.
        repairs: whether the packet is of the encoding's retransmission stream.
        certain: whether the packet itself has named the encoding or the media description.
    """

    producer: Producer
    layer: int
    repairs: bool
    certain: bool


def find_place(producers: Iterable[Producer], signs: Signs) -> Place | None:
    """The encoding a packet belongs to; None when that is not clear."""
    fitting = [one for one in producers if _carries(one, signs.payload_type)]
    if signs.mid:
        # A mid that nobody has means a description that is not, or no longer, there.
        fitting = [one for one in fitting if one.parameters.mid == signs.mid]
    rid = signs.repaired_rid or signs.rid
    places = []
    for producer in fitting:
        layer = _layer(producer, rid)
        if layer is not None:
            repairs = signs.payload_type in producer.parameters.rtx_payload_types
            places.append(Place(producer, layer, repairs, bool(signs.mid or rid)))
    if len(places) != 1 or (signs.repaired_rid and not places[0].repairs):
        return None
    return places[0]


def _carries(producer: Producer, payload_type: int) -> bool:
    parameters = producer.parameters
    return payload_type in parameters.payload_types or payload_type in parameters.rtx_payload_types


def _layer(producer: Producer, rid: str) -> int | None:
    encodings = producer.parameters.encodings
    if rid:
        named = [layer for layer, one in enumerate(encodings) if one.rid == rid]
        if named:
            return named[0]
        # A single encoding without a name may have one in its packets all the same.
        return 0 if len(encodings) == 1 and encodings[0].rid is None else None
    return 0 if len(encodings) == 1 else None
