"""The service's own keys: of access tokens and web sessions, and of the audit trail's checkpoints."""

from adapters.security.audit_signing import Ed25519Signer, audit_signer, own_key_file
from adapters.security.keys import signing_key
from entrypoints.settings import Settings


def secret_key(settings: Settings) -> bytes:
    """The key set, else the one kept in the data folder and made there on the first start."""
    return settings.secret_key.encode() if settings.secret_key else signing_key(settings.data_dir)


def checkpoint_signer(settings: Settings) -> Ed25519Signer:
    """Signs checkpoints; its key is made in the data folder where none is set."""
    return audit_signer(settings.data_dir, file=settings.audit_key_file, secret=settings.secret_key)


def trusted_keys(settings: Settings) -> tuple[bytes, ...]:
    """The public keys that may have signed checkpoints: our own, where there is one, and those set besides."""
    known = settings.audit_key_file or settings.secret_key or own_key_file(settings.data_dir).exists()
    own = (checkpoint_signer(settings).public_key,) if known else ()
    return (*own, *settings.audit_trusted_keys)
