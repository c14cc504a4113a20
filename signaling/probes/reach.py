"""Whether the workers' TCP ports can be reached where browsers are told that they are."""

import asyncio
import contextlib
from typing import Final

from aioice import stun

PATIENCE: Final = 2.0
SILENCE: Final = 0.5
"""Seconds for which a worker says nothing to a stranger, where others answer or hang up."""

_PREFIX_BYTES: Final = 2


async def behaves_like_worker(
    host: str, port: int, patience: float = PATIENCE, silence: float = SILENCE
) -> bool | None:
    """Connects and sends a check that names nobody, framed as ICE over TCP has it (RFC 4571).

    Returns:
        True where it is passed over in silence, as by a worker; False where something else speaks
        or hangs up; None where there is no connection.
    """
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return None
    check = bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))
    try:
        writer.write(len(check).to_bytes(_PREFIX_BYTES, "big") + check)
        async with asyncio.timeout(silence):
            await reader.read(1)
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return False
