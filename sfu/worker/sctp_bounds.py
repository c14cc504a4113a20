"""What a peer may do to an association: the layer that bounds what comes in.

aiortc keeps whatever is sent ahead of a gap, sorts all of it at every chunk, and names all of it in
an acknowledgement of any size. Here a peer is held to its window, to a number of fragments, and to
numbers that are near; what goes beyond is not taken, and will come again, or ends the association.
That packets are well-formed is known before: ``wire/sctp_packets``.

Private parts of aiortc that are used, each held in place by ``tests/sfu/worker/test_sctp_core.py``:

* replaced: ``_receive  _receive_data_chunk  _mark_received  _send_sack``
* read or set: ``_advertised_rwnd  _inbound_streams  _last_received_tsn  _sack_duplicates
  _sack_misordered  _sack_needed``
"""

from collections.abc import Callable

from aiortc.rtcsctptransport import SCTP_TSN_MODULO, DataChunk, tsn_plus_one
from aiortc.utils import uint32_gte
from typing_extensions import override

from sfu.wire.sctp_packets import MOST_GAP
from sfu.worker.sctp_sending import SendingSctp

_MOST_MISORDERED = 512
_MOST_HELD = 1024
_MOST_BLOCKS = 64
_MOST_DUPLICATES = 30
_COUNT_EVERY = 256


class SctpRuleError(Exception):
    """The peer does what no SCTP does; the association ends."""


class BoundedSctp(SendingSctp):
    """An association that takes from its peer no more than it can bear.

    Args:
        send: takes packets for the peer.
        take_message: takes the peer's messages: stream, payload protocol identifier, data.
        local_port: ours.
        most_bytes: of a message.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        take_message: Callable[[int, int, bytes], None],
        local_port: int,
        most_bytes: int,
    ) -> None:
        super().__init__(send, local_port)
        self._take_message = take_message
        self._most_bytes = most_bytes
        self._data_chunks = 0

    @override
    async def _receive(self, stream_id: int, pp_id: int, data: bytes) -> None:
        if len(data) > self._most_bytes:
            raise SctpRuleError(f"message of {len(data)} bytes")
        self._take_message(stream_id, pp_id, data)

    @override
    async def _receive_data_chunk(self, chunk: DataChunk) -> None:
        if self._last_received_tsn is None:
            return
        ahead = (chunk.tsn - self._last_received_tsn) % SCTP_TSN_MODULO
        is_new = 0 < ahead < SCTP_TSN_MODULO // 2
        size = len(chunk.user_data)
        if is_new and ahead > 1:
            if (
                ahead > MOST_GAP
                or len(self._sack_misordered) >= _MOST_MISORDERED
                or size > self._advertised_rwnd
            ):
                self._sack_needed = True  # not taken, so it will come again
                return
        elif is_new and self._advertised_rwnd < -self._most_bytes:
            raise SctpRuleError("window ignored")
        self._data_chunks += 1
        if not self._data_chunks % _COUNT_EVERY and self._held() > _MOST_HELD:
            raise SctpRuleError("fragments without end")
        await super()._receive_data_chunk(chunk)

    def _held(self) -> int:
        """Chunks that wait for others of their message, or before it."""
        return sum(len(stream.reassembly) for stream in self._inbound_streams.values())

    @override
    def _mark_received(self, tsn: int) -> bool:
        """Whether a number came before; aiortc sorts all that are ahead, and not across 2³²."""
        last, ahead = self._last_received_tsn, self._sack_misordered
        assert last is not None
        if uint32_gte(last, tsn) or tsn in ahead:
            self._sack_duplicates.append(tsn)
            return True
        ahead.add(tsn)
        while (following := tsn_plus_one(last)) in ahead:
            ahead.discard(following)
            self._last_received_tsn = last = following
        return False

    @override
    async def _send_sack(self) -> None:
        """Acknowledge as much as fits into a packet: aiortc would not mind its size."""
        everything = self._sack_misordered
        if self._last_received_tsn is not None and len(everything) > _MOST_BLOCKS:
            self._sack_misordered = _first_blocks(everything, self._last_received_tsn)
        del self._sack_duplicates[_MOST_DUPLICATES:]
        await super()._send_sack()
        self._sack_misordered = everything


def _first_blocks(misordered: set[int], last: int) -> set[int]:
    """Those numbers after ``last`` that make up the first _MOST_BLOCKS runs."""
    kept: set[int] = set()
    blocks = 0
    for ahead in sorted((tsn - last) % SCTP_TSN_MODULO for tsn in misordered):
        tsn = (last + ahead) % SCTP_TSN_MODULO
        blocks += (tsn - 1) % SCTP_TSN_MODULO not in kept
        if blocks > _MOST_BLOCKS:
            break
        kept.add(tsn)
    return kept
