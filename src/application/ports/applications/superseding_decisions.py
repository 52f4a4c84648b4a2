"""Decisions that supersede an earlier one on the same application."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from application.ports.applications.applications import StoredApplication
from application.ports.cases.cases import CaseChange
from application.ports.decisions.idempotency import Claim
from domain.applications.application_reference import ApplicationReference
from domain.decisions.decision_record import DecisionRecord


@dataclass(frozen=True, slots=True)
class SupersedingDecision:
    """A decision on an application that was `seen` with another newest decision.

    `reference` is what the caller calls the application; it belongs to the owner of the application, also if
    another user decides again.
    `withdrawal` ends the unfinished case on the superseded decision, if there is one.
    """

    record: DecisionRecord
    seen: StoredApplication
    reference: ApplicationReference | None = None
    withdrawal: CaseChange | None = None
    claim: Claim | None = None


class SupersedingDecisions(Protocol):
    """Records decisions that supersede others; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def record(self, decision: SupersedingDecision) -> DecisionRecord:
        """Record the decision, what it supersedes, and the withdrawal of the case, in one transaction.

        From then on the reference stands for this decision. Returns it, or the one recorded first under the same
        claim. Of several that supersede the same decision one is recorded. Raises ApplicationConflict if the
        application is no longer as it was seen, ApplicationReferenceTaken, HistoryChanged, AlreadyRecorded,
        KeyReused and OriginalResponseUnavailable.
        """
