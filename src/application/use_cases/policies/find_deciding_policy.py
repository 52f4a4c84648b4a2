"""Find the policy that made a decision, which may not be in force any more."""

from dataclasses import dataclass

from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.overview import Overview
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class FindDecidingPolicy:
    """Finds the policy by its fingerprint in the archive."""

    policies: Policies

    async def __call__(self, record: DecisionRecord) -> ScoringPolicy | None:
        """The policy that made this decision; None if it is not archived or was altered."""
        return await _find(self.policies, record.decision.policy_version, record.policy_fingerprint)


@dataclass(frozen=True, slots=True)
class FindDecidingPolicies:
    """Finds the policies that made the decisions of an overview."""

    policies: Policies

    async def __call__(self, overview: Overview) -> tuple[ScoringPolicy, ...]:
        """The policies in the order of the overview, without those that are not archived."""
        versions = dict.fromkeys(each.policy_version for each in overview.versions)
        found = [await _find(self.policies, version, "") for version in versions]
        return tuple(policy for policy in found if policy is not None)


async def _find(policies: Policies, version: str, fingerprint: str) -> ScoringPolicy | None:
    try:
        return await policies.find(version, fingerprint)
    except VersionNotArchived:
        return None
