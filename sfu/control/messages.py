"""Typed control messages between signaling and an SFU worker.

Signaling sends a ``Command`` and a worker answers each with one ``Answer`` that carries the
command's ``request`` number (0 where nobody waits for it); what happens on its own a worker tells
as a ``Report``. Answers come in the order of the commands. Signaling chooses every id, so a command
can be repeated and undone before its answer is known. ORTC bodies (RTP capabilities and parameters,
ICE, DTLS and SCTP parameters) are JSON that signaling does not read: ``sfu.ortc`` gives them types.
"""

from typing import TypeAlias

from sfu.control.answers import (
    Answer,
    Consumed,
    DataConsumed,
    Done,
    IceRestarted,
    Refusal,
    Reply,
    RouterOpened,
    TransportOpened,
)
from sfu.control.commands import (
    CloseConsumer,
    CloseDataConsumer,
    CloseDataProducer,
    CloseMember,
    CloseProducer,
    CloseRouter,
    CloseTransport,
    Command,
    ConnectTransport,
    Consume,
    ConsumeData,
    OpenRouter,
    OpenTransport,
    Produce,
    ProduceData,
    Request,
    RequestKeyFrame,
    RestartIce,
    ResumeDataConsumer,
    SetConsumer,
    SetLogLevel,
    SetProducer,
)
from sfu.control.parts import (
    ConsumerType,
    Control,
    HeldDataProducer,
    HeldProducer,
    HeldTransport,
    Id,
    Kind,
    Label,
    Layer,
    Source,
    Verbosity,
)
from sfu.control.reports import (
    AnyReport,
    DataConsumerClosed,
    DataProducerClosed,
    LayersChanged,
    Report,
    TransportClosed,
    TransportConnected,
    WorkerStatus,
)

FromWorker: TypeAlias = Answer | AnyReport
"""Everything a worker says."""


__all__ = [
    "Answer",
    "AnyReport",
    "CloseConsumer",
    "CloseDataConsumer",
    "CloseDataProducer",
    "CloseMember",
    "CloseProducer",
    "CloseRouter",
    "CloseTransport",
    "Command",
    "ConnectTransport",
    "Consume",
    "ConsumeData",
    "Consumed",
    "ConsumerType",
    "Control",
    "DataConsumed",
    "DataConsumerClosed",
    "DataProducerClosed",
    "Done",
    "FromWorker",
    "HeldDataProducer",
    "HeldProducer",
    "HeldTransport",
    "IceRestarted",
    "Id",
    "Kind",
    "Label",
    "Layer",
    "LayersChanged",
    "OpenRouter",
    "OpenTransport",
    "Produce",
    "ProduceData",
    "Refusal",
    "Reply",
    "Report",
    "Request",
    "RequestKeyFrame",
    "RestartIce",
    "ResumeDataConsumer",
    "RouterOpened",
    "SetConsumer",
    "SetLogLevel",
    "SetProducer",
    "Source",
    "TransportClosed",
    "TransportConnected",
    "TransportOpened",
    "Verbosity",
    "WorkerStatus",
]
