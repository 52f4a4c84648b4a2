"""The archived credit models, including those that are not champion any more."""

from abc import abstractmethod
from typing import Protocol

from application.ports.models.credit_model import CreditModel
from domain.products.product_definition import ProductDefinition


class CreditModels(Protocol):
    """Finds models; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def find(self, fingerprint: str, product: ProductDefinition) -> CreditModel:
        """The model with this fingerprint, which is verified and for this product; raises VersionNotArchived."""
