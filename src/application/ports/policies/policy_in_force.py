"""The policy that decides on new applications as of now."""

from abc import abstractmethod
from typing import Protocol

from domain.policies.scoring_policy import ScoringPolicy


class PolicyInForce(Protocol):
    """Returns the policy in force without waiting; every replica follows a change within five seconds."""

    @abstractmethod
    def __call__(self) -> ScoringPolicy:
        """The policy in force as of now; raises DependencyUnavailable while none is known.

        Read it once for what must be decided by one policy, such as a micro-batch.
        """
