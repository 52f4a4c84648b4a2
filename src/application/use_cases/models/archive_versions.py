"""Keep the versions that decide: without them no decision could be reproduced once others are in force."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.models.bundles import Bundles
from application.ports.policies.policies import Policies
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class ArchiveVersions:
    """Keeps a model and a policy for good; asked again, it changes nothing."""

    bundles: Bundles
    policies: Policies

    async def __call__(self, fingerprint: str, files: Mapping[str, bytes], policy: ScoringPolicy) -> None:
        """Keep a model by its bundle's fingerprint and files, and a policy."""
        await self.bundles.archive(fingerprint, files)
        await self.policies.archive(policy)
