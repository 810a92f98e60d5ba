"""An authority of our own for tests, and certificates for names that it signs."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


class Authority:
    """Signs certificates; whoever has its `trust` believes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of tests")])
        made = self._builder(self._name, self._key.public_key(), NOW + DAY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self._pem = made.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client trusts: this authority and no other."""
        return ssl.create_default_context(cadata=self._pem.decode())

    def server(self, *names: str, valid_until: datetime = NOW + DAY) -> ssl.SSLContext:
        """What a server proves with that it has these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        hosts = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        made = self._builder(subject, key.public_key(), valid_until).add_extension(hosts, critical=False)
        pem = made.sign(self._key, SHA256()).public_bytes(Encoding.PEM)
        file = self._folder / f"{x509.random_serial_number()}.pem"
        file.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, valid_until: datetime
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(NOW - 2 * DAY).not_valid_after(valid_until)
