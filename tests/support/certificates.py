"""Certificates for 127.0.0.1 and localhost, made on the spot."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = 24 * 3600.0


@dataclass(frozen=True)
class Written:
    """A certificate that signs itself, in files."""

    certificate: Path
    key: Path
    serial: int


def write_certificate(
    folder: Path,
    names: tuple[str, ...] = ("localhost",),
    passphrase: str = "",
    lifetime: float = 30 * DAY,
) -> Written:
    """Writes ``certificate.pem`` and ``key.pem``, over those that are there.

    Args:
        folder: where.
        names: that it is for, beside 127.0.0.1.
        passphrase: protects the key.
        lifetime: seconds from now; below 0 it has expired.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crossover.test")])
    addresses = [
        *(x509.DNSName(name) for name in names),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(seconds=lifetime))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        protection = serialization.BestAvailableEncryption(passphrase.encode())
    written = Written(folder / "certificate.pem", folder / "key.pem", certificate.serial_number)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    written.key.write_bytes(key.private_bytes(pem, form, protection))
    written.certificate.write_bytes(certificate.public_bytes(pem))
    return written


def trusting() -> ssl.SSLContext:
    """A client's context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def serial_of(writer_object: ssl.SSLObject | ssl.SSLSocket) -> int:
    """Of the certificate that a connection's server has shown."""
    shown = writer_object.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number
