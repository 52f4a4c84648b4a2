"""Archive the current model, policy and product, so that their decisions can be reproduced later."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.models.bundles import Bundles
from application.ports.policies.policies import Policies
from application.ports.products.products import Products
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class ArchiveVersions:
    """Archives a model, a policy and its product permanently, unless they are archived already."""

    bundles: Bundles
    products: Products
    policies: Policies

    async def __call__(self, fingerprint: str, files: Mapping[str, bytes], policy: ScoringPolicy) -> None:
        """Archive the model with this fingerprint and these files, the policy and its product."""
        await self.bundles.archive(fingerprint, files)
        await self.products.archive(policy.product)
        await self.policies.archive(policy)
