"""The product on which this service decides: all processes of an installation decide on the same one."""

from domain.products.product_definition import ProductDefinition
from entrypoints.configuration.settings import Settings


def configured_product(settings: Settings) -> ProductDefinition:
    """The product in force."""
    return settings.product
