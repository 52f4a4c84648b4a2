"""Certificates made for tests, by an authority that clients of the tests trust."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from entrypoints.http.tls.certificate_files import CertificateFiles

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, password: str | None = None) -> bytes:
        """The key, encrypted where a password is given."""
        encryption = NoEncryption() if password is None else BestAvailableEncryption(password.encode())
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def write(self, folder: Path) -> CertificateFiles:
        """Write or replace `certificate.pem` and `key.pem` in this folder."""
        files = CertificateFiles(folder / "certificate.pem", folder / "key.pem")
        for file, content in ((files.certificate, self.pem), (files.key, self.key_pem())):
            new = file.with_suffix(".new")
            new.write_bytes(content)
            new.replace(file)
        return files


class Authority:
    """An authority that issues certificates for 127.0.0.1."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Test authority")
        builder = _builder(self._name, self._name, self._key, NOW - timedelta(days=365), NOW + timedelta(days=365))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    def issue(
        self,
        name: str = "service",
        *,
        begin: datetime = NOW - timedelta(days=1),
        end: datetime = NOW + timedelta(days=90),
        key: Key | None = None,
        hosts: Sequence[str] = ("localhost",),
    ) -> Issued:
        """A certificate with a new elliptic curve key, or with this one."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        alternatives: list[x509.GeneralName] = [x509.IPAddress(ip_address("127.0.0.1")), *map(x509.DNSName, hosts)]
        builder = _builder(_name(name), self._name, key, begin, end)
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return Issued(builder.sign(self._key, SHA256()), key)

    @property
    def trust(self) -> ssl.SSLContext:
        """The context of a client that trusts this authority only."""
        return ssl.create_default_context(cadata=self.pem.decode())


def rsa_key() -> rsa.RSAPrivateKey:
    """A key of another type than that of `Authority.issue`."""
    return rsa.generate_private_key(65_537, 2048)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )
