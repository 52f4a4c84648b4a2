"""Read which policies were in force, and any of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.policies.policies import Policies
from application.ports.policies.policy_activations import PolicyActivations
from application.ports.products.product_in_force import ProductInForce
from domain.policies.activation import PolicyActivation
from domain.policies.scoring_policy import ScoringPolicy


class NoPolicyInForce(Exception):
    """No policy was activated yet."""


@dataclass(frozen=True, slots=True)
class ListPolicyActivations:
    """Lists the activations of policies."""

    activations: PolicyActivations

    async def __call__(self) -> Sequence[PolicyActivation]:
        """All activations, the last one first; its policy is in force."""
        return await self.activations.all()


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """Reads an archived policy."""

    activations: PolicyActivations
    policies: Policies
    product: ProductInForce

    async def __call__(self, version: str | None = None) -> ScoringPolicy:
        """The policy with this version, or the one in force; raises VersionNotArchived and NoPolicyInForce."""
        if version is not None:
            return await self.policies.find(version, "", self.product())
        last = await self.activations.last()
        if last is None:
            raise NoPolicyInForce("no policy was activated yet: run `scoring migrate`")
        return await self.policies.find(last.version, last.fingerprint, self.product())
