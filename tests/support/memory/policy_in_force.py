"""A policy in force that a test changes."""

from application.ports.policies.policy_in_force import PolicyInForce
from domain.policies.scoring_policy import ScoringPolicy


class MemoryPolicyInForce(PolicyInForce):
    """Holds the policy that was last put in force."""

    def __init__(self, policy: ScoringPolicy) -> None:
        self._policy = policy

    def __call__(self) -> ScoringPolicy:
        return self._policy

    def put_in_force(self, policy: ScoringPolicy) -> None:
        """Decide by this policy from now on."""
        self._policy = policy
