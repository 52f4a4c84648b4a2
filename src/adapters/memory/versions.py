"""The versions that decided, kept in the process."""

from collections.abc import Mapping

from application.ports.bundles import Bundles
from application.ports.not_kept import NotKept
from application.ports.policies import Policies
from domain.policy.scoring_policy import ScoringPolicy


class MemoryBundles(Bundles):
    """Bundles by fingerprint."""

    def __init__(self) -> None:
        self._bundles: dict[str, dict[str, bytes]] = {}

    async def keep(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        """Keep a bundle."""
        self._bundles.setdefault(fingerprint, dict(files))

    async def find(self, fingerprint: str) -> Mapping[str, bytes] | None:
        """The bundle of this fingerprint."""
        return self._bundles.get(fingerprint)


class MemoryPolicies(Policies):
    """Policies by fingerprint."""

    def __init__(self) -> None:
        self._policies: dict[str, ScoringPolicy] = {}

    async def keep(self, policy: ScoringPolicy) -> None:
        """Keep a policy."""
        self._policies.setdefault(policy.fingerprint, policy)

    async def find(self, version: str, fingerprint: str) -> ScoringPolicy:
        """The policy of this fingerprint."""
        found = [
            policy
            for policy in self._policies.values()
            if policy.version == version and fingerprint in {"", policy.fingerprint}
        ]
        if len(found) != 1:
            raise NotKept(f"policy {version} {fingerprint} is not kept here")
        return found[0]
