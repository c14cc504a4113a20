"""Typed control messages between signaling and an SFU worker.

Signaling sends a ``Command``, a worker a ``Report``. Both carry the room's generation, so that
whatever answers an overtaken decision is recognised and dropped.
"""

from typing import TypeAlias

import msgspec


class Control(msgspec.Struct, kw_only=True, tag_field="type", rename="camel"):
    """Configuration shared by all control messages."""


class OpenRouter(Control, tag="open-router", kw_only=True):
    """Prepare to carry a room's media."""

    room_id: str
    generation: int


class CloseRouter(Control, tag="close-router", kw_only=True):
    """Stop carrying a room's media and forget it."""

    room_id: str
    generation: int


class RouterOpened(Control, tag="router-opened", kw_only=True):
    """The room's router is ready for transports."""

    room_id: str
    generation: int


class RouterFailed(Control, tag="router-failed", kw_only=True):
    """The room cannot be carried by this worker; ``reason`` is for the operator."""

    room_id: str
    generation: int
    reason: str


class WorkerStatus(Control, tag="worker-status", kw_only=True):
    """A worker's regular sign of life; ``load`` is the share of its core in use, 0 to 1."""

    worker: str
    load: float
    routers: int


Command: TypeAlias = OpenRouter | CloseRouter
Report: TypeAlias = RouterOpened | RouterFailed | WorkerStatus
