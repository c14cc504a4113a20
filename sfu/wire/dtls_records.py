"""Records of a DTLS 1.2 datagram (RFC 6347 §4.1): found, and packed into datagrams.

    content type (1) | version (2) | epoch (2) | sequence number (6) | length (2) | fragment

A datagram holds whole records, one after the other. What a TLS library reads must hold nothing
else, because it reads on across datagrams; and what it writes comes as one run of records.
"""

from typing import Final

from sfu.units import Octets

RECORD_HEADER: Final = 13

_CHANGE_CIPHER_SPEC, _APPLICATION_DATA = 20, 23
_VERSIONS = (b"\xfe\xff", b"\xfe\xfd")  # 1.0, which a hello may carry, and 1.2


def whole_records(datagram: Octets) -> list[bytes]:
    """The records at the head of a datagram, up to whatever is none."""
    data = bytes(datagram)
    records = []
    at = 0
    while len(data) - at > RECORD_HEADER:
        end = at + RECORD_HEADER + int.from_bytes(data[at + 11 : at + 13], "big")
        known = _CHANGE_CIPHER_SPEC <= data[at] <= _APPLICATION_DATA
        if end > len(data) or not known or data[at + 1 : at + 3] not in _VERSIONS:
            break
        records.append(data[at:end])
        at = end
    return records


def is_one_data_record(datagram: bytes) -> bool:
    """Whether a datagram is one record of application data, and nothing else."""
    return (
        len(datagram) > RECORD_HEADER
        and datagram[0] == _APPLICATION_DATA
        and datagram[1:3] == _VERSIONS[1]
        and RECORD_HEADER + (datagram[11] << 8 | datagram[12]) == len(datagram)
    )


def pack_datagrams(records: Octets, most: int) -> list[bytes]:
    """Datagrams of whole records in their order, each as full as it may be.

    Args:
        records: a run of whole records.
        most: bytes of a datagram; a record that is longer goes alone.
    """
    datagrams = []
    datagram = b""
    for record in whole_records(records):
        if datagram and len(datagram) + len(record) > most:
            datagrams.append(datagram)
            datagram = b""
        datagram += record
    if datagram:
        datagrams.append(datagram)
    return datagrams
