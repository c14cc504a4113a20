from benchmarks.traffic import IPV4_UDP_BYTES, Carried, Load
from sfu.wire.demux import Protocol

RTP = bytes((0x80, 96)) + bytes(98)
RTCP = bytes((0x80, 200)) + bytes(26)
STUN = bytes(20)
DTLS = bytes((22,)) + bytes(59)


def test_datagrams_are_told_apart_and_headers_counted() -> None:
    carried = Carried()
    for datagram in (RTP, RTP, RTCP, STUN, DTLS):
        carried.add(datagram)
    assert carried.of(Protocol.RTP) == Load(2, 200)
    assert carried.of(Protocol.RTP).wire_octets == 200 + 2 * IPV4_UDP_BYTES == 256
    assert carried.of(Protocol.RTCP, Protocol.STUN) == Load(2, 28 + 20)
    assert carried.of() == Load(5, 200 + 28 + 20 + 60)


def test_what_is_no_protocol_of_ours_counts_all_the_same() -> None:
    carried = Carried()
    carried.add(b"short")
    assert carried.of(Protocol.UNKNOWN) == carried.of() == Load(1, 5)


def test_loads_add_and_differ() -> None:
    assert Load(5, 500).since(Load(2, 150)) == Load(3, 350)
    assert Load(5, 500).plus(Load(2, 150)) == Load(7, 650)
