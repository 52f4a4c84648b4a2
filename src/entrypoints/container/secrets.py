"""The key that signs access tokens and web sessions."""

from adapters.security.keys import signing_key
from entrypoints.settings import Settings


def secret_key(settings: Settings) -> bytes:
    """The key set, else the one kept in the data folder and made there on the first start."""
    return settings.secret_key.encode() if settings.secret_key else signing_key(settings.data_dir)
