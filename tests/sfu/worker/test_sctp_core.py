"""The contract with aiortc: its private parts that we use are listed, and are where they were."""

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest
from aiortc import rtcsctptransport
from aiortc.rtcsctptransport import SCTP_MAX_PACKET_LENGTH, DataChunk, RTCSctpTransport

import sfu
from sfu.worker import sctp_bounds, sctp_bundle, sctp_core, sctp_sending
from tests.support.dtls_virtual_time import run_virtually

REACHING_IN: Final = [
    pytest.param(module, id=module.__name__.rpartition(".")[2])
    for module in (sctp_core, sctp_bounds, sctp_sending)
]

SIGNATURES = {
    "_transmit": ["self"],
    "_flight_size_increase": ["self", "chunk"],
    "_t3_start": ["self"],
    "_t3_restart": ["self"],
    "_receive": ["self", "stream_id", "pp_id", "data"],
    "_receive_data_chunk": ["self", "chunk"],
    "_receive_sack_chunk": ["self", "chunk"],
    "_mark_received": ["self", "tsn"],
    "_send_sack": ["self"],
    "_data_channel_flush": ["self"],
    "_data_channel_close": ["self", "channel"],
    "_data_channel_closed": ["self", "stream_id"],
    "_data_channel_reset": ["self", "stream_id"],
    "_update_rto": ["self", "R"],
    "_t1_expired": ["self"],
    "_t3_expired": ["self"],
    "_set_state": ["self", "state"],
    "_handle_data": ["self", "data"],
    "_transmit_reconfig": ["self"],
}

BELOW = {"_role", "_register_data_receiver", "_unregister_data_receiver", "_send_data"}
OF_A_CHUNK = {name for name in DataChunk.__annotations__ if name[0] == "_"}


class Below:
    state = "connected"
    _role = "server"


def documented(module: ModuleType) -> set[str]:
    """The private names at the head of a module."""
    assert module.__doc__ is not None
    return {word for word in module.__doc__.replace("`", " ").split() if word[0] == "_"}


def private_names(module: ModuleType) -> set[str]:
    """All private attributes and methods that a module's code mentions."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return {name for name in found if re.match("_[a-z]", name)}


def test_private_attributes_are_where_they_were() -> None:
    async def main() -> None:
        transport = RTCSctpTransport(Below())  # type: ignore[arg-type]
        everything = documented(sctp_core) | documented(sctp_bounds) | documented(sctp_sending)
        for name in everything - BELOW - OF_A_CHUNK:
            assert hasattr(transport, name), f"aiortc has no {name} any more"
        source = inspect.getsource(rtcsctptransport)
        for name in BELOW:
            assert name in source
        transport._outbound_queue.append(DataChunk())
        assert isinstance(transport._outbound_stream_seq, dict)
        assert transport._association_state is RTCSctpTransport.State.CLOSED
        assert isinstance(transport._data_channels, dict)
        assert isinstance(transport._sack_misordered, set)
        assert transport._advertised_rwnd == 1024 * 1024
        methods = {name for name in everything if callable(getattr(transport, name, None))}
        assert methods == SIGNATURES.keys()

    run_virtually(main())


@pytest.mark.parametrize("name", SIGNATURES)
def test_private_method_is_where_it_was(name: str) -> None:
    method = getattr(RTCSctpTransport, name)
    assert list(inspect.signature(method).parameters) == SIGNATURES[name]


@pytest.mark.parametrize("module", REACHING_IN)
def test_all_that_is_used_is_documented_and_nothing_else(module: ModuleType) -> None:
    async def main() -> None:
        stock = RTCSctpTransport(Below())  # type: ignore[arg-type]
        theirs = private_names(rtcsctptransport) | set(dir(stock))
        assert private_names(module) & theirs == documented(module)

    run_virtually(main())


def test_a_chunk_is_given_all_that_aiortc_expects_of_it() -> None:
    assert documented(sctp_sending) >= OF_A_CHUNK != set()


def test_no_other_module_reaches_into_aiortc() -> None:
    package = Path(sfu.__file__).parent
    importing = {
        path.stem
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "aiortc")
        or (isinstance(node, ast.Import) and any("aiortc" in one.name for one in node.names))
    }
    assert importing == {"sctp_core", "sctp_bounds", "sctp_sending"}


def test_packets_are_as_long_as_those_that_aiortc_makes() -> None:
    assert sctp_bundle.MOST_BYTES == SCTP_MAX_PACKET_LENGTH
