"""Signatures of webhooks, as receivers check them.

The header `Scoring-Signature: t=1764000000,v1=5257a8…` carries the seconds since 1970 at which the message was
sent, and HMAC-SHA256, in hexadecimal, of those digits, a full stop and the body. The key is the text of the
recipient's secret in ASCII. Refuse messages that are more than five minutes old: somebody may be playing them.
"""

import hmac
from datetime import datetime

from application.ports.batches.webhooks import WebhookSecrets

HEADER = "Scoring-Signature"
CHECKPOINTS = "\ncheckpoints of the audit trail"
"""The recipient of published checkpoints; no caller has such a name."""


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """The header's value."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={hmac.new(secret.encode(), f'{seconds}.'.encode() + body, 'sha256').hexdigest()}"


class RecipientSecrets(WebhookSecrets):
    """A secret for each recipient, all derived from the service's own key: nothing to keep, nothing to lose."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def secret_of(self, recipient: str) -> str:
        """The recipient's secret; the same as long as the service's key is."""
        return "whsec_" + hmac.new(self._key, f"webhooks of {recipient}".encode(), "sha256").hexdigest()
