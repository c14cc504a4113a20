"""The clock that aiortc's SCTP measures round trips and life times with."""

import time


def wall_clock() -> float:
    """Seconds since 1970. No other part of the SFU reads it: it may be set back and forth."""
    return time.time()  # noqa: TID251
