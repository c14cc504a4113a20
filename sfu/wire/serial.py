"""Arithmetic on counters that wrap (RFC 1982), for single values and for columns.

A counter of ``bits`` bits is compared over the shorter way round. Two values exactly half the
range apart are undefined in RFC 1982 §3.2; here the difference is then negative, so that such a
value counts as old.
"""

import numpy as np
import numpy.typing as npt

from sfu.units import I64, U16

SEQUENCE_BITS = 16
TIMESTAMP_BITS = 32


def difference(a: int, b: int, bits: int = SEQUENCE_BITS) -> int:
    """How far ``a`` is ahead of ``b``: from ``-2**(bits-1)`` to ``2**(bits-1) - 1``."""
    half = 1 << bits - 1
    return ((a - b + half) & (2 * half - 1)) - half


def is_newer(a: int, b: int, bits: int = SEQUENCE_BITS) -> bool:
    """Whether ``a`` was counted after ``b`` (RFC 1982 §3.2); False when they are equal."""
    return 0 < (a - b) & ((1 << bits) - 1) < 1 << bits - 1


class Unwrapper:
    """Turns values of a counter that wraps into integers that do not (RFC 3550 appendix A.1).

    Each value is taken as the one nearest to the highest so far: it may be up to ``2**(bits-1)``
    behind, or one less ahead. The first value is returned as it is; a straggler from before a wrap
    may therefore be negative.
    """

    __slots__ = ("_half", "_mask", "highest")

    def __init__(self, bits: int = SEQUENCE_BITS) -> None:
        self._half = 1 << bits - 1
        self._mask = (1 << bits) - 1
        self.highest: int | None = None

    def unwrap(self, value: int) -> int:
        """The extended number of ``value``, which becomes the highest if it is."""
        highest = self.highest
        if highest is None:
            self.highest = value
            return value
        ahead = (value - highest) & self._mask
        if ahead >= self._half:
            return highest + ahead - self._mask - 1
        self.highest = highest + ahead
        return highest + ahead


def differences(a: U16, b: U16 | np.uint16) -> npt.NDArray[np.int16]:
    """``difference(a, b)`` of 16-bit columns, element by element.

    Hot path.

    Args:
        a: uint16, shape (n,).
        b: uint16, shape (n,), or one ``np.uint16`` for all.

    Returns:
        int16, shape (n,). Exactly half the range apart gives -32768.
    """
    return np.subtract(a, b).view(np.int16)


def unwrap_near(values: U16, reference: int) -> I64:
    """The extended numbers nearest to ``reference``, whatever the order of ``values``.

    Hot path. For a batch from one stream whose highest extended number is known.

    Args:
        values: uint16, shape (n,); each at most 32768 behind the reference or 32767 ahead.
        reference: an extended number.

    Returns:
        int64, shape (n,).
    """
    return differences(values, np.uint16(reference & 0xFFFF)).astype(np.int64) + reference


def unwrap_series(values: U16, reference: int) -> I64:
    """The extended numbers of a series in which each value is near the one before it.

    Args:
        values: uint16, shape (n,), any number of wraps.
        reference: the extended number before the first value.

    Returns:
        int64, shape (n,).
    """
    steps = np.empty(len(values), np.uint16)
    steps[:1] = values[:1] - np.uint16(reference & 0xFFFF)
    np.subtract(values[1:], values[:-1], out=steps[1:])
    return np.cumsum(steps.view(np.int16), dtype=np.int64) + reference
