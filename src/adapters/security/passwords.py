"""Passwords as argon2id hashes, and passwords made up for people."""

import base64
import secrets
import threading
import unicodedata

from pwdlib.hashers.argon2 import Argon2Hasher

from application.ports.access.credentials import PasswordHasher

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for one another: five bits each."""


class Argon2PasswordHasher(PasswordHasher):
    """argon2id; by default with 19 MiB and two passes, as OWASP's password storage guidance asks for at least.

    At most `at_once` passwords are worked on at a time, the others wait: a burst of logins costs time, not memory.
    Tests pass a small `memory_kib` and one pass.
    """

    def __init__(self, *, passes: int = 2, memory_kib: int = 19 * 1024, at_once: int = 2) -> None:
        self._argon2 = Argon2Hasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._room = threading.BoundedSemaphore(at_once)
        # Nobody's hash: costs as much to verify as a real one, and no password is known to match.
        salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${digest}"

    def hash(self, password: str) -> str:
        """The hash in argon2's own notation, parameters and salt included."""
        with self._room:
            return self._argon2.hash(_bytes(password))

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether they belong together; what is no argon2 hash belongs to no password, and takes as long."""
        known = password_hash is not None and self._argon2.identify(password_hash)
        against = password_hash if known and password_hash is not None else self._nobody
        with self._room:
            return self._argon2.verify(_bytes(password), against) and known


def generate_password() -> str:
    """A password of 100 random bits that can be read out and typed: four groups of five."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def _bytes(password: str) -> bytes:
    # One spelling for what looks the same (RFC 8265); half a surrogate pair is a wrong password, not an error.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
