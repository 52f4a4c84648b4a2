"""The policy in force in the memory of one process."""

from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.operations.dependencies import Dependency, DependencyUnavailable
from application.ports.policies.policies import Policies
from application.ports.policies.policy_activations import PolicyActivations
from application.ports.policies.policy_in_force import PolicyInForce
from application.ports.products.product_in_force import ProductInForce
from domain.policies.scoring_policy import ScoringPolicy


class PolicyInForceUnavailable(DependencyUnavailable):
    """The policy in force is not known, so nothing can be decided."""


class RefreshedPolicyInForce(PolicyInForce):
    """A copy of the policy in force, which each refresh replaces if another policy was activated."""

    def __init__(self, activations: PolicyActivations, policies: Policies, product: ProductInForce) -> None:
        self._activations = activations
        self._policies = policies
        self._product = product
        self._policy: ScoringPolicy | None = None

    def __call__(self) -> ScoringPolicy:
        if self._policy is None:
            raise PolicyInForceUnavailable("the policy in force is not available at the moment")
        return self._policy

    async def refresh(self) -> None:
        """Read which policy is in force; raises DependencyUnavailable."""
        last = await self._activations.last()
        if last is None:
            raise PolicyInForceUnavailable("no policy was put in force yet: run `scoring migrate`")
        if self._policy is not None and self._policy.fingerprint == last.fingerprint:
            return
        try:
            self._policy = await self._policies.find(last.version, last.fingerprint, self._product())
        except VersionNotArchived as fault:
            raise PolicyInForceUnavailable(
                f"the policy in force cannot be used: {fault}. Activate a policy with `scoring policies activate`"
            ) from fault

    def invalidate(self) -> None:
        """Discard the copy."""
        self._policy = None


class PolicyDependency(Dependency):
    """Whether the policy in force is known."""

    name = "policy"

    def __init__(self, policy: PolicyInForce) -> None:
        self._policy = policy

    async def check(self) -> None:
        """Raises DependencyUnavailable if it is not."""
        self._policy()
