"""What members say about how their room's media travels.

All of it is about a state that the server knows better: what comes too late, or twice, changes
nothing and is no error.
"""

from typing import TypeAlias

from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import requests
from signaling.peer_session import Connection
from signaling.room import Room

AboutCourse: TypeAlias = (
    requests.HandOverReady
    | requests.HandOverFailed
    | requests.ReportSfu
    | requests.ReportLimited
    | requests.ReportSpeaking
    | requests.ReportGap
    | requests.PinMode
)


def hand_over_ready(
    exchange: Exchange, connection: Connection, message: requests.HandOverReady, now: float
) -> list[Event]:
    """The sender's new way stands."""
    return _answer(exchange, connection, message, now)


def hand_over_failed(
    exchange: Exchange, connection: Connection, message: requests.HandOverFailed, now: float
) -> list[Event]:
    """The sender could not build it."""
    return _answer(exchange, connection, message, now)


def report_sfu(
    exchange: Exchange, connection: Connection, message: requests.ReportSfu, now: float
) -> list[Event]:
    """Whether the sender reaches the SFU."""
    room, member_id = _place(exchange, connection, message)
    events = exchange.registry.modes.report_sfu(room, member_id, message.reachable, now)
    exchange.acknowledge(connection, message.id)
    return events


def report_limited(
    exchange: Exchange, connection: Connection, message: requests.ReportLimited, now: float
) -> list[Event]:
    """The mesh is more than the sender can carry."""
    room, _ = _place(exchange, connection, message)
    events = exchange.registry.modes.report_limited(room, now)
    exchange.acknowledge(connection, message.id)
    return events


def report_speaking(
    exchange: Exchange, connection: Connection, message: requests.ReportSpeaking, now: float
) -> list[Event]:
    """The sender has begun to speak."""
    room, member_id = _place(exchange, connection, message)
    exchange.registry.modes.report_speaking(room, member_id, now)
    exchange.acknowledge(connection, message.id)
    return []


def report_gap(
    exchange: Exchange, connection: Connection, message: requests.ReportGap, now: float
) -> list[Event]:
    """How the sender's pictures fared in the last hand-over: counted, once for each."""
    room, member_id = _place(exchange, connection, message)
    crossed = room.hear_gap(member_id, message.generation)
    if crossed is not None:
        course = (crossed.mode, crossed.reason)
        exchange.tally.stood_still(course, message.milliseconds / 1000)
    exchange.acknowledge(connection, message.id)
    return []


def pin_mode(
    exchange: Exchange, connection: Connection, message: requests.PinMode, now: float
) -> list[Event]:
    """The host decides."""
    room, member_id = _place(exchange, connection, message)
    events = exchange.registry.modes.pin(room, member_id, message.mode, now)
    exchange.acknowledge(connection, message.id)
    return events


def _answer(
    exchange: Exchange,
    connection: Connection,
    message: requests.HandOverReady | requests.HandOverFailed,
    now: float,
) -> list[Event]:
    room, member_id = _place(exchange, connection, message)
    ready = isinstance(message, requests.HandOverReady)
    events = exchange.registry.modes.answer(room, member_id, message.generation, ready, now)
    exchange.acknowledge(connection, message.id)
    return events


def _place(exchange: Exchange, connection: Connection, message: AboutCourse) -> tuple[Room, str]:
    """The room it is about and who says it; raises ``Refused`` unless that is a member."""
    member_id = connection.holder.member_id
    return exchange.registry.index.room_with(message.room_id, member_id), member_id
