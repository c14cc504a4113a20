"""What signaling commands, carried out on the engine: each command has its function.

A command that names something that is gone is refused, unless it closes it: then it is done.
"""

from collections.abc import Callable
from typing import Any, Final

from sfu.control import messages
from sfu.control.messages import Answer, Command, Refusal
from sfu.ortc.errors import OrtcError
from sfu.routing.data_relay import DataRelayError
from sfu.routing.router import RouterError
from sfu.units import Seconds
from sfu.worker import data_commands, media_commands, router_commands, statistics
from sfu.worker.engine import Engine

_FUNCTIONS: Final[dict[type[Command], Callable[[Engine, Any, Seconds], Answer]]] = {
    messages.OpenRouter: router_commands.open_router,
    messages.CloseRouter: router_commands.close_router,
    messages.CloseMember: router_commands.close_member,
    messages.OpenTransport: router_commands.open_transport,
    messages.ConnectTransport: router_commands.connect_transport,
    messages.RestartIce: router_commands.restart_ice,
    messages.CloseTransport: router_commands.close_transport,
    messages.Produce: media_commands.produce,
    messages.SetProducer: media_commands.set_producer,
    messages.CloseProducer: media_commands.close_producer,
    messages.Consume: media_commands.consume,
    messages.SetConsumer: media_commands.set_consumer,
    messages.RequestKeyFrame: media_commands.request_key_frame,
    messages.CloseConsumer: media_commands.close_consumer,
    messages.TellStatistics: statistics.tell_statistics,
    messages.ProduceData: data_commands.produce_data,
    messages.CloseDataProducer: data_commands.close_data_producer,
    messages.ConsumeData: data_commands.consume_data,
    messages.ResumeDataConsumer: data_commands.resume_data_consumer,
    messages.CloseDataConsumer: data_commands.close_data_consumer,
}


def carry_out(engine: Engine, command: Command, now: Seconds) -> Answer:
    """Carry out a command and answer it. Nothing is raised; refused, nothing has changed."""
    try:
        return _FUNCTIONS[type(command)](engine, command, now)
    except (RouterError, OrtcError) as error:
        reason = error.reason if isinstance(error, RouterError) else str(error)
        return Refusal(request=command.request, code=error.code, reason=reason)
    except DataRelayError as error:
        return Refusal(request=command.request, code="invalid-parameters", reason=str(error))
