"""The workers' figures as metrics, with the worker's name as a label."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import Metric

from sfu.control.figures import BATCH_BOUNDS, LAG_BOUNDS, MESSAGE_BOUNDS, Figures
from signaling.media.workers import Workers
from signaling.metrics.families import counter, counters, gauge, gauges, histograms
from signaling.tally import Tally

WORKER: Final = ("worker",)


@dataclass(frozen=True)
class Figure:
    """One metric of every worker.

    Attributes:
        name: Without ``_total``.
        help: One sentence.
        values: From a worker's figures: by the value of ``label``, if it has one.
        label: Beside ``worker``.
    """

    name: str
    help: str
    values: Callable[[Figures], Mapping[str, float]]
    label: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels."""
        return (*WORKER, self.label) if self.label else WORKER

    def of(self, figures: Mapping[str, Figures]) -> dict[tuple[str, ...], float]:
        """Values of all workers, by their labels."""
        return {
            (worker, value) if self.label else (worker,): number
            for worker, counted in figures.items()
            for value, number in self.values(counted).items()
        }


GAUGES: Final = (
    Figure(
        "crossover_sfu_producers",
        "Tracks published through the SFU.",
        lambda f: {
            "microphone": f.held.microphones,
            "camera": f.held.cameras,
            "screen": f.held.screens,
            "screen-audio": f.held.screen_audios,
        },
        "source",
    ),
    Figure(
        "crossover_sfu_consumers",
        "Tracks forwarded to one subscriber each.",
        lambda f: {"": f.held.consumers},
    ),
    Figure(
        "crossover_sfu_data_producers",
        "Data channels that messages come on.",
        lambda f: {"": f.held.data_producers},
    ),
    Figure(
        "crossover_sfu_data_consumers",
        "Data channels that messages are relayed to.",
        lambda f: {"": f.held.data_consumers},
    ),
    Figure(
        "crossover_sfu_subscribers_estimated",
        "Subscribers whose network's rate is estimated from their feedback.",
        lambda f: {"": sum(f.networks.estimates.counts)},
    ),
    Figure(
        "crossover_sfu_subscribers_limited",
        "Of these, those whose network carries less than they want.",
        lambda f: {"": f.networks.limited},
    ),
    Figure(
        "crossover_sfu_estimated_bits_per_second",
        "What the networks of these subscribers carry, all together.",
        lambda f: {"": f.networks.estimates.total},
    ),
    Figure(
        "crossover_sfu_resident_memory_bytes",
        "Memory of the worker's process.",
        lambda f: {"": f.process.resident_bytes},
    ),
    Figure(
        "crossover_sfu_tcp_connections",
        "TCP connections to workers; those of peers have shown whose they are.",
        lambda f: {
            "peer": f.streams.proven,
            "stranger": f.streams.connections - f.streams.proven,
        },
        "of",
    ),
    Figure(
        "crossover_sfu_tcp_transports",
        "Transports that are sent to by TCP: no UDP got through.",
        lambda f: {"": f.streams.peers},
    ),
    Figure(
        "crossover_sfu_tcp_queued_bytes",
        "What waits for peers on TCP that do not read fast enough.",
        lambda f: {"": f.streams.queued_bytes},
    ),
)

COUNTERS: Final = (
    Figure(
        "crossover_sfu_cpu_seconds",
        "CPU time of the worker's process, user and kernel.",
        lambda f: {"": f.process.cpu_seconds},
    ),
    Figure(
        "crossover_sfu_transports_connected",
        "Transports that have finished ICE and DTLS.",
        lambda f: {"": f.transports.connected},
    ),
    Figure(
        "crossover_sfu_transports_ended",
        "Transports that ended by themselves.",
        lambda f: {
            "peer-closed": f.transports.peer_closed,
            "consent-expired": f.transports.consent_expired,
            "dtls-failed": f.transports.dtls_failed,
        },
        "reason",
    ),
    Figure(
        "crossover_sfu_rtp_packets",
        "RTP packets received from publishers (in) and sent to subscribers (out).",
        lambda f: {"in": f.media.packets_in, "out": f.media.packets_out},
        "direction",
    ),
    Figure(
        "crossover_sfu_rtp_bytes",
        "Bytes of these packets as SRTP, without UDP and IP headers.",
        lambda f: {"in": f.media.bytes_in, "out": f.media.bytes_out},
        "direction",
    ),
    Figure(
        "crossover_sfu_rtp_packets_lost",
        "Packets lost on the way from publishers (in), or to subscribers, as they report (out).",
        lambda f: {"in": f.media.lost_in, "out": f.media.lost_out},
        "direction",
    ),
    Figure(
        "crossover_sfu_rtp_packets_discarded",
        "RTP packets that were received and not forwarded.",
        lambda f: {
            "refused": f.media.refused,
            "malformed": f.media.malformed,
            "unknown-stream": f.media.unknown,
            "not-needed": f.media.unneeded,
        },
        "reason",
    ),
    Figure(
        "crossover_sfu_nacked_packets",
        "Packets that subscribers asked for again (in), or publishers were asked for (out).",
        lambda f: {"in": f.media.nacked_in, "out": f.media.nacked_out},
        "direction",
    ),
    Figure(
        "crossover_sfu_key_frame_requests",
        "PLI and FIR of subscribers (in), or to publishers (out).",
        lambda f: {"in": f.media.pictures_in, "out": f.media.pictures_out},
        "direction",
    ),
    Figure(
        "crossover_sfu_retransmitted_packets",
        "Packets that publishers sent again and that were missing (in), or sent again (out).",
        lambda f: {"in": f.media.repaired_in, "out": f.media.repaired_out},
        "direction",
    ),
    Figure(
        "crossover_sfu_retransmissions_denied",
        "Packets not sent again because they had been too often.",
        lambda f: {"": f.media.repairs_denied},
    ),
    Figure(
        "crossover_sfu_retransmissions_given_up",
        "Packets not sent again because the subscriber's network left no room for them in time.",
        lambda f: {"": f.networks.repairs_given_up},
    ),
    Figure(
        "crossover_sfu_transport_feedback",
        "Transport-wide feedback of subscribers, by what became of it.",
        lambda f: {
            "read": f.networks.feedbacks - f.networks.feedbacks_refused,
            "refused": f.networks.feedbacks_refused,
        },
        "outcome",
    ),
    Figure(
        "crossover_sfu_probes",
        "Times that a subscriber's network was tried out.",
        lambda f: {"": f.networks.probes},
    ),
    Figure(
        "crossover_sfu_padding_bytes",
        "Bytes sent for that.",
        lambda f: {"": f.networks.padding_bytes},
    ),
    Figure(
        "crossover_sfu_data_messages",
        "Messages of data channels, by what became of them.",
        lambda f: {
            "received": f.data.received,
            "relayed": f.data.relayed,
            "dropped": f.data.dropped,
        },
        "outcome",
    ),
    Figure(
        "crossover_sfu_data_consumers_too_slow",
        "Data consumers closed because they did not keep up with reliable messages.",
        lambda f: {"": f.data.too_slow},
    ),
    Figure(
        "crossover_sfu_send_batches",
        "System calls that sent datagrams.",
        lambda f: {"": f.port.send_batches},
    ),
    Figure(
        "crossover_sfu_datagrams_delayed",
        "Datagrams that waited for room in the kernel's send buffer.",
        lambda f: {"": f.port.delayed},
    ),
    Figure(
        "crossover_sfu_datagrams_dropped",
        "Datagrams lost here: no room to receive or to send, refused by the kernel or by SRTP.",
        lambda f: {
            "receive-buffer-full": f.port.overrun,
            "send-queue-full": f.port.dropped,
            "send-refused": f.port.failed,
            "not-encrypted": f.port.unprotected,
        },
        "reason",
    ),
    Figure(
        "crossover_sfu_datagrams_strange",
        "Datagrams received that belong to nobody, or to no protocol.",
        lambda f: {"": f.port.strange},
    ),
    Figure(
        "crossover_sfu_tcp_admissions",
        "TCP connections to workers, let in or not, and those ended for want of a sign of life.",
        lambda f: {
            "accepted": f.streams.accepted,
            "refused": f.streams.refused,
            "overdue": f.streams.overdue,
        },
        "outcome",
    ),
    Figure(
        "crossover_sfu_tcp_packets",
        "Packets by TCP: received, sent, or dropped because the peer reads too slowly.",
        lambda f: {
            "received": f.streams.received,
            "sent": f.streams.sent,
            "dropped": f.streams.dropped,
        },
        "outcome",
    ),
)


def collect(workers: Workers, configured: int, tally: Tally) -> Iterator[Metric]:
    """Everything about the SFU.

    Args:
        workers: Those that are connected.
        configured: How many there ought to be.
        tally: Of signaling.
    """
    connected = dict(workers.connected())
    status = {name: worker.status for name, worker in connected.items()}
    figures = {name: one.figures for name, one in status.items() if one.figures is not None}
    yield gauge("crossover_sfu_workers", "SFU workers that are connected.", len(status))
    yield gauge("crossover_sfu_workers_configured", "SFU workers there ought to be.", configured)
    yield counter(
        "crossover_sfu_workers_lost",
        "SFU workers that ended, or could not be reached any more.",
        tally.workers_lost,
    )
    yield gauges(
        "crossover_sfu_load_ratio",
        "Share of its core that a worker uses, of the last second.",
        WORKER,
        {(name,): one.load for name, one in status.items()},
    )
    yield gauges(
        "crossover_sfu_routers",
        "Rooms that a worker carries.",
        WORKER,
        {(name,): one.routers for name, one in status.items()},
    )
    yield gauges(
        "crossover_sfu_transports",
        "Transports that are open, connected or not.",
        WORKER,
        {(name,): one.transports for name, one in status.items()},
    )
    for figure in GAUGES:
        yield gauges(figure.name, figure.help, figure.labels, figure.of(figures))
    for figure in COUNTERS:
        yield counters(figure.name, figure.help, figure.labels, figure.of(figures))
    yield histograms(
        "crossover_sfu_receive_batch_datagrams",
        "Datagrams received by one system call.",
        WORKER,
        BATCH_BOUNDS,
        (((name,), one.port.batches) for name, one in figures.items()),
    )
    yield histograms(
        "crossover_sfu_send_message_datagrams",
        "Datagrams sent in one message, cut up by the kernel (UDP segmentation).",
        WORKER,
        MESSAGE_BOUNDS,
        (((name,), one.port.messages) for name, one in figures.items()),
    )
    yield histograms(
        "crossover_sfu_loop_lag_seconds",
        "How late a worker's event loop came to what was due.",
        WORKER,
        LAG_BOUNDS,
        (((name,), one.process.loop_lag) for name, one in figures.items()),
    )
