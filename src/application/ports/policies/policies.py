"""Every policy that ever decided, whichever is in force now."""

from abc import abstractmethod
from typing import Protocol

from domain.policies.scoring_policy import ScoringPolicy


class Policies(Protocol):
    """Keeps policies by fingerprint; raises DependencyUnavailable when the storage does not answer."""

    @abstractmethod
    async def archive(self, policy: ScoringPolicy) -> None:
        """Keep a policy; one of this fingerprint that is kept already stays as it is."""

    @abstractmethod
    async def find(self, version: str, fingerprint: str) -> ScoringPolicy:
        """The policy of this fingerprint, verified to be it; raises VersionNotArchived.

        Records of the first release name no fingerprint (it is empty): theirs is the policy of that version, as
        long as only one was ever kept.
        """
