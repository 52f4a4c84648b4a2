"""Archived versions in memory."""

import re
from collections.abc import AsyncIterator, Collection, Mapping

from application.ports.audit.stored_versions import StoredVersions
from application.ports.models.bundles import Bundles
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from domain.audit.archived_versions import Version, VersionKind
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition


class MemoryBundles(Bundles):
    """Bundles by fingerprint."""

    def __init__(self) -> None:
        self._bundles: dict[str, dict[str, bytes]] = {}

    async def archive(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        self._bundles.setdefault(fingerprint, dict(files))

    async def find(self, fingerprint: str) -> Mapping[str, bytes] | None:
        return self._bundles.get(fingerprint)


class MemoryPolicies(Policies):
    """Policies by fingerprint."""

    def __init__(self) -> None:
        self._policies: dict[str, ScoringPolicy] = {}

    async def archive(self, policy: ScoringPolicy) -> None:
        self._policies.setdefault(policy.fingerprint, policy)

    async def find(self, version: str, fingerprint: str, product: ProductDefinition) -> ScoringPolicy:
        found = [
            policy
            for policy in self._policies.values()
            if policy.version == version and fingerprint in {"", policy.fingerprint}
        ]
        if len(found) != 1:
            raise VersionNotArchived(f"policy {version} {fingerprint} is not archived")
        return found[0]


class MemoryStoredVersions(StoredVersions):
    """The versions of both stores, as documents of `MemoryDecisions` name them."""

    def __init__(self, bundles: MemoryBundles, policies: MemoryPolicies) -> None:
        self._bundles = bundles
        self._policies = policies

    def named_in(self, document: bytes) -> Collection[Version]:
        found = re.findall('"(model|policy)_fingerprint":"([0-9a-f]+)"', document.decode())
        return [Version(VersionKind[kind.upper()], fingerprint) for kind, fingerprint in found]

    async def all(self) -> AsyncIterator[tuple[Version, str]]:
        for fingerprint, policy in self._policies._policies.items():
            fault = "" if policy.fingerprint == fingerprint else "its document was changed"
            yield Version(VersionKind.POLICY, fingerprint), fault
        for fingerprint in self._bundles._bundles:
            yield Version(VersionKind.MODEL, fingerprint), ""
