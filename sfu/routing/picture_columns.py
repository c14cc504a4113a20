"""The numbers of pictures, written for several subscribers at once.

Hot path, for those of whose pictures some were left out or who came from another encoding: about
7 µs for a burst, whatever their number. Others have no such columns.
"""

from itertools import groupby
from typing import Final

import numpy as np

from sfu.units import U8, U16
from sfu.wire.picture_numbers import PictureNumbers, PictureReader

_HEAD: Final = 352
"""Bytes of a packet in which its descriptor stands: after a header with all it may carry."""

_LONG: Final = np.uint16(0x8000)
_SHORT_MASK: Final = np.uint16(0x7F)


class PictureColumns:
    """What is added for some subscribers.

    Args:
        read: finds the numbers in a packet.
        pictures: uint16, shape (subscribers,), added to picture ids.
        bases: uint8, shape (subscribers,), added to TL0PICIDX.
    """

    __slots__ = ("_bases", "_pictures", "_read")

    def __init__(self, read: PictureReader, pictures: U16, bases: U8) -> None:
        self._read = read
        self._pictures: U16 = pictures[:, None]
        self._bases: U8 = bases[:, None]

    def write(self, packets: U8, rows: U8) -> None:
        """Write what the packets become.

        Args:
            packets: uint8, shape (packets, length), canonical.
            rows: uint8, shape (subscribers, packets, length or more), their copies.
        """
        numbers = [self._read(packet[:_HEAD].tobytes()) for packet in packets]
        first = 0
        # The packets of a burst nearly always have their numbers at the same place.
        for place, group in groupby(numbers, _place):
            alike = list(group)
            if place is not None:
                some = [one for one in alike if one is not None]
                self._write(some, rows[:, first : first + len(alike)])
            first += len(alike)

    def _write(self, numbers: list[PictureNumbers], rows: U8) -> None:
        at, long, _, base_at, _ = numbers[0]
        ids = np.array([one.picture for one in numbers], np.uint16) + self._pictures
        if long:
            rows[:, :, at : at + 2].view(">u2")[:, :, 0] = ids | _LONG
        else:
            rows[:, :, at] = ids & _SHORT_MASK
        if base_at:
            rows[:, :, base_at] = np.array([one.base for one in numbers], np.uint8) + self._bases


def _place(numbers: PictureNumbers | None) -> tuple[int, bool, int] | None:
    return None if numbers is None else (numbers.at, numbers.long, numbers.base_at)
