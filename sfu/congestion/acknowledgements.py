"""What peers said of the packets they were sent, of many transports at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfu.units import F64, I32, I64

UDP_IP_OVERHEAD: Final = 28
"""Bytes before a datagram's payload: IPv4 (RFC 791 §3.1) and UDP (RFC 768); IPv6 has 20 more."""

NO_PROBE: Final = 0
"""In the column of probes: the packet is ordinary media."""


@dataclass(frozen=True, slots=True, eq=False)
class Acknowledgements:
    """Sent packets of which transport-wide feedback has spoken, a row for each.

    Rows of a slot stand together, in sending order; slots ascend. A packet of which feedback says
    again what is known is left out; one that was reported lost and has come after all may come in
    a later pass. Arrival times need be neither true nor in order: the estimators do not trust them.
    Nothing is checked: whoever builds these keeps to the shapes.

    Attributes:
        slots: the destination's slot; int64, shape (n,), ascending.
        sent: when the packet left, in seconds of our monotonic clock; float64, shape (n,).
        arrived: when it came, in seconds of the receiver's clock, whatever its origin; NaN: it did
            not; float64, shape (n,).
        sizes: bytes on the wire: the protected packet and UDP_IP_OVERHEAD; int32, shape (n,).
        probes: the number of the probe cluster it was sent in, above 0 and of this slot; NO_PROBE
            for other packets; int32, shape (n,).
    """

    slots: I64
    sent: F64
    arrived: F64
    sizes: I32
    probes: I32

    def __len__(self) -> int:
        """Rows."""
        return len(self.slots)


NOTHING_SAID: Final = Acknowledgements(
    np.empty(0, np.int64),
    np.empty(0, np.float64),
    np.empty(0, np.float64),
    np.empty(0, np.int32),
    np.empty(0, np.int32),
)
"""No feedback at all."""
