"""Control messages between signaling and an SFU worker."""

from typing import get_args

import msgspec
import pytest

from sfu.control.messages import (
    CloseRouter,
    Command,
    OpenRouter,
    Report,
    RouterFailed,
    RouterOpened,
    WorkerStatus,
)

COMMANDS = [
    (
        OpenRouter(room_id="r", generation=2),
        {"type": "open-router", "roomId": "r", "generation": 2},
    ),
    (
        CloseRouter(room_id="r", generation=3),
        {"type": "close-router", "roomId": "r", "generation": 3},
    ),
]
REPORTS = [
    (
        RouterOpened(room_id="r", generation=2),
        {"type": "router-opened", "roomId": "r", "generation": 2},
    ),
    (
        RouterFailed(room_id="r", generation=2, reason="no port"),
        {"type": "router-failed", "roomId": "r", "generation": 2, "reason": "no port"},
    ),
    (
        WorkerStatus(worker="w", load=0.5, routers=3),
        {"type": "worker-status", "worker": "w", "load": 0.5, "routers": 3},
    ),
]


@pytest.mark.parametrize(("command", "on_the_wire"), COMMANDS)
def test_command_round_trip(command: Command, on_the_wire: dict[str, object]) -> None:
    encoded = msgspec.json.encode(command)
    assert msgspec.json.decode(encoded) == on_the_wire
    assert msgspec.json.decode(encoded, type=Command) == command


@pytest.mark.parametrize(("report", "on_the_wire"), REPORTS)
def test_report_round_trip(report: Report, on_the_wire: dict[str, object]) -> None:
    encoded = msgspec.json.encode(report)
    assert msgspec.json.decode(encoded) == on_the_wire
    assert msgspec.json.decode(encoded, type=Report) == report


def test_every_message_is_here() -> None:
    assert {type(command) for command, _ in COMMANDS} == set(get_args(Command))
    assert {type(report) for report, _ in REPORTS} == set(get_args(Report))


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'{"type":"open-router"}',
        b'{"type":"open-router","roomId":5,"generation":1}',
        b'{"type":"open-router","roomId":"r","generation":"1"}',
        b'{"type":"router-opened","roomId":"r","generation":1}',
        b"nonsense",
    ],
)
def test_what_is_no_command(text: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(text, type=Command)
