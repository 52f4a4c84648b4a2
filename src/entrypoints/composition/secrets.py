"""The service's own keys: one per purpose, derived from its secret key, and those of the audit trail."""

from typing import Any

from adapters.messaging.signatures import RecipientSecrets
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.audit_signing import Ed25519Signer, audit_signer, own_key_file
from adapters.security.derived_keys import Purpose, derived_key
from adapters.security.keys import signing_key, signing_key_file
from application.operational_error import OperationalError
from application.ports.operations.clock import Clock
from entrypoints.configuration.settings import Settings


class SecretKeyMissing(OperationalError):
    """What is signed with a key made here nobody could verify: the API has another one."""


def key_for(settings: Settings, purpose: Purpose) -> bytes:
    """The key for one purpose, from the current secret key."""
    return derived_key(_secret_key(settings), purpose)


def access_tokens(settings: Settings, clock: Clock, **options: Any) -> JwtAccessTokens:
    """Access tokens: issued with the current key, read with the previous ones too."""
    previous = [derived_key(key.encode(), Purpose.ACCESS_TOKENS) for key in settings.previous_secret_keys]
    return JwtAccessTokens(key_for(settings, Purpose.ACCESS_TOKENS), clock, previous_keys=previous, **options)


def recipient_secrets(settings: Settings) -> RecipientSecrets:
    """The secrets of webhook recipients, derived from the secret key itself (`Purpose` says why)."""
    return RecipientSecrets(_secret_key(settings))


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
    """The public keys that may have signed checkpoints: our own, if there is one, past ones, and those configured.

    Past ones are those derived from previous secret keys.
    """
    known = settings.audit_key_file or settings.secret_key or own_key_file(settings.data_dir).exists()
    own = (checkpoint_signer(settings).public_key,) if known else ()
    past = [audit_signer(settings.data_dir, secret=key).public_key for key in settings.previous_secret_keys]
    return (*own, *past, *settings.audit_trusted_keys)


def _secret_key(settings: Settings) -> bytes:
    """The secret key configured, else the one kept in the data folder and made there on the first start."""
    return settings.secret_key.encode() if settings.secret_key else signing_key(settings.data_dir)
