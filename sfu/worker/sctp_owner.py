"""What an SCTP association tells."""

from typing import Protocol


class SctpOwner(Protocol):
    """Whom an association tells what happens."""

    def take_message(self, stream: int, ppid: int, data: bytes) -> None:
        """A message has come."""

    def peer_reset(self, stream: int) -> None:
        """The peer has ended its direction of a stream."""

    def reset_done(self, stream: int) -> None:
        """Our direction of a stream has ended: it can be used again."""

    def has_room(self) -> None:
        """Data was acknowledged, or the association has just been established."""

    def association_ended(self) -> None:
        """It was aborted, shut down or given up."""
