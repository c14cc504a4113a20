"""What the relay of data channels needs of SCTP: the place where a faster one can stand.

``sctp_aiortc.SctpAssociation`` stands there now. It costs a message what Python costs, at both ends
and for every acknowledgement; ``python -m benchmarks data`` says how much that is, and how many
messages a core relays with it. Nothing outside ``worker/sctp_*`` knows more of SCTP than this page,
so whatever keeps to it can take its place in ``webrtc_transport``:

* it is handed the packets that DTLS has decrypted, and gives back those that DTLS is to encrypt;
* streams are agreed on by signaling: both ends open the same number, without a message (DCEP);
* it raises nothing, whatever a peer sends: at worst the association ends;
* it never calls anybody back from within ``queue_message``, ``open_stream`` or ``close_stream``;
* ``queue_message`` may let messages gather until ``flush``: many fit into one packet, and a packet
  costs more than a message.
"""

from typing import Protocol


class DataAssociation(Protocol):
    """One peer's SCTP association (RFC 8831). Told of what comes by callbacks it was made with."""

    @property
    def buffered(self) -> int:
        """Bytes of messages that wait to be sent: how far the peer is behind."""

    def start(self, remote_port: int) -> None:
        """Begin, once DTLS is open; what was queued before goes out when the peer has answered."""

    def receive(self, data: bytes) -> None:
        """Take a packet from the peer; what follows from it is told before this returns."""

    def abort(self) -> None:
        """End the association and tell the peer; nothing more is told."""

    def open_stream(
        self,
        stream: int,
        ordered: bool = True,
        max_retransmits: int | None = None,
        max_packet_life_time: int | None = None,
        label: str = "",
        protocol: str = "",
    ) -> None:
        """Send on a stream that the peer has opened, or will, under the same number."""

    def close_stream(self, stream: int) -> None:
        """End a stream once all has been sent that waits; harmless when it is not open."""

    def queue_message(self, stream: int, ppid: int, data: bytes) -> bool:
        """Send a message with the next ``flush``, or as soon as the peer has room.

        Args:
            stream: an open one.
            ppid: payload protocol identifier (RFC 8831 §8).
            data: the message.

        Returns:
            False when it was not taken: too much waits already, it is too long, or the stream is
            not open.
        """

    def flush(self) -> None:
        """Send what was queued, as far as the peer has room for it."""
