"""Units, identifiers and array types that keep numbers from being confused.

The ``NewType``s cost nothing except where one is constructed: annotate with them, let mypy do the
work, and construct none per packet.
"""

from typing import NewType, TypeAlias

import numpy as np
import numpy.typing as npt

Ssrc = NewType("Ssrc", int)
"""RTP synchronisation source, 32 bits (RFC 3550 §8)."""

SequenceNumber = NewType("SequenceNumber", int)
"""RTP sequence number as on the wire: 16 bits, wraps."""

ExtendedSequenceNumber = NewType("ExtendedSequenceNumber", int)
"""Sequence number without wraps, so that ``<`` means "sent earlier"."""

Seconds = NewType("Seconds", float)
"""Monotonic time or a duration, in seconds; never wall-clock time."""

BitsPerSecond = NewType("BitsPerSecond", float)
"""A rate in bits, not bytes, per second."""

Octets: TypeAlias = bytes | bytearray | memoryview
"""A contiguous run of bytes that a parser may read from; a memoryview has format ``B``."""

U8: TypeAlias = npt.NDArray[np.uint8]
U16: TypeAlias = npt.NDArray[np.uint16]
U32: TypeAlias = npt.NDArray[np.uint32]
I32: TypeAlias = npt.NDArray[np.int32]
I64: TypeAlias = npt.NDArray[np.int64]
F64: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
