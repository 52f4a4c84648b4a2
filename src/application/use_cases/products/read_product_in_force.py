"""Read the product in force."""

from dataclasses import dataclass

from application.ports.products.product_in_force import ProductInForce
from domain.products.product_definition import ProductDefinition


@dataclass(frozen=True, slots=True)
class ReadProductInForce:
    """Reads the product in force, whose fields an application has."""

    product: ProductInForce

    def __call__(self) -> ProductDefinition:
        return self.product()
