"""Ed25519 signatures (RFC 8032)."""

from abc import abstractmethod
from typing import Protocol


class Signer(Protocol):
    """Signs with one private key."""

    @property
    @abstractmethod
    def public_key(self) -> bytes:
        """The public key, 32 bytes."""

    @abstractmethod
    def sign(self, statement: bytes) -> bytes:
        """The signature, 64 bytes."""


class Signatures(Protocol):
    """Verifies signatures by any key."""

    @abstractmethod
    def verify(self, public_key: bytes, statement: bytes, signature: bytes) -> bool:
        """Whether the signature is valid for the statement and the public key."""
