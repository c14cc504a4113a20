"""A worker's figures, gathered once a second from what its parts count anyway."""

import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from sfu.control.figures import (
    BATCH_BOUNDS,
    MESSAGE_BOUNDS,
    RATE_BOUNDS,
    DataFigures,
    Figures,
    HeldFigures,
    MediaFigures,
    NetworkFigures,
    PortFigures,
    ProcessFigures,
    Spread,
    StreamFigures,
)
from sfu.worker.engine import Engine
from sfu.worker.loop_lag import LoopLag

_SO_MEMINFO: Final = 55
_MEMINFO_BYTES: Final = 36
"""Nine numbers (``linux/sock_diag.h``), of which the last counts datagrams that found no room."""

_STATM: Final = Path("/proc/self/statm")


def gather(engine: Engine, lag: LoopLag, port: socket.socket) -> Figures:
    """Everything that this worker has counted: 30 µs, and some for each room.

    Args:
        engine: whose.
        lag: of the loop that it runs in.
        port: its UDP socket, which may be closed.
    """
    return Figures(
        process=ProcessFigures(
            cpu_seconds=time.process_time(), resident_bytes=resident_bytes(), loop_lag=lag.spread
        ),
        held=_held(engine),
        transports=engine.ends,
        port=_port(engine, overrun(port)),
        media=_media(engine),
        networks=_networks(engine),
        data=_data(engine),
        streams=_streams(engine),
    )


def overrun(port: socket.socket) -> int:
    """Datagrams for which a socket's receive buffer had no room; 0 where nobody can tell."""
    if sys.platform != "linux":
        return 0
    try:
        numbers = port.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO_BYTES)
    except OSError:
        return 0
    return int.from_bytes(numbers[-4:], sys.byteorder) if len(numbers) == _MEMINFO_BYTES else 0


def resident_bytes() -> int:
    """Memory of this process; 0 where nobody can tell."""
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def spread_of(sizes: Sequence[int], bounds: Sequence[float], total: int) -> Spread:
    """A spread of sizes that were counted by powers of two: 1, 2, up to 4, up to 8, and so on."""
    inside = len(bounds)
    return Spread(counts=[*sizes[:inside], sum(sizes[inside:])], total=total)


def _held(engine: Engine) -> HeldFigures:
    routers = engine.routers.values()
    sources = Counter(one.source for router in routers for one in router.producers.values())
    return HeldFigures(
        microphones=sources["microphone"],
        cameras=sources["camera"],
        screens=sources["screen"],
        screen_audios=sources["screen-audio"],
        consumers=sum(len(router.consumers) for router in routers),
        data_producers=sum(len(router.data.producers) for router in routers),
        data_consumers=sum(len(router.data.consumers) for router in routers),
    )


def _port(engine: Engine, overrun: int) -> PortFigures:
    counts = engine.port.counts
    longer = counts.run_sizes[1:]
    return PortFigures(
        batches=spread_of(counts.batch_sizes, BATCH_BOUNDS, counts.received),
        messages=spread_of([counts.messages - sum(longer), *longer], MESSAGE_BOUNDS, counts.sent),
        send_batches=counts.send_batches,
        strange=engine.datagrams.strange,
        overrun=overrun,
        delayed=counts.delayed,
        dropped=counts.dropped,
        failed=counts.failed,
        unprotected=engine.shared.ring.refusals,
    )


def _streams(engine: Engine) -> StreamFigures:
    tcp = engine.port.tcp
    if tcp is None:
        return StreamFigures()
    book, counts = tcp.book, tcp.counts
    return StreamFigures(
        connections=len(book),
        proven=book.proven,
        peers=engine.shared.destinations.streams,
        accepted=counts.accepted,
        refused=book.refused,
        overdue=book.overdue_ended,
        received=counts.received,
        sent=counts.sent,
        dropped=counts.dropped,
        queued_bytes=tcp.queued,
    )


def _media(engine: Engine) -> MediaFigures:
    came, ring, asked = engine.reception.counts, engine.shared.ring, engine.shared.counts
    return MediaFigures(
        packets_in=came.packets,
        packets_out=ring.protected,
        bytes_in=came.bytes,
        bytes_out=ring.octets,
        lost_in=asked.lost_in,
        lost_out=asked.lost_out,
        refused=came.refused,
        malformed=came.malformed,
        unknown=came.unknown,
        unneeded=came.dropped,
        nacked_in=asked.nacked_in,
        nacked_out=asked.nacked_out,
        pictures_in=asked.pictures_in,
        pictures_out=asked.pictures_out,
        repaired_in=came.repairs,
        repaired_out=asked.repaired_out,
        repairs_denied=asked.repairs_denied,
    )


def _networks(engine: Engine) -> NetworkFigures:
    estimation = engine.estimation
    counts, paced, rates = estimation.counts, estimation.paced, estimation.rates
    spread = np.bincount(np.searchsorted(RATE_BOUNDS, rates), minlength=len(RATE_BOUNDS) + 1)
    return NetworkFigures(
        estimates=Spread(counts=spread.tolist(), total=float(rates.sum())),
        limited=estimation.limited,
        feedbacks=counts.feedbacks,
        feedbacks_refused=counts.refused + estimation.broken,
        probes=paced.probes,
        padding_bytes=paced.padding,
        repairs_given_up=estimation.given_up,
    )


def _data(engine: Engine) -> DataFigures:
    counts = engine.data.counts
    return DataFigures(
        received=counts.received,
        relayed=counts.relayed,
        dropped=counts.dropped,
        too_slow=counts.too_slow,
    )
