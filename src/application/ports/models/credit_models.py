"""Every credit model that ever decided, whichever is champion now."""

from abc import abstractmethod
from typing import Protocol

from application.ports.models.credit_model import CreditModel


class CreditModels(Protocol):
    """Finds models; raises DependencyUnavailable when the storage does not answer."""

    @abstractmethod
    async def find(self, fingerprint: str) -> CreditModel:
        """The model of this fingerprint, verified to be it; raises VersionNotArchived."""
