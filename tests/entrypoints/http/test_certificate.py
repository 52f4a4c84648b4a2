"""A certificate and its key are checked before use, and followed when their files change."""

import asyncio
import logging
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from entrypoints.configuration.settings import InvalidSettings, read_settings
from entrypoints.http.tls.certificate import InvalidCertificate, load_certificate
from entrypoints.http.tls.certificate_files import CertificateFiles
from entrypoints.http.tls.server_certificate import ServerCertificate
from harness.running_service import SCORING, clean_environment
from support.certificates import NOW, Authority, rsa_key

authority = Authority()


@pytest.fixture
def files(tmp_path: Path) -> CertificateFiles:
    """A valid certificate and its key."""
    return authority.issue().write(tmp_path)


def faults_of(files: CertificateFiles) -> list[str]:
    with pytest.raises(InvalidCertificate) as invalid:
        load_certificate(files)
    return invalid.value.faults


def test_a_valid_certificate_is_loaded(files: CertificateFiles) -> None:
    assert load_certificate(files).expires == (NOW + timedelta(days=90)).replace(microsecond=0)


def test_one_file_may_hold_both(files: CertificateFiles) -> None:
    files.certificate.write_bytes(files.certificate.read_bytes() + files.key.read_bytes())
    load_certificate(replace(files, key=files.certificate))


def test_an_encrypted_key_needs_its_password(tmp_path: Path, files: CertificateFiles) -> None:
    issued = authority.issue()
    issued.write(tmp_path)
    files.key.write_bytes(issued.key_pem("correct"))
    load_certificate(replace(files, key_password="correct"))
    assert faults_of(files) == [f"the key in {files.key} is encrypted, and no password is given"]
    assert faults_of(replace(files, key_password="wrong")) == [
        f"{files.key} has no valid private key in PEM format, or the password is wrong"
    ]


def test_the_password_of_a_key_that_is_not_encrypted_is_ignored(files: CertificateFiles) -> None:
    load_certificate(replace(files, key_password="superfluous"))


def test_a_key_of_another_certificate_is_rejected(files: CertificateFiles) -> None:
    files.key.write_bytes(authority.issue().key_pem())
    (fault,) = faults_of(files)
    assert fault.startswith(f"the key in {files.key} does not belong to")


def test_a_certificate_outside_its_period_is_rejected(tmp_path: Path) -> None:
    expired = authority.issue(begin=NOW - timedelta(days=9), end=NOW - timedelta(days=1)).write(tmp_path)
    assert "CN=service in" in faults_of(expired)[0]
    assert f"expired on {NOW - timedelta(days=1):%Y-%m-%d}" in faults_of(expired)[0]
    early = authority.issue(begin=NOW + timedelta(days=1)).write(tmp_path)
    assert f"not valid before {NOW + timedelta(days=1):%Y-%m-%d}" in faults_of(early)[0]


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_damaged_certificate_is_rejected_wherever_the_damage_is(files: CertificateFiles) -> None:
    content = x509.load_pem_x509_certificate(files.certificate.read_bytes()).public_bytes(Encoding.DER)
    rejected = 0
    for position in range(0, len(content), 3):
        damaged = content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :]
        files.certificate.write_text(ssl.DER_cert_to_PEM_cert(damaged))
        try:
            load_certificate(files)
        except InvalidCertificate:
            rejected += 1
    assert rejected > len(content) / 12


def test_every_fault_is_reported(tmp_path: Path) -> None:
    nothing = CertificateFiles(tmp_path / "no", tmp_path / "key.pem")
    nothing.key.write_text("not a key")
    assert faults_of(nothing) == [
        f"the certificate file {tmp_path / 'no'} cannot be read: No such file or directory",
        f"{nothing.key} has no valid private key in PEM format",
    ]
    nothing.certificate.write_text("not a certificate")
    assert faults_of(nothing)[0] == f"{nothing.certificate} has no valid certificate in PEM format"


def test_a_server_reports_the_faults_of_its_certificate_with_all_others(tmp_path: Path) -> None:
    environment = {
        "SCORING_TLS_CERTIFICATE_FILE": str(tmp_path / "no"),
        "SCORING_TLS_KEY_FILE": str(tmp_path),
        "SCORING_API_PORT": "http",
    }
    with pytest.raises(InvalidSettings) as rejected:
        read_settings(environment, serves=True)
    assert len(rejected.value.faults) == 3
    for command in (["serve", "api"], ["up"]):
        refused = subprocess.run(
            [*SCORING, *command], env=clean_environment(**environment), capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
        assert f"the certificate file {tmp_path / 'no'} cannot be read: No such file" in refused.stderr
        assert f"the key file {tmp_path} cannot be read: Is a directory" in refused.stderr
        assert "SCORING_API_PORT: must be" in refused.stderr


def test_certificate_and_key_are_set_together(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="set both, or neither"):
        read_settings({"SCORING_TLS_KEY_FILE": str(tmp_path / "key.pem")})


def test_only_servers_read_the_certificate(tmp_path: Path) -> None:
    missing = {"SCORING_TLS_CERTIFICATE_FILE": str(tmp_path / "a"), "SCORING_TLS_KEY_FILE": str(tmp_path / "b")}
    settings = read_settings(missing)
    assert settings.tls_files is not None
    assert settings.https_only


async def test_a_changed_certificate_is_used_once_its_files_are_settled(
    tmp_path: Path, files: CertificateFiles
) -> None:
    served = ServerCertificate(files)
    before = served.context
    authority.issue(end=NOW + timedelta(days=200), key=rsa_key()).write(tmp_path)
    await served.refresh()
    assert served.context is before
    await served.refresh()
    assert served.context is not before
    assert served.expires == (NOW + timedelta(days=200)).replace(microsecond=0)


async def test_a_certificate_that_cannot_be_used_is_reported_once_and_the_previous_one_stays(
    tmp_path: Path, files: CertificateFiles, caplog: pytest.LogCaptureFixture
) -> None:
    served = ServerCertificate(files)
    before = served.context
    authority.issue(begin=NOW - timedelta(days=9), end=NOW - timedelta(days=1)).write(tmp_path)
    for _ in range(5):
        await served.refresh()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "expired on" in record.getMessage()
    assert served.context is before
    files.key.unlink()
    for _ in range(3):
        await served.refresh()
    assert "cannot be read" in caplog.records[-1].getMessage()
    assert served.context is before
    authority.issue().write(tmp_path)
    for _ in range(3):
        await served.refresh()
    assert served.context is not before


async def test_rejected_files_are_read_again_until_they_are_valid(
    tmp_path: Path, files: CertificateFiles, caplog: pytest.LogCaptureFixture
) -> None:
    served = ServerCertificate(files)
    served.retry_seconds = 0.0
    before = served.context
    authority.issue(begin=datetime.now(UTC) + timedelta(seconds=2)).write(tmp_path)
    for _ in range(5):
        await served.refresh()
    assert served.context is before
    await asyncio.sleep(2)
    await served.refresh()
    assert served.context is not before
    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == ["ERROR"]


async def test_expiry_is_announced_thirty_days_before_once_a_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    late = ServerCertificate(authority.issue(end=NOW + timedelta(days=31)).write(tmp_path))
    await late.refresh()
    assert caplog.records == []
    soon = ServerCertificate(authority.issue(end=NOW + timedelta(days=29)).write(tmp_path))
    for _ in range(3):
        await soon.refresh()
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert f"expires on {NOW + timedelta(days=29):%Y-%m-%d}" in record.getMessage()
