"""What the service stands on, and whether it stands."""

from abc import abstractmethod
from typing import Protocol

from application.operational_error import OperationalError


class DependencyUnavailable(OperationalError):
    """Something the service stands on does not answer; trying again later may work."""


class Dependency(Protocol):
    """Something the service needs: database, cache, model."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What operators call it."""

    @property
    def needed(self) -> bool:
        """Whether nothing can be decided without it."""
        return True

    @abstractmethod
    async def check(self) -> None:
        """Return if it works; raise what is wrong if it does not."""
