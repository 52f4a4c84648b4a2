"""Ed25519 signatures (RFC 8032): made with a private key that only the service has, checked by anybody."""

from abc import abstractmethod
from typing import Protocol


class Signer(Protocol):
    """Signs for one key pair."""

    @property
    @abstractmethod
    def public_key(self) -> bytes:
        """The public half, 32 bytes."""

    @abstractmethod
    def sign(self, statement: bytes) -> bytes:
        """The signature, 64 bytes."""


class Signatures(Protocol):
    """Checks signatures of any key."""

    @abstractmethod
    def verify(self, public_key: bytes, statement: bytes, signature: bytes) -> bool:
        """Whether the signature was made over this very statement with the key's private half."""
