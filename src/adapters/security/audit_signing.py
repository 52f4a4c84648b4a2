"""Ed25519 signatures of the audit trail's checkpoints, by the package `cryptography`."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.security.derived_keys import Purpose, derived_key
from adapters.security.keys import KEY_BYTES, UnusableSigningKey, kept_key
from application.ports.audit.signatures import Signatures, Signer

_PRICE = "checkpoints signed so far will verify only under the old public key"


class Ed25519Signer(Signer):
    """Signs with one private key, given as its 32 bytes."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self._public_key = self._key.public_key().public_bytes_raw()

    @property
    def public_key(self) -> bytes:
        """The public half."""
        return self._public_key

    def sign(self, statement: bytes) -> bytes:
        """The signature; the same statement always gets the same."""
        return self._key.sign(statement)


class Ed25519Signatures(Signatures):
    """Checks with the public key alone."""

    def verify(self, public_key: bytes, statement: bytes, signature: bytes) -> bool:
        """Whether they belong together; what is no key signs nothing."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
        except (InvalidSignature, ValueError):
            return False
        return True


def audit_signer(data_dir: Path, *, file: Path | None = None, secret: str | None = None) -> Ed25519Signer:
    """The signer with the key of a file; else with one derived from a secret; else with the data folder's own.

    That last one is made when there is none. Raises UnusableSigningKey and OSError.
    """
    if file is not None:
        return Ed25519Signer(_private_key(file))
    if secret is not None:
        return Ed25519Signer(derived_key(secret.encode(), Purpose.CHECKPOINTS))
    return Ed25519Signer(kept_key(own_key_file(data_dir), _PRICE)[:KEY_BYTES])


def own_key_file(data_dir: Path) -> Path:
    """Where the data folder keeps its key."""
    return data_dir / "secrets" / "audit-signing.key"


def _private_key(file: Path) -> bytes:
    """The 32 bytes of a file that holds just these, or a private key in PEM as `openssl genpkey` writes it."""
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise UnusableSigningKey(f"{file} cannot be read ({fault.strerror})") from fault
    if len(content) == KEY_BYTES:
        return content
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as fault:
        raise _no_key(file) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(file)
    return key.private_bytes_raw()


def _no_key(file: Path) -> UnusableSigningKey:
    return UnusableSigningKey(
        f"{file} holds no Ed25519 private key; make one with `openssl genpkey -algorithm ed25519`"
    )
