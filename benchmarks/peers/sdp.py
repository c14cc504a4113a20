"""Session descriptions (RFC 8866, RFC 8829), as far as synthetic peers need them to call servers.

A transport either sends one video track or receives some. Media is VP8 with retransmissions, as all
that synthetic peers publish; everything is bundled on one ICE and DTLS transport.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.peers.synthetic.connection import RemoteTransport
from benchmarks.peers.synthetic.ice_agent import Credentials
from benchmarks.peers.synthetic.published import EXTENSION_IDS, VP8, VP8_RTX, PublishedStream
from sfu.wire.extensions import URIS, Extension

_FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")

_OFFERED: Final = (Extension.MID, Extension.ABS_SEND_TIME, Extension.TRANSPORT_SEQUENCE)

_OF_TRANSPORT: Final = frozenset(("ice-ufrag", "ice-pwd", "fingerprint", "candidate"))

_HOST_PRIORITY: Final = 2_130_706_431
"""Of a host candidate of the first component (RFC 8445 §5.1.2.1)."""


class BadDescription(ValueError):  # noqa: N818 - reads as what is the matter
    """A description lacks what a peer needs; the message says what."""


# ---- reading -------------------------------------------------------------------------------------


@dataclass
class Section:
    """One m-section.

    Attributes:
        kind: ``video``, ``audio`` or ``application``.
        mid: its identification; empty when it has none.
        direction: as seen by who wrote it.
        codecs: (payload type, name in upper case), in the order of preference.
        repairs: payload types of retransmissions, by that of the codec they repair.
        extensions: (id, URI) of RTP header extensions.
        ssrc: of its media; None when it announces none.
        track: what its sender calls the track; empty when it does not say.
    """

    kind: str
    mid: str = ""
    direction: str = "sendrecv"
    codecs: list[tuple[int, str]] = field(default_factory=list)
    repairs: dict[int, int] = field(default_factory=dict)
    extensions: list[tuple[int, str]] = field(default_factory=list)
    ssrc: int | None = None
    track: str = ""


@dataclass(frozen=True)
class Description:
    """What a server has said.

    Attributes:
        remote: where its transport is.
        sections: in order.
    """

    remote: RemoteTransport
    sections: tuple[Section, ...]


def parse(text: str) -> Description:
    """Read a description.

    Raises:
        BadDescription: it names no host candidate over UDP and IPv4, no credentials or no
            fingerprint.
    """
    sections: list[Section] = []
    of_transport: dict[str, list[str]] = {}
    for kind, value in _lines(text):
        if kind == "m":
            sections.append(Section(value.split()[0]))
        elif kind == "a":
            name, _, rest = value.partition(":")
            if name in _OF_TRANSPORT:
                of_transport.setdefault(name, []).append(rest)
            elif sections:
                _note(sections[-1], name, rest)
    return Description(_remote(of_transport), tuple(sections))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        kind, equals, value = line.strip().partition("=")
        if equals:
            yield kind, value


def _remote(attributes: dict[str, list[str]]) -> RemoteTransport:
    """The one transport of a bundle, whose attributes may stand anywhere, and again and again."""
    if "ice-ufrag" not in attributes or "ice-pwd" not in attributes:
        raise BadDescription("no ICE credentials")
    credentials = Credentials(attributes["ice-ufrag"][0], attributes["ice-pwd"][0])
    fingerprints = {
        (algorithm.lower(), digest)
        for algorithm, _, digest in (
            one.partition(" ") for one in attributes.get("fingerprint", [])
        )
    }
    if not fingerprints:
        raise BadDescription("no fingerprint")
    addresses = [_host_address(one) for one in attributes.get("candidate", [])]
    address = next((one for one in addresses if one is not None), None)
    if address is None:
        raise BadDescription("no host candidate over UDP and IPv4")
    return RemoteTransport(credentials, *address, tuple(sorted(fingerprints)))


def _host_address(candidate: str) -> tuple[str, int] | None:
    """Where a candidate is, if it is a host's for the first component, over UDP and IPv4."""
    fields = candidate.split()
    if len(fields) < 8 or fields[1] != "1" or fields[2].lower() != "udp" or fields[7] != "host":
        return None
    return None if ":" in fields[4] else (fields[4], int(fields[5]))


def _note(section: Section, name: str, value: str) -> None:
    match name:
        case "mid":
            section.mid = value
        case "sendrecv" | "sendonly" | "recvonly" | "inactive":
            section.direction = name
        case "rtpmap":
            number, codec = value.split(" ", 1)
            section.codecs.append((int(number), codec.partition("/")[0].upper()))
        case "fmtp":
            found = re.match(r"(\d+) (?:.*;)?\s*apt=(\d+)", value)
            if found:
                section.repairs[int(found[2])] = int(found[1])
        case "extmap":
            number, uri = value.split()[:2]
            section.extensions.append((int(number.partition("/")[0]), uri))
        case "ssrc":
            # Of a stream and its retransmissions, the stream comes first (RFC 5576 §4.2, FID).
            section.ssrc = section.ssrc or int(value.split()[0])
        case "msid":
            section.track = value.split()[-1]
        case _:
            pass


# ---- writing -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Local:
    """Our side: credentials, certificate, and where we are."""

    credentials: Credentials
    fingerprint: str
    host: str
    port: int


def publishing_offer(local: Local, stream: PublishedStream, mid: str, cname: str) -> str:
    """Offers to send one stream of VP8, with its retransmissions."""
    section = [
        *_transport(local, mid),
        "a=sendonly",
        f"a=msid:{cname} {cname}-video",
        *_extensions([(EXTENSION_IDS[one], URIS[one]) for one in _OFFERED]),
        *_vp8(VP8, VP8_RTX),
        f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}",
        f"a=ssrc:{stream.ssrc} cname:{cname}",
        f"a=ssrc:{stream.rtx_ssrc} cname:{cname}",
    ]
    return _description(local, [mid], [_media_line(local, (VP8, VP8_RTX)), *section])


def subscribing_offer(local: Local, streams: int) -> str:
    """Offers to receive so many streams of VP8; their mids are numbers from 0 on."""
    mids = [str(place) for place in range(streams)]
    lines: list[str] = []
    for mid in mids:
        lines += [
            _media_line(local, (VP8, VP8_RTX)),
            *_transport(local, mid),
            "a=recvonly",
            *_extensions([(EXTENSION_IDS[one], URIS[one]) for one in _OFFERED]),
            *_vp8(VP8, VP8_RTX),
        ]
    return _description(local, mids, lines)


def answer(local: Local, offer: Description) -> str:
    """Agrees to receive all VP8 that is offered, with the retransmissions and extensions we know.

    Raises:
        BadDescription: a section offers no VP8.
    """
    known = {URIS[one] for one in _OFFERED}
    lines: list[str] = []
    for section in offer.sections:
        vp8 = next((number for number, name in section.codecs if name == "VP8"), None)
        if vp8 is None:
            raise BadDescription("no VP8 in what is offered")
        rtx = section.repairs.get(vp8)
        lines += [
            _media_line(local, (vp8,) if rtx is None else (vp8, rtx)),
            *_transport(local, section.mid),
            "a=recvonly",
            *_extensions([(number, uri) for number, uri in section.extensions if uri in known]),
            *_vp8(vp8, rtx),
        ]
    return _description(local, [section.mid for section in offer.sections], lines)


def _description(local: Local, mids: Sequence[str], sections: list[str]) -> str:
    head = [
        "v=0",
        f"o=- 1 1 IN IP4 {local.host}",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(mids)}",
        "a=msid-semantic: WMS *",
    ]
    return "".join(f"{line}\r\n" for line in head + sections)


def _media_line(local: Local, payload_types: Sequence[int]) -> str:
    return f"m=video {local.port} UDP/TLS/RTP/SAVPF {' '.join(map(str, payload_types))}"


def _transport(local: Local, mid: str) -> list[str]:
    """Where we are; the checks are ours to begin, and the handshake too."""
    return [
        f"c=IN IP4 {local.host}",
        f"a=candidate:1 1 udp {_HOST_PRIORITY} {local.host} {local.port} typ host",
        "a=end-of-candidates",
        f"a=ice-ufrag:{local.credentials.username_fragment}",
        f"a=ice-pwd:{local.credentials.password}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        "a=setup:active",
        f"a=mid:{mid}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]


def _extensions(extensions: Sequence[tuple[int, str]]) -> list[str]:
    return [f"a=extmap:{number} {uri}" for number, uri in extensions]


def _vp8(payload_type: int, repair: int | None) -> list[str]:
    lines = [f"a=rtpmap:{payload_type} VP8/90000"]
    lines += [f"a=rtcp-fb:{payload_type} {feedback}" for feedback in _FEEDBACK]
    if repair is not None:
        lines += [f"a=rtpmap:{repair} rtx/90000", f"a=fmtp:{repair} apt={payload_type}"]
    return lines
