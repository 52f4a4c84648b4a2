"""The archive of the product definitions that have made decisions."""

from abc import abstractmethod
from typing import Protocol

from domain.applications.loan_application import ProductVersion
from domain.products.product_definition import ProductDefinition


class Products(Protocol):
    """Archives definitions by fingerprint; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def archive(self, product: ProductDefinition) -> None:
        """Archive a definition, unless one with this fingerprint is archived already."""

    @abstractmethod
    async def find(self, version: ProductVersion, fingerprint: str) -> ProductDefinition:
        """The definition with this fingerprint, which is verified; raises VersionNotArchived.

        Records of schema 1 have an empty fingerprint; their product is the personal loan of this release.
        """
