"""Port: the product on which this process decides."""

from abc import abstractmethod
from typing import Protocol

from domain.products.product_definition import ProductDefinition


class ProductInForce(Protocol):
    """Returns the product in force."""

    @abstractmethod
    def __call__(self) -> ProductDefinition:
        """The product; it does not change while the process runs."""
