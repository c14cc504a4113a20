"""The questions, one file each. ``QUESTIONS`` is the list that the command works through."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import needs
from benchmarks.progress import Steps
from benchmarks.questions import (
    call,
    data,
    forwarding,
    handover,
    joins,
    mesh_vs_sfu,
    networks,
    peers,
    scale,
    signaling,
)
from benchmarks.record import Findings, Record


@dataclass(frozen=True)
class Question:
    """One thing to be found out.

    Attributes:
        name: On the command line, in file names and markers.
        asks: The question itself.
        answer: Measures; ``quick`` in a minute or so, else as long as it takes.
        draw: Makes the plots of a record in a folder.
        missing: What has to be installed first, and how: a sentence, or None. For what is merely
            compared with, and can be left out, ``answer`` says so itself.
    """

    name: str
    asks: str
    answer: Callable[[bool, Steps], Findings]
    draw: Callable[[Record, Path], None]
    missing: Callable[[], str | None] = needs.nothing


QUESTIONS: tuple[Question, ...] = (
    Question(
        "call",
        "How soon does one see, how soon is one back, how fast is a message, in Chromium?",
        call.answer,
        call.draw,
        needs.chromium_and_page,
    ),
    Question(
        "data",
        "How fast is a message through the SFU, how many does one core relay, what is the limit?",
        data.answer,
        data.draw,
    ),
    Question(
        "forwarding",
        "What does the SFU pay per forwarded packet, and what becomes of the packets?",
        forwarding.answer,
        forwarding.draw,
    ),
    Question(
        "handover",
        "What does one notice of a hand-over between mesh and SFU, and does it always succeed?",
        handover.answer,
        handover.draw,
        needs.chromium_and_page,
    ),
    Question(
        "joins",
        "Does everybody get into the call, and back after a loss, and how soon?",
        joins.answer,
        joins.draw,
    ),
    Question(
        "mesh-vs-sfu",
        "What does a user of a room pay and wait for, in the mesh and through the SFU?",
        mesh_vs_sfu.answer,
        mesh_vs_sfu.draw,
    ),
    Question(
        "networks",
        "What does one notice of a bad network, in Chromium behind emulated links?",
        networks.answer,
        networks.draw,
        networks.missing,
    ),
    Question(
        "peers",
        "What do Janus, Pion, mediasoup and aiortc's MediaRelay pay for the same work?",
        peers.answer,
        peers.draw,
    ),
    Question(
        "signaling",
        "How many people does one core of signaling serve, and what does a message cost?",
        signaling.answer,
        signaling.draw,
    ),
    Question(  # last: it reads the records of the others
        "scale",
        "What does a cluster need for a million people, by what one machine shows?",
        scale.answer,
        scale.draw,
    ),
)


def named(name: str) -> Question | None:
    """The question of this name."""
    return next((question for question in QUESTIONS if question.name == name), None)
