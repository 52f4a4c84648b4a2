"""Signing of checkpoints: sources of the key, and verification."""

import subprocess
from pathlib import Path

import pytest

from adapters.security.audit_signing import Ed25519Signatures, Ed25519Signer, audit_signer, default_key_file
from adapters.security.keys import UnusableSigningKey

GENUINE = Ed25519Signatures().verify


def test_a_signature_is_valid_only_for_its_key_and_statement() -> None:
    signer, other = Ed25519Signer(b"a" * 32), Ed25519Signer(b"b" * 32)
    signature = signer.sign(b"the trail")
    assert GENUINE(signer.public_key, b"the trail", signature)
    assert not GENUINE(signer.public_key, b"the train", signature)
    assert not GENUINE(other.public_key, b"the trail", signature)
    assert not GENUINE(signer.public_key, b"the trail", signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not GENUINE(b"no key", b"the trail", signature)


def test_signatures_match_the_test_vector_of_rfc_8032() -> None:
    """Section 7.1, test 1."""
    signer = Ed25519Signer(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert signer.public_key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974")


def test_the_key_in_the_data_folder_is_generated_once_and_private(tmp_path: Path) -> None:
    key = audit_signer(tmp_path).public_key
    assert audit_signer(tmp_path).public_key == key
    assert default_key_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_replicas_with_the_same_secret_have_the_same_key(tmp_path: Path) -> None:
    secret = "a secret of thirty-two characters"
    assert (
        audit_signer(tmp_path / "a", secret=secret).public_key
        == audit_signer(tmp_path / "b", secret=secret).public_key
    )
    assert (
        audit_signer(tmp_path, secret=secret + "!").public_key != audit_signer(tmp_path, secret=secret).public_key
    )
    assert not default_key_file(tmp_path).exists()


def test_a_key_file_may_be_pem_or_32_bytes(tmp_path: Path) -> None:
    pem, raw = tmp_path / "key.pem", tmp_path / "key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", pem], check=True)
    public = subprocess.run(
        ["openssl", "pkey", "-in", pem, "-pubout", "-outform", "DER"], capture_output=True, check=True
    )
    assert audit_signer(tmp_path, file=pem, secret="s" * 32).public_key == public.stdout[-32:]
    raw.write_bytes(b"k" * 32)
    assert audit_signer(tmp_path, file=raw).public_key == Ed25519Signer(b"k" * 32).public_key


@pytest.mark.parametrize(
    "content", [b"", b"short", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_the_error_for_a_file_without_a_key_names_the_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "audit.key"
    file.write_bytes(content)
    with pytest.raises(UnusableSigningKey, match=r"audit\.key"):
        audit_signer(tmp_path, file=file)
