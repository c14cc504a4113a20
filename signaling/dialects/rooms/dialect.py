"""Which function carries out which request."""

from collections.abc import Callable
from typing import Any

import msgspec

from signaling.dialects.rooms import (
    conversation,
    course,
    identity,
    media,
    media_data,
    membership,
    moderation,
)
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import media as about_media
from signaling.messages import requests, room_dialect
from signaling.peer_session import Connection

Handler = Callable[[Exchange, Connection, Any, float], list[Event]]

HANDLERS: dict[type[requests.FromClient], Handler] = {
    requests.CreateRoom: membership.create_room,
    requests.JoinRoom: membership.join_room,
    requests.LeaveRoom: membership.leave_room,
    requests.ListRooms: membership.list_rooms,
    requests.RoomInfoRequest: membership.room_info,
    requests.Offer: conversation.signal,
    requests.Answer: conversation.signal,
    requests.IceCandidate: conversation.signal,
    requests.Chat: conversation.chat,
    requests.ChatHistoryRequest: conversation.chat_history,
    requests.ListClients: conversation.list_clients,
    requests.Resume: identity.resume,
    requests.Ping: identity.ping,
    requests.IceServersRequest: identity.ice_servers,
    requests.HandOverReady: course.hand_over_ready,
    requests.HandOverFailed: course.hand_over_failed,
    requests.ReportSfu: course.report_sfu,
    requests.ReportLimited: course.report_limited,
    requests.ReportSpeaking: course.report_speaking,
    requests.ReportGap: course.report_gap,
    requests.PinMode: course.pin_mode,
    requests.RemoveMember: moderation.remove_member,
    requests.CloseRoom: moderation.close_room,
}

MEDIA_HANDLERS: dict[type[requests.FromClient], Handler] = {
    about_media.EnterSfu: media.enter_sfu,
    about_media.OpenTransport: media.open_transport,
    about_media.ConnectTransport: media.connect_transport,
    about_media.RestartIce: media.restart_ice,
    about_media.CloseTransport: media.close_transport,
    about_media.Produce: media.produce,
    about_media.SetProducer: media.set_producer,
    about_media.CloseProducer: media.close_producer,
    about_media.Consume: media.consume,
    about_media.SetConsumer: media.set_consumer,
    about_media.RequestKeyFrame: media.request_key_frame,
    about_media.CloseConsumer: media.close_consumer,
    about_media.ProduceData: media_data.produce_data,
    about_media.CloseDataProducer: media_data.close_data_producer,
    about_media.ConsumeData: media_data.consume_data,
    about_media.ResumeDataConsumer: media_data.resume_data_consumer,
    about_media.CloseDataConsumer: media_data.close_data_consumer,
}

_ALL_HANDLERS = HANDLERS | MEDIA_HANDLERS

TYPES = frozenset(str(request.__struct_config__.tag) for request in _ALL_HANDLERS)
"""Every type a room-dialect client may send."""

MEDIA_TYPES = frozenset(str(request.__struct_config__.tag) for request in MEDIA_HANDLERS)
"""Those that are requests to the SFU."""

_decode = msgspec.json.Decoder(room_dialect.ClientMessage).decode


def handle(exchange: Exchange, connection: Connection, text: str, now: float) -> list[Event]:
    """Carries out one frame of a room-dialect connection.

    Raises:
        Refused: The request cannot be granted.
        msgspec.MsgspecError, RecursionError: The frame is not a request.
    """
    message = _decode(text)
    return _ALL_HANDLERS[type(message)](exchange, connection, message, now)
