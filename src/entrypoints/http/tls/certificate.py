"""A TLS certificate with its private key: read, checked, and ready for connections."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from application.operational_error import OperationalError
from entrypoints.http.tls.certificate_files import CertificateFiles

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secrecy and authenticated encryption only. All of TLS 1.3 have both."""


class InvalidCertificate(OperationalError):
    """A certificate or its key cannot be used; `faults` has one sentence for each reason."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class LoadedCertificate:
    """A certificate that is valid now, and the context that presents it to clients."""

    context: ssl.SSLContext
    expires: datetime


def load_certificate(files: CertificateFiles) -> LoadedCertificate:
    """Read and check the files; raises InvalidCertificate with every fault."""
    faults: list[str] = []
    chain = _certificates(files.certificate, faults)
    key = _key(files, faults)
    if chain and key is not None and _public(chain[0].public_key()) != _public(key.public_key()):
        faults.append(f"the key in {files.key} does not belong to the first certificate in {files.certificate}")
    if faults:
        raise InvalidCertificate(faults)
    return LoadedCertificate(_context(files), min(each.not_valid_after_utc for each in chain))


def _certificates(file: Path, faults: list[str]) -> list[x509.Certificate]:
    """The certificates in the file; adds a fault for each that is not valid now."""
    content = _content(file, "certificate", faults)
    if content is None:
        return []
    try:
        chain = x509.load_pem_x509_certificates(content)
        for each in chain:
            each.public_key()  # parsed when it is read, like the subject and the period
            faults.extend(_faults_of_period(each, file))
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        faults.append(f"{file} has no valid certificate in PEM format")
        return []
    return chain


def _faults_of_period(certificate: x509.Certificate, file: Path) -> Iterator[str]:
    """Why the certificate is not valid now, if it is not."""
    now, begin, end = datetime.now(UTC), certificate.not_valid_before_utc, certificate.not_valid_after_utc
    name = f"{certificate.subject.rfc4514_string() or 'without a subject'} in {file}"
    if end <= now:
        yield f"the certificate {name} expired on {end:%Y-%m-%d %H:%M} UTC"
    if begin > now:
        yield f"the certificate {name} is not valid before {begin:%Y-%m-%d %H:%M} UTC; check the clock"


def _key(files: CertificateFiles, faults: list[str]) -> PrivateKeyTypes | None:
    content = _content(files.key, "key", faults)
    if content is None:
        return None
    password = None if files.key_password is None else files.key_password.encode()
    if b"ENCRYPTED" not in content:
        password = None
    elif password is None:
        faults.append(f"the key in {files.key} is encrypted, and no password is given")
        return None
    try:
        return load_pem_private_key(content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        wrong_password = "" if password is None else ", or the password is wrong"
        faults.append(f"{files.key} has no valid private key in PEM format{wrong_password}")
        return None


def _content(file: Path, kind: str, faults: list[str]) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError as fault:
        faults.append(f"the {kind} file {file} cannot be read: {fault.strerror}")
        return None


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _context(files: CertificateFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    try:
        # With None as the password, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(files.certificate, files.key, password=files.key_password or "")
    except (OSError, ValueError) as fault:
        raise InvalidCertificate([f"{files.certificate} and {files.key} cannot be used: {fault}"]) from fault
    return context
