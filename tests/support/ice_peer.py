"""A full ICE agent's side of a check, as far as a lite agent sees it."""

import random
from collections.abc import Iterable

from sfu.transport.ice_lite import IceCredentials
from sfu.wire.stun import BINDING, Attribute, MessageClass, StunMessage, encode_stun, parse_stun

PRIORITY = (int(Attribute.PRIORITY), (0x6E0001FF).to_bytes(4, "big"))
CONTROLLING = (int(Attribute.ICE_CONTROLLING), bytes(range(8)))
CONTROLLED = (int(Attribute.ICE_CONTROLLED), bytes(range(8)))
NOMINATE = (int(Attribute.USE_CANDIDATE), b"")


class IcePeer:
    """Makes checks with given credentials of the lite agent.

    Args:
        credentials: the lite agent's.
        seed: of transaction ids.
    """

    def __init__(self, credentials: IceCredentials, seed: int = 1) -> None:
        self.credentials = credentials
        self._rng = random.Random(seed)

    def username(self) -> tuple[int, bytes]:
        return int(Attribute.USERNAME), f"{self.credentials.username_fragment}:peer".encode()

    def check(
        self, *, nominate: bool = False, extra: Iterable[tuple[int, bytes]] = ()
    ) -> StunMessage:
        attributes = [self.username(), PRIORITY, CONTROLLING, *extra]
        if nominate:
            attributes.append(NOMINATE)
        return self.message(attributes)

    def message(
        self,
        attributes: Iterable[tuple[int, bytes]],
        *,
        signed: bool = True,
        message_class: MessageClass = MessageClass.REQUEST,
        method: int = BINDING,
    ) -> StunMessage:
        key = self.credentials.password.encode() if signed else None
        transaction = self._rng.randbytes(12)
        return parse_stun(encode_stun(method, message_class, transaction, attributes, key))
