"""Argon2id password hashes, and generated passwords."""

import base64
import secrets
import threading
import unicodedata

from pwdlib.hashers.argon2 import Argon2Hasher

from application.ports.access.credentials import PasswordHasher

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that are not easily confused: five bits each."""


class Argon2PasswordHasher(PasswordHasher):
    """Argon2id, by default with 19 MiB and two passes, the minimum of OWASP's password storage guidance.

    At most `max_concurrent` passwords are hashed at a time, so that a burst of logins costs time rather than
    memory. Tests pass a small `memory_kib` and one pass.
    """

    def __init__(self, *, passes: int = 2, memory_kib: int = 19 * 1024, max_concurrent: int = 2) -> None:
        self._argon2 = Argon2Hasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._slots = threading.BoundedSemaphore(max_concurrent)
        # Verified for unknown users, so that they take as long as known ones; no password is known to match.
        salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        self._decoy_hash = f"$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${digest}"

    def hash(self, password: str) -> str:
        """Return the hash in argon2's notation, with parameters and salt."""
        with self._slots:
            return self._argon2.hash(_bytes(password))

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Return whether the password matches; a missing or invalid hash takes as long and never matches."""
        known = password_hash is not None and self._argon2.identify(password_hash)
        reference = password_hash if known and password_hash is not None else self._decoy_hash
        with self._slots:
            return self._argon2.verify(_bytes(password), reference) and known


def generate_password() -> str:
    """Generate a password of 100 random bits, in four groups of five easily typed characters."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def _bytes(password: str) -> bytes:
    # Normalized (RFC 8265), so that equal-looking text matches; a lone surrogate never matches and is no error.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
