"""The keys of the service: one per purpose, derived from its secret key, and those of the audit trail."""

from typing import Any

from adapters.messaging.signatures import RecipientSecrets
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.audit_signing import Ed25519Signer, audit_signer, default_key_file
from adapters.security.derived_keys import Purpose, derived_key
from adapters.security.keys import signing_key, token_key_file
from application.operational_error import OperationalError
from application.ports.operations.clock import Clock
from application.use_cases.operations.backup_manifest import NeededKey
from entrypoints.configuration.settings import Settings


class SecretKeyMissing(OperationalError):
    """The secret key is not configured; a generated one would differ from the API's."""


def key_for(settings: Settings, purpose: Purpose) -> bytes:
    """The key for one purpose, from the current secret key."""
    return derived_key(_secret_key(settings), purpose)


def previous_keys_for(settings: Settings, purpose: Purpose) -> list[bytes]:
    """The keys for one purpose, from the previous secret keys."""
    return [derived_key(key.encode(), purpose) for key in settings.previous_secret_keys]


def access_tokens(settings: Settings, clock: Clock, **options: Any) -> JwtAccessTokens:
    """Access tokens, issued with the current key and verified with the previous ones too."""
    previous = previous_keys_for(settings, Purpose.ACCESS_TOKENS)
    return JwtAccessTokens(key_for(settings, Purpose.ACCESS_TOKENS), clock, previous_keys=previous, **options)


def recipient_secrets(settings: Settings) -> RecipientSecrets:
    """The secrets of webhook recipients, derived from the secret key itself (see `Purpose`)."""
    return RecipientSecrets(_secret_key(settings))


def check_secret_key(settings: Settings) -> None:
    """Raise SecretKeyMissing where the database is configured and the secret key is not."""
    if settings.database_url and not settings.secret_key and not token_key_file(settings.data_dir).exists():
        raise SecretKeyMissing(
            "SCORING_SECRET_KEY is not set. Webhooks are signed with the secret key of the API on this database: "
            "set the same value for both."
        )


def checkpoint_signer(settings: Settings) -> Ed25519Signer:
    """The signer of checkpoints; its key is generated in the data folder where none is configured."""
    return audit_signer(settings.data_dir, file=settings.audit_key_file, secret=settings.secret_key)


def verification_signer(settings: Settings) -> Ed25519Signer | None:
    """The signer of verifications, which is that of checkpoints; None where its key is not known."""
    known = settings.audit_key_file or settings.secret_key or default_key_file(settings.data_dir).exists()
    return checkpoint_signer(settings) if known else None


def trusted_keys(settings: Settings) -> tuple[bytes, ...]:
    """The public keys trusted for checkpoints: the service's own, those derived from previous secret keys, and
    those configured.
    """
    signer = verification_signer(settings)
    own = (signer.public_key,) if signer else ()
    past = [audit_signer(settings.data_dir, secret=key).public_key for key in settings.previous_secret_keys]
    return (*own, *past, *settings.audit_trusted_keys)


def needed_keys(settings: Settings) -> tuple[NeededKey, ...]:
    """The keys that exist here and that a restored service needs, by fingerprint; creates none."""
    found = []
    file = token_key_file(settings.data_dir)
    if settings.secret_key or file.exists():
        place = "SCORING_SECRET_KEY" if settings.secret_key else str(file)
        found.append(NeededKey("secret key", _fingerprint(_secret_key(settings)), place))
    found += [
        NeededKey("previous secret key", _fingerprint(key.encode()), "SCORING_PREVIOUS_SECRET_KEYS")
        for key in settings.previous_secret_keys
    ]
    own = None if settings.secret_key else default_key_file(settings.data_dir)
    signing_file = settings.audit_key_file or own
    if signing_file and signing_file.exists():
        found.append(NeededKey("checkpoint key", checkpoint_signer(settings).public_key.hex(), str(signing_file)))
    return tuple(found)


def _fingerprint(secret: bytes) -> str:
    return derived_key(secret, Purpose.FINGERPRINT).hex()[:32]


def _secret_key(settings: Settings) -> bytes:
    """The configured secret key, or the one generated in the data folder on the first start."""
    return settings.secret_key.encode() if settings.secret_key else signing_key(settings.data_dir)
