"""A DTLS client in memory: pyOpenSSL, with aiortc's certificate and settings."""

import base64
from collections.abc import Iterable
from pathlib import Path

from aiortc.rtcdtlstransport import (
    SRTP_AES128_CM_SHA1_80,
    SRTP_PROFILES,
    RTCCertificate,
    SRTPProtectionProfile,
)
from OpenSSL import SSL

from sfu.transport.srtp import SrtpProfile
from sfu.units import Seconds
from sfu.wire.dtls_records import pack_datagrams
from sfu.worker.dtls import DtlsFingerprint, DtlsOutput, DtlsServer, SrtpKeys

ZERO = Seconds(0.0)
ALL_PROFILES = SRTP_PROFILES
ONLY_CM = [SRTP_AES128_CM_SHA1_80]
CLIENT_CERTIFICATE = RTCCertificate.generateCertificate()


def fingerprints(certificate: RTCCertificate = CLIENT_CERTIFICATE) -> list[DtlsFingerprint]:
    return [DtlsFingerprint(one.algorithm, one.value) for one in certificate.getFingerprints()]


class DtlsClient:
    """One connection.

    Args:
        mtu: of its datagrams: its flights are in fragments when it is small.
        profiles: SRTP profiles it offers.
        certificate: None for a client without one.
    """

    def __init__(
        self,
        mtu: int = 1200,
        profiles: list[SRTPProtectionProfile] = ALL_PROFILES,
        certificate: RTCCertificate | None = CLIENT_CERTIFICATE,
    ) -> None:
        self.mtu = mtu
        if certificate is not None:
            context = certificate._create_ssl_context(profiles or ALL_PROFILES)
        else:
            context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        if not profiles:
            context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
            assert certificate is not None
            context.use_certificate(certificate._cert)
            context.use_privatekey(certificate._key)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        self.ssl = SSL.Connection(context, None)
        self.ssl.set_ciphertext_mtu(mtu)
        self.ssl.set_connect_state()
        self.done = False
        self.failed = False
        self.closed = False
        self.received: list[bytes] = []

    def connect_with(self, certificate: bytes, folder: Path) -> None:
        """Begin anew with a certificate (DER) for the usual key that only OpenSSL can read."""
        encoded = base64.encodebytes(certificate)
        pem = b"-----BEGIN CERTIFICATE-----\n" + encoded + b"-----END CERTIFICATE-----\n"
        (folder / "certificate").write_bytes(pem)
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.use_certificate_file(folder / "certificate")
        context.use_privatekey(CLIENT_CERTIFICATE._key)
        context.set_tlsext_use_srtp(b"SRTP_AEAD_AES_128_GCM")
        self.ssl = SSL.Connection(context, None)
        self.ssl.set_connect_state()

    def begin(self) -> list[bytes]:
        """Its first flight."""
        self._advance()
        return self.written()

    def take(self, datagrams: Iterable[bytes]) -> list[bytes]:
        """Take datagrams from the server; what it answers."""
        for datagram in datagrams:
            self.ssl.bio_write(datagram)
            self._advance()
        return self.written()

    def send(self, data: bytes) -> list[bytes]:
        self.ssl.send(data)
        return self.written()

    def keys(self) -> SrtpKeys:
        """As the client has them."""
        profile = SrtpProfile(self.ssl.get_selected_srtp_profile().decode())
        key, salt = profile.key_length, profile.salt_length
        data = self.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        return SrtpKeys(
            profile,
            local=data[:key] + data[2 * key : 2 * key + salt],
            remote=data[key : 2 * key] + data[2 * key + salt :],
        )

    def written(self) -> list[bytes]:
        data = b""
        while True:
            try:
                data += self.ssl.bio_read(1 << 16)
            except SSL.WantReadError:
                return pack_datagrams(data, self.mtu)

    def _advance(self) -> None:
        try:
            if not self.done:
                self.ssl.do_handshake()
                self.done = True
            while True:
                self.received.append(self.ssl.recv(1 << 15))
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.closed = True
        except SSL.Error:
            self.failed = True


def merged(outputs: Iterable[DtlsOutput]) -> DtlsOutput:
    """All that a server has put out, in one."""
    result = DtlsOutput()
    for output in outputs:
        result.datagrams += output.datagrams
        result.received += output.received
        assert output.keys is None or result.keys is None, "keys are given once"
        result.keys = output.keys or result.keys
        assert output.ended is None or result.ended is None, "it ends once"
        result.ended = output.ended or result.ended
    return result


def receive_all(server: DtlsServer, datagrams: Iterable[bytes], now: Seconds = ZERO) -> DtlsOutput:
    return merged([server.receive(datagram, now) for datagram in datagrams])


def shake_hands(client: DtlsClient, server: DtlsServer, now: Seconds = ZERO) -> DtlsOutput:
    """Let both talk until neither has anything to say."""
    outputs = []
    to_server = client.begin()
    while to_server:
        outputs.append(receive_all(server, to_server, now))
        to_server = client.take(outputs[-1].datagrams)
    return merged(outputs)
