"""What every part of this package raises, and nothing else."""

from typing import Literal, TypeAlias

OrtcCode: TypeAlias = Literal["invalid-parameters", "unsupported-codec", "cannot-consume"]


class OrtcError(ValueError):
    """Parameters that cannot be used; nothing has changed.

    Args:
        code: what a program acts on.
        message: one sentence for a person.
    """

    def __init__(self, code: OrtcCode, message: str) -> None:
        super().__init__(message)
        self.code: OrtcCode = code
        self.message = message


def invalid(message: str) -> OrtcError:
    """The error for what contradicts itself or the standards."""
    return OrtcError("invalid-parameters", message)
