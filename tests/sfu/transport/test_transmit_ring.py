import os

import numpy as np
import pytest

from sfu.transport import transmit_ring
from sfu.transport.packet_ring import ROW_BYTES
from sfu.transport.srtp import MOST_OVERHEAD, SrtpProfile, SrtpSession
from sfu.transport.transmit_ring import TransmitRing


@pytest.fixture
def session() -> SrtpSession:
    return SrtpSession.outbound(SrtpProfile.AES_128_GCM, os.urandom(28))


def rtp(number: int, size: int = 40) -> bytes:
    return b"\x80\x60" + number.to_bytes(2, "big") + bytes(size - 4)


def test_block_is_rows_of_subscribers_of_packets() -> None:
    ring = TransmitRing(16)
    ring.block(1, 1, 0)
    block = ring.block(3, 4, 0)
    block.packets[:] = 0
    block.flags_and_numbers[2, 3] = 0x9060, 0x0102
    block.timestamps[2, 3] = 0x03040506
    block.ssrcs[2, 3] = int.from_bytes(b"\7\10\11\12", "little")
    block.transport_numbers[2, 3] = 0x1314
    block.slots[2, 3] = 5
    block.lengths[2, 3] = 20
    row = 1 + 2 * 4 + 3
    header = bytes.fromhex("9060 0102 03040506 0708090a 000000000000 1314")
    assert ring.rows[row, :20].tobytes() == header
    assert (ring.slots[row], ring.lengths[row]) == (5, 20)
    assert len(ring) == 13
    assert ring.spans == [(0, 1, 1), (1, 3, 4)]


def test_full_ring_is_sent_before_more_is_written(session: SrtpSession) -> None:
    ring, sent = TransmitRing(4), list[int]()
    ring.sender = lambda ring: sent.append(len(ring))
    for number in range(6):
        ring.append(rtp(number), 0, session)
    assert (sent, len(ring)) == ([4], 2)
    ring.flush()
    ring.flush()
    assert sent == [4, 2]
    assert (ring.protected, ring.refusals) == (6, 0)


def test_blocks_kept_are_bounded(session: SrtpSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transmit_ring, "_MOST_BLOCKS", 3)
    ring = TransmitRing(16)
    for number in range(12):
        ring.append(rtp(number), 0, session)
        assert len(ring._blocks) <= 3
    assert np.count_nonzero(ring.lengths) == 12


@pytest.mark.parametrize(("too_long", "size"), [(0, ROW_BYTES - MOST_OVERHEAD), (1, ROW_BYTES)])
def test_packet_must_fit(session: SrtpSession, too_long: int, size: int) -> None:
    ring = TransmitRing(2)
    if not too_long:
        ring.append(rtp(1, size), 0, session)
        ring.flush()
        assert ring.protected == 1
        return
    with pytest.raises(ValueError, match="bytes"):
        ring.append(rtp(1, size), 0, session)
