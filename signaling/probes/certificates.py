"""Looks at the certificates that servers show."""

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path
from typing import Final

from cryptography import x509

from signaling.doctor.ice import CertificateFacts, Trouble
from signaling.ice_urls import IceUrl

PATIENCE: Final = 4.0
"""Seconds for a handshake."""


async def certificate(url: IceUrl, patience: float = PATIENCE) -> CertificateFacts:
    """What a server shows, and whether this machine trusts it."""
    try:
        distrust = await _distrust(url, patience)
        shown = await _shown(url, patience)
    except TimeoutError:
        return CertificateFacts(url.text, Trouble.SILENT)
    except socket.gaierror as error:
        detail = (error.strerror or "unknown name").lower()
        return CertificateFacts(url.text, Trouble.UNRESOLVED, detail)
    except ssl.SSLError:
        return CertificateFacts(url.text, Trouble.UNREACHABLE, "it does not speak TLS")
    except OSError as error:
        detail = (error.strerror or type(error).__name__).lower()
        return CertificateFacts(url.text, Trouble.UNREACHABLE, detail)
    expires = shown.not_valid_after_utc.timestamp() if shown else None
    return CertificateFacts(url.text, Trouble.NONE, distrust=distrust, expires=expires)


def certificate_file(path: Path) -> CertificateFacts:
    """Our own, which we show ourselves; whether browsers trust it cannot be known here."""
    try:
        shown = x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        detail = (error.strerror or type(error).__name__).lower()
        return CertificateFacts(str(path), Trouble.MALFORMED, detail)
    except ValueError:
        return CertificateFacts(str(path), Trouble.MALFORMED, "it is no PEM certificate")
    expires = shown.not_valid_after_utc.timestamp()
    return CertificateFacts(str(path), Trouble.NONE, expires=expires)


async def _distrust(url: IceUrl, patience: float) -> str:
    """Why a handshake that checks everything fails; empty when it does not."""
    try:
        await _handshake(url, ssl.create_default_context(), patience)
    except ssl.SSLCertVerificationError as error:
        return error.verify_message.rstrip(".")
    return ""


async def _shown(url: IceUrl, patience: float) -> x509.Certificate | None:
    """The certificate, whatever it is worth."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    der = await _handshake(url, context, patience)
    return x509.load_der_x509_certificate(der) if der else None


async def _handshake(url: IceUrl, context: ssl.SSLContext, patience: float) -> bytes | None:
    async with asyncio.timeout(patience):
        _, writer = await asyncio.open_connection(url.host, url.port, ssl=context)
    try:
        shown = writer.get_extra_info("ssl_object")
        der: bytes | None = shown.getpeercert(binary_form=True)
        return der
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
