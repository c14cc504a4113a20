"""DTLS 1.2 with SRTP keys at the end (RFC 5764), on pyOpenSSL's memory BIO. Sans-I/O."""

import datetime as dt
import hashlib
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from sfu.transport.srtp import SrtpProfile

MOST_BYTES: Final = 1200
"""Of a datagram."""

PATIENCE: Final = 20.0
"""Seconds a handshake may take."""

FIRST_RETRY: Final = 0.05
"""Seconds until a flight is repeated, as browsers do it; OpenSSL itself waits for a second."""

_RECORD_HEADER: Final = 13
_READ: Final = 1 << 16
_LABEL: Final = b"EXTRACTOR-dtls_srtp"


class Identity:
    """A certificate, and the contexts that speak with it; many peers may share one.

    Args:
        profiles: SRTP profiles to offer, best first.

    Attributes:
        fingerprint: SHA-256 of the certificate as DTLS parameters write it.
    """

    def __init__(
        self,
        profiles: tuple[SrtpProfile, ...] = (
            SrtpProfile.AES_128_GCM,
            SrtpProfile.AES_128_CM_SHA1_80,
        ),
    ) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "synthetic peer")])
        today = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - dt.timedelta(days=1))
            .not_valid_after(today + dt.timedelta(days=30))
            .sign(key, hashes.SHA256())
        )
        self.fingerprint = _fingerprint(certificate, "sha-256")
        self.context = context = SSL.Context(SSL.DTLS_METHOD)
        context.use_certificate(certificate)
        context.use_privatekey(key)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.set_cipher_list(
            b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA"
        )
        context.set_tlsext_use_srtp(":".join(profile.value for profile in profiles).encode())


class SrtpKeys(msgspec.Struct, frozen=True):
    """What a handshake ends with; a key is master key and salt."""

    profile: SrtpProfile
    outbound: bytes
    inbound: bytes


class DtlsAssociation:
    """One association.

    Args:
        identity: ours.
        fingerprints: the other's, algorithm and colon-separated upper-case hex.
        now: monotonic seconds.
        begins: whether we say hello, as the client; the server waits for it.

    Attributes:
        keys: once the handshake is done and the certificate is one of the fingerprints.
        failure: why it will never be; None while it may.
        closed: whether the other has said goodbye.
        received: application data, to be taken out.
        out: datagrams, to be sent and taken out.
    """

    def __init__(
        self,
        identity: Identity,
        fingerprints: list[tuple[str, str]],
        now: float,
        begins: bool = True,
    ) -> None:
        self._fingerprints = fingerprints
        self._is_client = begins
        self._connection = SSL.Connection(identity.context, None)
        if begins:
            self._connection.set_connect_state()
        else:
            self._connection.set_accept_state()
        self._connection.set_ciphertext_mtu(MOST_BYTES)
        self._begun = now
        self._due: float | None = None
        self._flight: list[bytes] = []
        self._retry = FIRST_RETRY
        self.keys: SrtpKeys | None = None
        self.failure: str | None = None
        self.closed = False
        self.received: list[bytes] = []
        self.out: list[bytes] = []
        self._advance(now)

    @property
    def due(self) -> float:
        """When ``tick`` has something to do; infinity for never."""
        if self.keys is not None or self.failure is not None or self._due is None:
            return float("inf")
        return self._due

    def receive(self, datagram: bytes, now: float) -> None:
        """Take one datagram."""
        if self.failure is not None or self.closed:
            return
        self._connection.bio_write(datagram)
        if self.keys is None:
            self._advance(now)
        if self.keys is not None:
            self._read()
        self._collect()

    def tick(self, now: float) -> None:
        """Send the last flight again if it is time."""
        if now < self.due:
            return
        if now - self._begun > PATIENCE:
            self.failure = "the DTLS handshake took too long"
            return
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error as error:
            self.failure = f"DTLS: {error}"
            return
        before = len(self.out)
        self._collect()
        if len(self.out) == before:  # the same records: whoever has them already drops them
            self.out.extend(self._flight)
            self._retry *= 2
        self._note_timeout(now)

    def send(self, data: bytes) -> None:
        """Application data."""
        if self.keys is None or self.closed:
            return
        try:
            self._connection.send(data)
        except SSL.Error:
            self.closed = True
        self._collect()

    def close(self) -> None:
        """Say goodbye."""
        if self.keys is None or self.closed:
            return
        self.closed = True
        try:
            self._connection.shutdown()
        except SSL.Error:
            return
        self._collect()

    def _advance(self, now: float) -> None:
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            before = len(self.out)
            self._collect()
            if len(self.out) > before:
                self._flight, self._retry = self.out[before:], FIRST_RETRY
            self._note_timeout(now)
            return
        except SSL.Error as error:
            self._collect()
            self.failure = f"the DTLS handshake failed: {error}"
            return
        self._collect()
        self._finish()

    def _finish(self) -> None:
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        if certificate is None or not any(
            _fingerprint(certificate, algorithm) == value.upper()
            for algorithm, value in self._fingerprints
            if algorithm in _ALGORITHMS
        ):
            self.failure = "the certificate is not the one that was announced"
            return
        try:
            profile = SrtpProfile(self._connection.get_selected_srtp_profile().decode())
        except ValueError:
            self.failure = "no SRTP profile was agreed on"
            return
        key, salt = profile.key_length, profile.salt_length
        secret = self._connection.export_keying_material(_LABEL, 2 * (key + salt))
        client, server = secret[:key], secret[key : 2 * key]
        client_salt, server_salt = secret[2 * key : 2 * key + salt], secret[2 * key + salt :]
        of_client, of_server = client + client_salt, server + server_salt
        ours, theirs = (of_client, of_server) if self._is_client else (of_server, of_client)
        self.keys = SrtpKeys(profile, ours, theirs)

    def _read(self) -> None:
        while True:
            try:
                self.received.append(self._connection.recv(_READ))
            except SSL.WantReadError:
                return
            except SSL.ZeroReturnError:
                self.closed = True
                return
            except SSL.Error as error:
                self.failure = f"DTLS: {error}"
                return

    def _collect(self) -> None:
        """What OpenSSL has written, cut where records end, so that datagrams hold whole ones."""
        while True:
            try:
                written = self._connection.bio_read(_READ)
            except SSL.Error:
                return
            self.out.extend(into_datagrams(written))

    def _note_timeout(self, now: float) -> None:
        timeout = self._connection.DTLSv1_get_timeout()
        self._due = None if timeout is None else now + min(timeout, self._retry)


def into_datagrams(records: bytes) -> list[bytes]:
    """Whole DTLS records (RFC 6347 §4.1), as many to a datagram as fit."""
    datagrams: list[bytes] = []
    start = at = 0
    while at + _RECORD_HEADER <= len(records):
        end = at + _RECORD_HEADER + int.from_bytes(records[at + 11 : at + 13], "big")
        if end - start > MOST_BYTES and at > start:
            datagrams.append(records[start:at])
            start = at
        at = end
    if start < len(records):
        datagrams.append(records[start:])
    return datagrams


_ALGORITHMS: Final = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}


def _fingerprint(certificate: x509.Certificate, algorithm: str) -> str:
    digest = hashlib.new(_ALGORITHMS[algorithm], certificate.public_bytes(Encoding.DER)).digest()
    return digest.hex(":").upper()
