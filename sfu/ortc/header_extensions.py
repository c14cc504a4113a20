"""Which header extensions are spoken with whom (RFC 8285); ids and URIs are ``sfu.wire``'s.

Towards subscribers a packet carries exactly what the header rewriter lays out: two slots for the
leg's own numbers and times, and what is forwarded of the publisher's. There is no place for a mid,
so subscribers tell streams apart by SSRC, which they know before the first packet.
"""

from typing import Final

from sfu.ortc.parameters import Direction, Kind
from sfu.wire.extensions import URIS, Extension
from sfu.wire.header_rewriter import FORWARDED

SLOTS: Final = frozenset({Extension.ABS_SEND_TIME, Extension.TRANSPORT_SEQUENCE})
"""What every packet to a subscriber carries, whatever its publisher sends."""

KINDS: Final[dict[Extension, tuple[Kind, ...]]] = {
    Extension.MID: ("audio", "video"),
    Extension.RID: ("video",),
    Extension.REPAIRED_RID: ("video",),
    Extension.ABS_SEND_TIME: ("audio", "video"),
    Extension.TRANSPORT_SEQUENCE: ("audio", "video"),
    Extension.AUDIO_LEVEL: ("audio",),
    Extension.VIDEO_ORIENTATION: ("video",),
    Extension.PLAYOUT_DELAY: ("video",),
    Extension.DEPENDENCY_DESCRIPTOR: ("video",),
}

_BY_URI: Final = {uri: extension for extension, uri in URIS.items()}


def by_uri(uri: str) -> Extension | None:
    """The extension of that name, if it is known."""
    return _BY_URI.get(uri)


def direction(extension: Extension) -> Direction:
    """Seen from the server: what is never sent to subscribers is only received."""
    return "sendrecv" if extension in SLOTS | FORWARDED else "recvonly"
