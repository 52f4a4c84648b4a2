"""Ed25519 signatures of audit trail checkpoints."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.security.derived_keys import Purpose, derived_key
from adapters.security.keys import KEY_BYTES, UnusableSigningKey, load_or_create_key
from application.ports.audit.signatures import Signatures, Signer

_CONSEQUENCE = "checkpoints signed so far will verify only with the old public key"


class Ed25519Signer(Signer):
    """Signs with a private key of 32 bytes."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self._public_key = self._key.public_key().public_bytes_raw()

    @property
    def public_key(self) -> bytes:
        return self._public_key

    def sign(self, statement: bytes) -> bytes:
        """Return the signature, which is deterministic."""
        return self._key.sign(statement)


class Ed25519Signatures(Signatures):
    """Verifies signatures with a public key."""

    def verify(self, public_key: bytes, statement: bytes, signature: bytes) -> bool:
        """Return whether the signature is valid; False for an invalid key."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
        except (InvalidSignature, ValueError):
            return False
        return True


def audit_signer(data_dir: Path, *, file: Path | None = None, secret: str | None = None) -> Ed25519Signer:
    """Return a signer with the key of `file`, else a key derived from `secret`, else the key in the data folder.

    The key in the data folder is created on first use. Raises UnusableSigningKey and OSError.
    """
    if file is not None:
        return Ed25519Signer(_private_key(file))
    if secret is not None:
        return Ed25519Signer(derived_key(secret.encode(), Purpose.CHECKPOINTS))
    return Ed25519Signer(load_or_create_key(default_key_file(data_dir), _CONSEQUENCE)[:KEY_BYTES])


def default_key_file(data_dir: Path) -> Path:
    """Return the path of the key in the data folder."""
    return data_dir / "secrets" / "audit-signing.key"


def _private_key(file: Path) -> bytes:
    """Read a private key of 32 bytes, or in PEM as written by `openssl genpkey`."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnusableSigningKey(f"{file} cannot be read ({error.strerror})") from error
    if len(content) == KEY_BYTES:
        return content
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise _not_a_key(file) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(file)
    return key.private_bytes_raw()


def _not_a_key(file: Path) -> UnusableSigningKey:
    return UnusableSigningKey(
        f"{file} contains no Ed25519 private key; create one with `openssl genpkey -algorithm ed25519`"
    )
