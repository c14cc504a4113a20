"""DTLS 1.2 of one transport, as the server: keys for SRTP, and a channel for SCTP.

OpenSSL on memory buffers, by pyOpenSSL's public interface only; datagrams in, datagrams out. A peer
is trusted when its certificate has the fingerprint that came by way of signaling, be that before or
after the handshake; until then it gets no keys, and what it sends is kept from everybody.

::

    state       event                      then
    SHAKING     handshake done             PROVING
    PROVING     fingerprint right          OPEN: keys, and the data that has waited
    PROVING     fingerprint wrong          ENDED "dtls-failed", with close_notify
    SHAKING     error, alert, 30 s         ENDED "dtls-failed"
    PROVING     close, alert, 30 s         ENDED "dtls-failed"
    OPEN        close_notify, alert        ENDED "peer-closed", with close_notify
    any         closed by us               ENDED without a reason, with close_notify
    ENDED       anything                   ENDED, silence

OpenSSL's own timer for lost flights reads the wall clock and cannot be told the time, so flights
are sent again from here, as they were: to the peer that is a datagram which came twice, and it is
the lost ones that count. The last flight has no timer (RFC 6347 §4.2.4): OpenSSL sends it again
when the peer's comes again.

A full handshake costs the server 0.45 ms of CPU on one core of a Milan server.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Literal

from OpenSSL import SSL

from sfu.transport.srtp import SrtpProfile
from sfu.units import Seconds
from sfu.wire.dtls_records import is_one_data_record, pack_datagrams, whole_records
from sfu.worker.dtls_certificate import DtlsCertificate, DtlsFingerprint, matches

__all__ = ["DtlsCertificate", "DtlsFingerprint", "DtlsOutput", "DtlsServer", "SrtpKeys"]

FLIGHT_DATAGRAM: Final = 1200
"""Bytes of a handshake datagram at most: it gets through everywhere (RFC 8831 §5)."""

MOST_DATA: Final = 1195
"""Bytes of application data at most: with 37 around them, the 1232 that IPv6 always carries."""

HANDSHAKE_PATIENCE: Final = Seconds(30.0)
FIRST_TIMEOUT: Final = Seconds(0.25)
"""When a flight is sent again; twice as long each time. Rooms open on it, so no whole second."""

_LONGEST_TIMEOUT: Final = 4.0
_MOST_WAITING: Final = 16
_RECORD_PLAINTEXT: Final = 16384
_DATA_RECORD: Final = 2048
"""Bytes of a record of data at most, and so of what is in it: it goes in one datagram."""

_EXPORT_LABEL: Final = b"EXTRACTOR-dtls_srtp"

Ended = Literal["peer-closed", "dtls-failed"]


@dataclass(frozen=True)
class SrtpKeys:
    """Keys of both directions (RFC 5764 §4.2).

    Attributes:
        profile: the protection profile that was agreed on.
        local: master key and salt of what we send.
        remote: master key and salt of what the peer sends.
    """

    profile: SrtpProfile
    local: bytes
    remote: bytes


@dataclass
class DtlsOutput:
    """What follows from an event.

    Attributes:
        datagrams: to be sent, in order.
        received: application data, in order; from a trusted peer only.
        keys: given exactly once, when the handshake is done and the peer is trusted.
        ended: why the connection is over, given exactly once.
    """

    datagrams: list[bytes] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    keys: SrtpKeys | None = None
    ended: Ended | None = None


class _State(Enum):
    SHAKING = auto()
    PROVING = auto()
    OPEN = auto()
    ENDED = auto()


class DtlsServer:
    """One connection. No input raises.

    Args:
        certificate: ours.
    """

    def __init__(self, certificate: DtlsCertificate) -> None:
        self._state = _State.SHAKING
        self._ssl = SSL.Connection(certificate.context, None)
        self._ssl.set_ciphertext_mtu(FLIGHT_DATAGRAM)
        self._ssl.set_accept_state()
        self._expected: tuple[DtlsFingerprint, ...] | None = None
        self._waiting: list[bytes] = []
        self._flight: list[bytes] = []
        self._timeout = FIRST_TIMEOUT
        self._send_again: Seconds | None = None
        self._give_up: Seconds | None = None

    # ---- events ----------------------------------------------------------------------------

    def expect(self, fingerprints: Iterable[DtlsFingerprint]) -> DtlsOutput:
        """What the peer's certificate must match; may come at any time, also again."""
        self._expected = tuple(fingerprints)
        output = DtlsOutput()
        if self._state in (_State.PROVING, _State.OPEN):
            self._prove(output)
        return output

    def receive(self, datagram: bytes, now: Seconds) -> DtlsOutput:
        """Take a datagram from one of the peer's addresses."""
        output = DtlsOutput()
        if (
            self._state is _State.OPEN
            and len(datagram) <= _DATA_RECORD
            and is_one_data_record(datagram)
        ):
            self._read_one(datagram, output)
            return output
        records = whole_records(datagram)
        if self._state is _State.ENDED or not records:
            return output
        if self._give_up is None:
            self._give_up = Seconds(now + HANDSHAKE_PATIENCE)
        self._ssl.bio_write(b"".join(records))
        if self._state is _State.SHAKING:
            self._shake(output, now)
        if self._state in (_State.PROVING, _State.OPEN):
            self._read(output)
        return output

    def send(self, data: bytes) -> DtlsOutput:
        """Send application data; more than MOST_DATA bytes, or to nobody trusted, goes nowhere."""
        output = DtlsOutput()
        if self._state is _State.OPEN and 0 < len(data) <= MOST_DATA:
            try:
                self._ssl.send(data)
                written = self._ssl.bio_read(_DATA_RECORD)
            except SSL.Error:
                return output
            output.datagrams = [written] if is_one_data_record(written) else self._cut(written)
        return output

    def tick(self, now: Seconds) -> DtlsOutput:
        """Send a flight again, or give up, if it is time."""
        output = DtlsOutput()
        if self._state not in (_State.SHAKING, _State.PROVING):
            return output
        if self._give_up is not None and now >= self._give_up:
            self._end("dtls-failed", output)
        elif self._send_again is not None and now >= self._send_again:
            output.datagrams = list(self._flight)
            self._timeout = Seconds(min(2 * self._timeout, _LONGEST_TIMEOUT))
            self._send_again = Seconds(now + self._timeout)
        return output

    def next_deadline(self) -> Seconds | None:
        """When ``tick`` has something to do; None when nothing is waited for."""
        if self._state not in (_State.SHAKING, _State.PROVING):
            return None
        return min((at for at in (self._send_again, self._give_up) if at is not None), default=None)

    def close(self) -> DtlsOutput:
        """End the connection and tell the peer."""
        output = DtlsOutput()
        if self._state is not _State.ENDED:
            self._end(None, output)
        return output

    # ---- the handshake ---------------------------------------------------------------------

    def _shake(self, output: DtlsOutput, now: Seconds) -> None:
        done = self._advance()
        written = self._written()
        output.datagrams += written
        if done is None:
            self._end("dtls-failed", output)
            return
        if written:
            self._flight = written
            self._send_again = Seconds(now + self._timeout)
        if done:
            self._send_again = None
            self._state = _State.PROVING
            self._prove(output)

    def _advance(self) -> bool | None:
        """Whether the handshake is done; None when it has failed.

        OpenSSL leaves word of records that it passed over, which looks like a failure. A real one
        comes again when it is asked again.
        """
        for _ in range(2):
            try:
                self._ssl.do_handshake()
            except SSL.WantReadError:
                return False
            except SSL.Error:
                continue
            return True
        return None

    def _prove(self, output: DtlsOutput) -> None:
        """Hold the peer's certificate to the fingerprints, if they are known."""
        if self._expected is None:
            return
        certificate = self._ssl.get_peer_certificate()
        trusted = certificate is not None and matches(certificate, self._expected)
        if trusted and self._state is _State.OPEN:
            return
        keys = self._keys() if trusted else None
        if keys is None:
            self._end("dtls-failed", output)
            return
        self._state = _State.OPEN
        output.keys = keys
        output.received += self._waiting
        self._waiting = []

    def _keys(self) -> SrtpKeys | None:
        """The keys, or None when the peer knows none of our protection profiles."""
        name = self._ssl.get_selected_srtp_profile().decode()
        profile = next((one for one in SrtpProfile if one.value == name), None)
        if profile is None:
            return None
        key, salt = profile.key_length, profile.salt_length
        material = self._ssl.export_keying_material(_EXPORT_LABEL, 2 * (key + salt))
        client_key, server_key = material[:key], material[key : 2 * key]
        client_salt, server_salt = material[2 * key : -salt], material[-salt:]
        return SrtpKeys(profile, local=server_key + server_salt, remote=client_key + client_salt)

    # ---- data, and the end -----------------------------------------------------------------

    def _read(self, output: DtlsOutput) -> None:
        while True:
            try:
                data = self._ssl.recv(_RECORD_PLAINTEXT)
            except SSL.WantReadError:
                break
            except SSL.ZeroReturnError:
                self._peer_closed(output)
                return
            except SSL.Error:
                if self._ssl.get_shutdown() & SSL.RECEIVED_SHUTDOWN:
                    self._peer_closed(output)
                    return
                break
            if self._state is _State.OPEN:
                output.received.append(data)
            elif len(self._waiting) < _MOST_WAITING:
                self._waiting.append(data)
        output.datagrams += self._written()

    def _read_one(self, datagram: bytes, output: DtlsOutput) -> None:
        """Read a datagram that holds one record of data, as nearly all do.

        To be told that there is nothing more costs as much as to read, and there is nothing more:
        OpenSSL keeps no data back once the connection is open, and answers none.
        """
        self._ssl.bio_write(datagram)
        try:
            output.received.append(self._ssl.recv(_DATA_RECORD))
        except SSL.Error:  # it was forged, or came before; should it be worse, it is found here
            self._read(output)

    def _peer_closed(self, output: DtlsOutput) -> None:
        self._end("peer-closed" if self._state is _State.OPEN else "dtls-failed", output)

    def _end(self, reason: Ended | None, output: DtlsOutput) -> None:
        with contextlib.suppress(SSL.Error):  # there may be no connection yet that could be closed
            self._ssl.shutdown()
        output.datagrams += self._written()
        output.ended = reason
        self._state = _State.ENDED
        self._waiting = []

    def _written(self) -> list[bytes]:
        """Datagrams of all that OpenSSL has written."""
        return self._cut(b"")

    def _cut(self, written: bytes) -> list[bytes]:
        """Datagrams of what was taken of OpenSSL's output, and of the rest of it."""
        while True:
            try:
                written += self._ssl.bio_read(_RECORD_PLAINTEXT)
            except SSL.WantReadError:
                return pack_datagrams(written, FLIGHT_DATAGRAM)
