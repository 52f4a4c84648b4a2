"""The activations of policies: which policy is in force, and which were before it."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.audit.event import RecordedEvent
from domain.policies.activation import PolicyActivation
from domain.policies.scoring_policy import ScoringPolicy


class PolicyActivations(Protocol):
    """Stores activations, append-only; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def last(self) -> PolicyActivation | None:
        """The activation of the policy in force; None if no policy was activated yet."""

    @abstractmethod
    async def all(self) -> Sequence[PolicyActivation]:
        """All activations, the last one first."""

    @abstractmethod
    async def activate(self, policy: ScoringPolicy, *, event: RecordedEvent) -> None:
        """Archive the policy and put it in force by the actor and at the time of the event.

        The event is recorded with the details of the activation, all in one transaction. Raises PolicyVersionTaken
        and PolicyAlreadyInForce.
        """

    @abstractmethod
    async def activate_if_none(self, policy: ScoringPolicy, *, event: RecordedEvent) -> bool:
        """The same if no policy was activated yet; returns whether it was."""
