"""The settings of a process as the audit trail records them: values, or digests of what may hold a secret."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.security.derived_keys import Purpose
from application.use_cases.audit.record_settings import DIGEST
from entrypoints.composition.secrets import key_for
from entrypoints.configuration.settings import SETTINGS, Settings

DIGEST_KEY = "SCORING_SECRET_KEY"
_UNRECORDED = {"token", "database_url", "database_pooler_url", "redis_url"}
"""A command's own, and where the trail itself is: the addresses of embedded engines change at every start."""


def recorded_settings(settings: Settings) -> Mapping[str, str]:
    """The variables whose value differs from the default, each with its value.

    A secret, and an address, which may contain one, is recorded as a digest under a key of the service. Changing
    `DIGEST_KEY` therefore changes the digests too.
    """
    key = key_for(settings, Purpose.SETTINGS)
    found: dict[str, str] = {}
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        if setting.name in _UNRECORDED or value == setting.read(setting.default):
            continue
        text = str(value)
        if setting.holds_secret or urlsplit(text).netloc:
            text = f"{DIGEST}{hmac.digest(key, text.encode(), 'sha256').hex()[:32]}"
        found[setting.variable] = text
    return found
