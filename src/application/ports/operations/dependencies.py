"""Dependencies of the service, and their health."""

from abc import abstractmethod
from typing import Protocol

from application.operational_error import OperationalError


class DependencyUnavailable(OperationalError):
    """A dependency does not answer; retry later."""


class Dependency(Protocol):
    """A dependency of the service: database, cache or model."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name in health reports."""

    @property
    def needed(self) -> bool:
        """Whether decisions are impossible without it."""
        return True

    @abstractmethod
    async def check(self) -> None:
        """Raise an error unless the dependency works."""
