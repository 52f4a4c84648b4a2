"""Read the policy in force."""

from dataclasses import dataclass

from application.ports.policies.policy_in_force import PolicyInForce
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class ReadPolicyInForce:
    """Returns the policy that decides on new applications as of now."""

    policy: PolicyInForce

    def __call__(self) -> ScoringPolicy:
        return self.policy()
