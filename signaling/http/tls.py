"""TLS of our own: the certificate's context, renewed when its files change.

What is offered is what every browser of the last years speaks and nobody has broken: TLS 1.2 with
forward secrecy and authenticated encryption, and TLS 1.3 (RFC 9325 §3.1.1, §4.2).
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signaling.config import ConfigError

log = logging.getLogger(__name__)

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all good."""

LOOK: Final = 10.0
"""Seconds between two looks at the files."""

_Stamp = tuple[tuple[int, int, int], ...]


def context_of(certificate: Path, key: Path) -> ssl.SSLContext:
    """A server's context.

    Args:
        certificate: PEM: ours, then those of the authorities between, as Let's Encrypt writes it.
        key: PEM, without a passphrase.

    Raises:
        OSError: a file cannot be read, or (``ssl.SSLError``) does not hold what it should.
    """

    def no_passphrase() -> str:
        raise ssl.SSLError("the key is protected by a passphrase")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(certificate, key, password=no_passphrase)
    return context


@dataclass(eq=False)
class Certificate:
    """The context for new connections; connections that stand keep theirs.

    Raises:
        ConfigError: the files cannot be used.
    """

    certificate: Path
    key: Path
    _context: ssl.SSLContext = field(init=False)
    _stamp: _Stamp = field(init=False)
    _timer: asyncio.TimerHandle | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        try:
            self._stamp = self._stamp_now()
            self._context = context_of(self.certificate, self.key)
        except OSError as error:
            raise ConfigError(
                f"CROSSOVER_TLS_CERTIFICATE and CROSSOVER_TLS_KEY cannot be used ({error}); "
                "they are PEM files of a certificate chain and of its private key."
            ) from None

    def context(self) -> ssl.SSLContext:
        """In force now."""
        return self._context

    def look(self) -> bool:
        """Reads the files if they have changed; whether they are in force now.

        Between two writes a certificate need not belong to its key: the next look sees to it.
        """
        try:
            stamp = self._stamp_now()
        except OSError as error:
            log.warning("the TLS certificate stays as it is: %s", error)
            return False
        return stamp != self._stamp and self._read(stamp)

    def read_again(self) -> bool:
        """Reads the files whether they have changed or not, as after SIGHUP."""
        try:
            return self._read(self._stamp_now())
        except OSError as error:
            log.warning("the TLS certificate stays as it is: %s", error)
            return False

    def watch(self) -> Callable[[], None]:
        """Looks again and again from now on; returns what ends that."""
        loop = asyncio.get_running_loop()

        def again() -> None:
            self.look()
            self._timer = loop.call_later(LOOK, again)

        def end() -> None:
            if self._timer is not None:
                self._timer.cancel()

        self._timer = loop.call_later(LOOK, again)
        return end

    def _read(self, stamp: _Stamp) -> bool:
        try:
            self._context = context_of(self.certificate, self.key)
        except OSError as error:
            log.warning("the TLS certificate stays as it is: %s", error)
            return False
        self._stamp = stamp
        log.info("the TLS certificate has been read again")
        return True

    def _stamp_now(self) -> _Stamp:
        stats = [path.stat() for path in (self.certificate, self.key)]
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)
