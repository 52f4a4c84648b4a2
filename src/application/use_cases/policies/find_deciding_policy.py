"""Find the policy that made a decision, which may not be in force any more."""

from dataclasses import dataclass

from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from application.ports.products.product_in_force import ProductInForce
from application.ports.products.products import Products
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.overview import Overview
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition


@dataclass(frozen=True, slots=True)
class FindDecidingPolicy:
    """Finds the policy by its fingerprint in the archive."""

    products: Products
    policies: Policies

    async def __call__(self, record: DecisionRecord) -> ScoringPolicy | None:
        """The policy that made this decision; None if it or its product is not archived or was altered."""
        try:
            product = await self.products.find(record.application.product, record.product_fingerprint)
        except VersionNotArchived:
            return None
        return await _find(self.policies, record.decision.policy_version, record.policy_fingerprint, product)


@dataclass(frozen=True, slots=True)
class FindDecidingPolicies:
    """Finds the policies that made the decisions of an overview."""

    product: ProductInForce
    policies: Policies

    async def __call__(self, overview: Overview) -> tuple[ScoringPolicy, ...]:
        """The policies in the order of the overview, without those that are not archived."""
        versions = dict.fromkeys(each.policy_version for each in overview.versions)
        found = [await _find(self.policies, version, "", self.product()) for version in versions]
        return tuple(policy for policy in found if policy is not None)


async def _find(
    policies: Policies, version: str, fingerprint: str, product: ProductDefinition
) -> ScoringPolicy | None:
    try:
        return await policies.find(version, fingerprint, product)
    except VersionNotArchived:
        return None
