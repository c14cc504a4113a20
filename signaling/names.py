"""Names of people and rooms: one form to store, one to compare."""

import re
import unicodedata

from signaling.messages.wire import ErrorCode, Refused

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200d\u3164\ufe00-\ufe0f\uffa0]")
"""Joiners, variation selectors and fillers: part of some names, visible in none by themselves."""


def clean(text: str, longest: int, what: str = "name") -> str:
    """The name as it is shown: NFKC (Unicode TR 15), no controls, single spaces, trimmed.

    Raises:
        Refused: ``name-invalid`` when nothing is left, or it exceeds ``longest`` characters.
    """
    plain = "".join(" " if c.isspace() else c for c in text if not _invisible(c))
    name = " ".join(unicodedata.normalize("NFKC", plain).split())
    if not _UNSEEN.sub("", name).strip():
        raise Refused(ErrorCode.NAME_INVALID, f"The {what} is empty.")
    if len(name) > longest:
        message = f"The {what} has {len(name)} characters; {longest} are allowed."
        raise Refused(ErrorCode.NAME_INVALID, message)
    return name


def key(name: str) -> str:
    """What two names share when they are the same to a reader, whatever their case."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", name).casefold())


def _invisible(character: str) -> bool:
    """Controls, format marks (bidirectional overrides, zero widths), lone surrogates.

    A zero-width joiner stays: families of emoji and several scripts need it.
    """
    if character.isspace() or character == "\u200d":
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"}
