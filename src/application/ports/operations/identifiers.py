"""New identifiers, from outside."""

from abc import abstractmethod
from typing import Protocol
from uuid import UUID


class Identifiers(Protocol):
    """Hands out identifiers that nobody has had."""

    @abstractmethod
    def new(self) -> UUID:
        """An identifier; later ones sort after earlier ones (UUID version 7)."""
