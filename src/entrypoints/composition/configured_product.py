"""The product on which this service decides: all processes of an installation decide on the same one."""

from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import ProductDefinition
from entrypoints.configuration.settings import Settings


def configured_product(settings: Settings) -> ProductDefinition:  # noqa: ARG001 - until it can be set
    """The product in force."""
    return PERSONAL_LOAN
