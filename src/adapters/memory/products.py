"""Product definitions in the memory of one process."""

from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.products.products import Products
from domain.applications.loan_application import ProductVersion
from domain.products.product_definition import ProductDefinition


class MemoryProducts(Products):
    """Holds the definitions that it was given."""

    def __init__(self, *products: ProductDefinition) -> None:
        self._products = list(products)

    async def archive(self, product: ProductDefinition) -> None:
        if product not in self._products:
            self._products.append(product)

    async def find(self, version: ProductVersion, fingerprint: str) -> ProductDefinition:
        for product in self._products:
            if product.product_version == version and fingerprint in ("", product.fingerprint):
                return product
        raise VersionNotArchived(f"product {version} {fingerprint} is not archived")
