"""Read the product that a decision was made on."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.products.product_in_force import ProductInForce
from application.ports.products.products import Products
from application.use_cases.decisions.read_decisions import DecisionUnreadable
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
        """The definition; raises DecisionUnreadable if it is not archived."""
        product = self.in_force()
        if _is_of(record, product):
            return product
        try:
            return await self.products.find(record.application.product, record.product_fingerprint)
        except VersionNotArchived as fault:
            raise DecisionUnreadable(_without_product(record, str(fault))) from fault

    async def for_each(
        self, records: Sequence[DecisionRecord | UnreadableDecision]
    ) -> list[Described | UnreadableDecision]:
        """Each decision with its product; a decision whose product is not archived cannot be read."""
        found: list[ProductDefinition] = []
        described: list[Described | UnreadableDecision] = []
        for record in records:
            if isinstance(record, UnreadableDecision):
                described.append(record)
                continue
            product = next((each for each in found if _is_of(record, each)), None)
            if product is None:
                try:
                    product = await self(record)
                except DecisionUnreadable as unreadable:
                    described.append(unreadable.decision)
                    continue
                found.append(product)
            described.append((record, product))
        return described


def _is_of(record: DecisionRecord, product: ProductDefinition) -> bool:
    same_content = record.product_fingerprint in {"", product.fingerprint}
    return same_content and record.application.product == product.product_version


def _without_product(record: DecisionRecord, problem: str) -> UnreadableDecision:
    return UnreadableDecision(record.decision_id, record.decided_at, record.requested_by.name, None, problem)
