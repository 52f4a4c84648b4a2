"""Read the policy in force."""

from dataclasses import dataclass

from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class ReadPolicyInForce:
    """Returns the policy that decides on new applications as of now."""

    policy: ScoringPolicy

    def __call__(self) -> ScoringPolicy:
        return self.policy
