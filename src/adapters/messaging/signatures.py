"""Signatures of webhooks.

The header `Scoring-Signature: t=1764000000,v1=5257a8…` holds the Unix time at which the message was sent, and the
hexadecimal HMAC-SHA256 of those digits, a full stop and the body. The key is the recipient's secret as ASCII text.
Receivers should reject messages older than five minutes, which may be replayed.
"""

import hmac
from datetime import datetime

from application.ports.webhooks.webhooks import WebhookSecrets

HEADER = "Scoring-Signature"
CHECKPOINTS = "\ncheckpoints of the audit trail"
"""The recipient of published checkpoints; no user can have this name."""


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """Return the header's value."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={hmac.new(secret.encode(), f'{seconds}.'.encode() + body, 'sha256').hexdigest()}"


class RecipientSecrets(WebhookSecrets):
    """Derives a secret per recipient from the service's key, so that none is stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def secret_of(self, recipient: str) -> str:
        """Return the recipient's secret, which changes only with the service's key."""
        return "whsec_" + hmac.new(self._key, f"webhooks of {recipient}".encode(), "sha256").hexdigest()
