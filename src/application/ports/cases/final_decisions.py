"""The store of final decisions."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from domain.cases.final_decision import FinalDecision
from domain.policies.final_outcome import FinalOutcome


class FinalDecisions(Protocol):
    """Reads final decisions, which are recorded with the action that resolves their case.

    Raises DependencyUnavailable if the storage does not answer, and UnreadableDocument.
    """

    @abstractmethod
    async def last(self, decision_id: UUID) -> FinalDecision | None:
        """The final decision on a decision that is valid now: the last one."""

    @abstractmethod
    async def outcomes(self, decision_ids: Collection[UUID]) -> Mapping[UUID, FinalOutcome]:
        """The last outcome of people on each of these decisions that has one."""

    @abstractmethod
    async def of_case(self, case_id: UUID) -> FinalDecision | None:
        """The final decision that resolved a case."""
