"""How a transport is connected: ICE, DTLS and SCTP, as clients write it down.

The dictionaries of ORTC (https://draft.ortc.org/, §3, §4 and §11) in camelCase JSON.
"""

import re
from typing import Annotated, Final, Literal

import msgspec

from sfu.ortc.errors import invalid
from sfu.ortc.json_body import decode_body
from sfu.ortc.parameters import Ortc, Text

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]


class IceParameters(Ortc, frozen=True, kw_only=True):
    """Credentials of one end (RFC 8445 §5.3) and whether it is lite (§2.5)."""

    username_fragment: str
    password: str
    ice_lite: bool = False


class IceCandidate(Ortc, frozen=True, kw_only=True):
    """An address to try (RFC 8445 §5.1).

    Attributes:
        ip: the same as ``address``, under the name that older clients read.
        protocol: of the transport.
        tcp_type: only with TCP (RFC 6544).
    """

    foundation: str
    priority: int
    ip: str
    address: str
    protocol: Literal["udp", "tcp"]
    port: Port
    type: Literal["host", "srflx", "prflx", "relay"]
    tcp_type: Literal["active", "passive", "so"] | None = None


class DtlsFingerprint(Ortc, frozen=True, kw_only=True):
    """A certificate's hash (RFC 8122 §5): ``value`` is pairs of hexadecimal digits with colons."""

    algorithm: Text
    value: Text


class DtlsParameters(Ortc, frozen=True, kw_only=True):
    """Which certificates an end may show, and who begins: ``auto`` leaves it to the other end."""

    role: Literal["auto", "client", "server"] = msgspec.field(default_factory=lambda: _AUTO)
    fingerprints: Annotated[tuple[DtlsFingerprint, ...], msgspec.Meta(max_length=16)]


class SctpParameters(Ortc, frozen=True, kw_only=True):
    """An SCTP association's end (RFC 8841).

    Attributes:
        streams_out: most streams this end sends on (``OS``).
        streams_in: most streams this end receives on (``MIS``).
        max_message_size: bytes, in both directions, under the name that older clients read.
        max_send_message_size: bytes this end will send in one message.
        max_receive_message_size: bytes this end accepts in one message.
    """

    port: Port
    streams_out: int = msgspec.field(name="OS")
    streams_in: int = msgspec.field(name="MIS")
    max_message_size: int
    max_send_message_size: int
    max_receive_message_size: int


_AUTO: Final[Literal["auto"]] = "auto"

HASH_BYTES: Final = {"sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64}
"""The hash functions of RFC 8122 §5 that are in use, and how long their values are."""

_PAIRS: Final = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*")


def decode_dtls_parameters(raw: bytes | msgspec.Raw) -> DtlsParameters:
    """A peer's certificate and role; only the fingerprints that can be checked, in upper case.

    Raises:
        OrtcError: ``invalid-parameters``: also when the peer wants to be the DTLS server, which
            the SFU is, or when no fingerprint can be checked.
    """
    given = decode_body(raw, DtlsParameters, "DTLS parameters")
    if given.role == "server":
        raise invalid("The peer has to be the DTLS client, because the SFU is the server.")
    usable = []
    for one in given.fingerprints:
        algorithm = one.algorithm.lower()
        size = HASH_BYTES.get(algorithm)
        if size is None:
            continue
        if not _PAIRS.fullmatch(one.value) or len(one.value) != 3 * size - 1:
            raise invalid(f"The fingerprint of {algorithm} is not {size} pairs of digits.")
        usable.append(DtlsFingerprint(algorithm=algorithm, value=one.value.upper()))
    if not usable:
        raise invalid("There is no DTLS fingerprint of a known hash function.")
    return DtlsParameters(role=given.role, fingerprints=tuple(usable))
