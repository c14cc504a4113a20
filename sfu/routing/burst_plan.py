"""What is written for a burst, prepared for some subscribers and a number of packets.

Hot path.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sfu.routing.picture_columns import PictureColumns
from sfu.transport.destinations import Destinations
from sfu.transport.packet_ring import ROW_BYTES
from sfu.transport.srtp import MOST_OVERHEAD, Context
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I32, U8, U32


class BurstPlan:
    """Constants of bursts of ``packets`` packets to these subscribers.

    Args:
        slots: int64, shape (subscribers,), their destinations, no two the same.
        ssrcs: uint32, shape (subscribers,), of the outgoing streams.
        shifts: uint32, shape (subscribers, 2), what is added to the first two words of the header.
        contexts: their SRTP contexts.
        packets: length of the bursts.
        destinations: the transports, whose transport-wide sequence numbers are counted up.
        pictures: what is added to the numbers of pictures; None when nothing is.
    """

    __slots__ = (
        "_contexts",
        "_next_number",
        "_packets",
        "_pictures",
        "_shifts",
        "_slot_column",
        "_slots",
        "_ssrc_column",
        "_subscribers",
    )

    def __init__(  # noqa: PLR0913 - columns
        self,
        slots: npt.NDArray[np.int64],
        ssrcs: U32,
        shifts: U32,
        contexts: Sequence[Context],
        packets: int,
        destinations: Destinations,
        pictures: PictureColumns | None = None,
    ) -> None:
        subscribers = len(slots)
        self._subscribers, self._packets = subscribers, packets
        self._pictures = pictures
        self._next_number = destinations.next_number
        self._slots = slots
        self._slot_column = slots[:, None]
        self._ssrc_column: U32 = ssrcs.astype(">u4").view(np.uint32)[:, None]
        self._contexts = [context for context in contexts for _ in range(packets)]
        self._shifts: U32 = np.repeat(shifts, packets, axis=0).reshape(subscribers, packets, 2)

    def write(self, packets: U8, heads: U32, lengths: I32, group: int, ring: TransmitRing) -> None:
        """Write one burst for these subscribers into the transmit ring; see ``FanOut.forward``."""
        assert packets.shape[1] <= ROW_BYTES - MOST_OVERHEAD
        block = ring.block(self._subscribers, self._packets, group)
        block.packets[:, :, : packets.shape[1]] = packets
        scratch, slots, next_number = block.scratch, self._slots, self._next_number
        head, base = scratch.head, scratch.base
        head[:] = heads
        np.add(head, self._shifts, head)
        block.flags_and_numbers[:] = scratch.flags_and_numbers
        block.timestamps[:] = scratch.timestamps
        block.ssrcs[:] = self._ssrc_column
        base[:, 0] = next_number[slots]
        if self._packets == 1:
            block.transport_numbers[:] = base
        else:
            numbers = scratch.numbers
            numbers[:] = base
            np.add(numbers, scratch.ramp, numbers)
            block.transport_numbers[:] = numbers
        np.add(base, scratch.step, base)
        next_number[slots] = base[:, 0]
        block.slots[:] = self._slot_column
        block.lengths[:] = lengths
        if self._pictures is not None:
            self._pictures.write(packets, block)
        ring.contexts += self._contexts
