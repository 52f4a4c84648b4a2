"""Read the product that a decision was made on."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.products.product_in_force import ProductInForce
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import DecisionUnreadable, require_fit, unreadable
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.products.product_definition import ProductDefinition

Described = tuple[DecisionRecord, ProductDefinition]
"""A decision with the definition of its product, which names and formats the fields of its application."""


@dataclass(frozen=True, slots=True)
class ReadProductOf:
    """Reads the definition by which a decision was made, which need not be the one in force."""

    in_force: ProductInForce
    products: Products

    async def __call__(self, record: DecisionRecord) -> ProductDefinition:
        """The definition; raises DecisionUnreadable if it is not archived, or the record cannot be of it."""
        product = self.in_force()
        if not _is_of(record, product):
            try:
                product = await self.products.find(record.application.product, record.product_fingerprint)
            except VersionNotArchived as fault:
                raise DecisionUnreadable(unreadable(record, str(fault))) from fault
        require_fit(record, product)
        return product

    async def for_each(
        self, records: Sequence[DecisionRecord | UnreadableDecision]
    ) -> list[Described | UnreadableDecision]:
        """Each decision with its product; a decision whose product is not archived cannot be read."""
        described: list[Described | UnreadableDecision] = []
        for record in records:
            if isinstance(record, UnreadableDecision):
                described.append(record)
                continue
            try:
                described.append((record, await self(record)))
            except DecisionUnreadable as fault:
                described.append(fault.decision)
        return described


def _is_of(record: DecisionRecord, product: ProductDefinition) -> bool:
    same_content = record.product_fingerprint == product.fingerprint  # records of schema 1 name no fingerprint
    return same_content and record.application.product == product.product_version
