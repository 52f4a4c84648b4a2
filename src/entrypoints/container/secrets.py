"""The service's own keys: of access tokens and web sessions, and of the audit trail's checkpoints."""

from adapters.security.audit_signing import Ed25519Signer, audit_signer, own_key_file
from adapters.security.keys import signing_key, signing_key_file
from application.operators_fault import OperatorsFault
from entrypoints.settings import Settings


class SecretKeyMissing(OperatorsFault):
    """What is signed with a key made here nobody could verify: the API has another one."""


def secret_key(settings: Settings) -> bytes:
    """The key set, else the one kept in the data folder and made there on the first start."""
    return settings.secret_key.encode() if settings.secret_key else signing_key(settings.data_dir)


def check_secret_key(settings: Settings) -> None:
    """Return if the API's key is at hand; raises SecretKeyMissing where there is only its database."""
    if settings.database_url and not settings.secret_key and not signing_key_file(settings.data_dir).exists():
        raise SecretKeyMissing(
            "SCORING_SECRET_KEY is not set. Webhooks are signed with the key of the API that uses this database: "
            "set it there and here to the same text."
        )


def checkpoint_signer(settings: Settings) -> Ed25519Signer:
    """Signs checkpoints; its key is made in the data folder where none is set."""
    return audit_signer(settings.data_dir, file=settings.audit_key_file, secret=settings.secret_key)


def trusted_keys(settings: Settings) -> tuple[bytes, ...]:
    """The public keys that may have signed checkpoints: our own, where there is one, and those set besides."""
    known = settings.audit_key_file or settings.secret_key or own_key_file(settings.data_dir).exists()
    own = (checkpoint_signer(settings).public_key,) if known else ()
    return (*own, *settings.audit_trusted_keys)
