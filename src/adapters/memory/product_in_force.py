"""The product in force, kept in memory."""

from application.ports.products.product_in_force import ProductInForce
from domain.products.product_definition import ProductDefinition


class MemoryProductInForce(ProductInForce):
    """Returns the product that it was made with."""

    def __init__(self, product: ProductDefinition) -> None:
        self._product = product

    def __call__(self) -> ProductDefinition:
        return self._product
