"""One key per purpose, derived from the service's secret key with HKDF-SHA256 (RFC 5869).

A key that leaks for one purpose reveals nothing about the others, and a value signed for one purpose is never
valid for another. Changing a label changes its key.
"""

from enum import Enum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.security.keys import KEY_BYTES


class Purpose(Enum):
    """The purpose of a key; the value is HKDF's `info`.

    Webhook secrets are not listed: they are derived from the secret key with HMAC and the recipient's name, and
    receivers store them (ADR 0024).
    """

    ACCESS_TOKENS = b"credit-scoring: access tokens"
    WEB_SESSIONS = b"credit-scoring: web sessions"
    DRAFTS = b"credit-scoring: drafts of applications"
    LOG_IN_ATTEMPTS = b"credit-scoring: log-in attempts"
    CHECKPOINTS = b"credit-scoring: checkpoints of the audit trail"
    SETTINGS = b"credit-scoring: digests of settings on the audit trail"
    APPLICANT_LINKS = b"credit-scoring: links of applicants"
    FINGERPRINT = b"credit-scoring: fingerprint of the secret key"
    """Identifies the secret key in the manifests of backups."""


def derived_key(secret: bytes, purpose: Purpose) -> bytes:
    """Derive the key of 32 bytes for a purpose."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.value).derive(secret)
