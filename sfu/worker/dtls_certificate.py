"""A worker's DTLS certificate, and how the certificate of a peer is recognised.

Certificates are self-signed and signed by nobody else: what makes one trustworthy is that its
fingerprint came by way of signaling (RFC 8122, RFC 8827 §6.5).
"""

import datetime as dt
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from OpenSSL.crypto import X509

from sfu.transport.srtp import SrtpProfile

_DIGESTS: Final = {"sha-512": "sha512", "sha-384": "sha384", "sha-256": "sha256"}
"""Those we trust, the strongest first; SHA-1 and MD5 are not among them (RFC 8122 §5)."""

_DTLS_1_2: Final = 0xFEFD
_CIPHERS: Final = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384"
)
_LIFETIME: Final = dt.timedelta(days=3650)


@dataclass(frozen=True)
class DtlsFingerprint:
    """A hash of a certificate (RFC 8122 §5).

    Attributes:
        algorithm: its name, such as ``sha-256``; case does not matter.
        value: pairs of hexadecimal digits joined by colons; case does not matter.
    """

    algorithm: str
    value: str


class DtlsCertificate:
    """A certificate with its private key, and the OpenSSL context of all connections that use it.

    A context costs as much as a handshake to set up and holds no state of a connection, so there is
    one for all.

    Attributes:
        context: makes DTLS 1.2 servers; see ``sfu.worker.dtls``.
        fingerprints: of the certificate, for the peers; sha-256 first, which all peers know.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.context = _server_context(key, certificate)
        own = X509.from_cryptography(certificate)
        self.fingerprints = [
            DtlsFingerprint(name, _digest(own, name)) for name in reversed(_DIGESTS)
        ]

    @classmethod
    def generate(cls) -> "DtlsCertificate":
        """A new one: ECDSA on P-256, so that it fits in a datagram with the rest of its flight."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Crossover")])
        today = dt.datetime.now(tz=dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - dt.timedelta(days=1))
            .not_valid_after(today + _LIFETIME)
        )
        return cls(key, builder.sign(key, hashes.SHA256()))


def matches(certificate: X509, fingerprints: Iterable[DtlsFingerprint]) -> bool:
    """Whether a certificate is one of those that were announced.

    Of the fingerprints, those by the strongest algorithm we trust count, and one of them must be
    the certificate's (RFC 8122 §5). With none that we trust, no certificate is right.
    """
    announced: dict[str, list[str]] = {}
    for fingerprint in fingerprints:
        values = announced.setdefault(fingerprint.algorithm.lower(), [])
        values.append(fingerprint.value.upper())
    name = next((name for name in _DIGESTS if name in announced), None)
    if name is None:
        return False
    own = _digest(certificate, name).encode()
    right = [hmac.compare_digest(own, one.encode(errors="replace")) for one in announced[name]]
    return any(right)


def _digest(certificate: X509, name: str) -> str:
    """OpenSSL's: it hashes any certificate that it took, and does not read it once more."""
    return certificate.digest(_DIGESTS[name]).decode()


def _server_context(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> SSL.Context:
    context = SSL.Context(SSL.DTLS_SERVER_METHOD)
    context.set_min_proto_version(_DTLS_1_2)
    context.set_max_proto_version(_DTLS_1_2)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_QUERY_MTU)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)  # an open connection takes 66 KiB instead of 76
    # A certificate must come, but OpenSSL cannot judge it: its fingerprint does.
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
    context.set_cipher_list(_CIPHERS)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_tlsext_use_srtp(":".join(profile.value for profile in SrtpProfile).encode())
    return context
