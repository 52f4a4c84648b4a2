"""Archive the current model and policy, so that their decisions can be reproduced later."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.models.bundles import Bundles
from application.ports.policies.policies import Policies
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class ArchiveVersions:
    """Archives a model and a policy permanently, unless they are archived already."""

    bundles: Bundles
    policies: Policies

    async def __call__(self, fingerprint: str, files: Mapping[str, bytes], policy: ScoringPolicy) -> None:
        """Archive the model with this fingerprint and these files, and the policy."""
        await self.bundles.archive(fingerprint, files)
        await self.policies.archive(policy)
