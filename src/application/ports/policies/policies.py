"""The archive of the policies that have made decisions."""

from abc import abstractmethod
from typing import Protocol

from domain.policies.scoring_policy import ScoringPolicy
from domain.products.product_definition import ProductDefinition


class Policies(Protocol):
    """Archives policies by fingerprint; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def archive(self, policy: ScoringPolicy) -> None:
        """Archive a policy, unless one with this fingerprint is archived already."""

    @abstractmethod
    async def find(self, version: str, fingerprint: str, product: ProductDefinition) -> ScoringPolicy:
        """The policy with this fingerprint, which is verified and for this product; raises VersionNotArchived.

        Records of the first release have an empty fingerprint. Their policy is found by version, if only one
        policy with that version was ever archived.
        """
