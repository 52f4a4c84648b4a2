"""New identifiers."""

from abc import abstractmethod
from typing import Protocol
from uuid import UUID


class Identifiers(Protocol):
    """Generates unique identifiers."""

    @abstractmethod
    def new(self) -> UUID:
        """A UUID of version 7: later ones sort after earlier ones."""
