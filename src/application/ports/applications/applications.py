"""Loan applications after their decisions, and what is done to them."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.ports.cases.cases import CaseChange
from application.ports.decisions.idempotency import Claim
from domain.applications.application_action import ApplicationAction
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.cases.final_decision import FinalDecision
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision

Decision = DecisionRecord | UnreadableDecision
CASE_EXPIRED = "expired"
"""The state of a case whose applicant did not answer in time."""


class ApplicationConflict(Exception):
    """The application was changed at the same time. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class CaseOfApplication:
    """The newest referral case of an application's newest decision; `version` is the number of its last action."""

    case_id: UUID
    state: str
    version: int
    finished: bool


@dataclass(frozen=True, slots=True)
class StoredApplication:
    """An application as stored: its chain of decisions, oldest first, and what followed its newest one.

    `requested_by` requested the first decision, and so owns the application. `final` is the newest final decision
    on the newest decision.
    """

    decision_ids: tuple[UUID, ...]
    requested_by: str
    newest: Decision
    case: CaseOfApplication | None = None
    final: FinalDecision | None = None
    actions: tuple[ApplicationAction, ...] = ()

    @property
    def application_id(self) -> UUID:
        """The identifier of the first decision."""
        return self.decision_ids[0]


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """Criteria for applications; None means any. The references are those of the newest decision, and equal."""

    reference: str | None = None
    applicant_reference: str | None = None
    state: ApplicationState | None = None


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """A page of applications, the newest decision first; `next_cursor` is None on the last page."""

    applications: tuple[StoredApplication, ...]
    next_cursor: str | None


class Applications(Protocol):
    """Stores what is done to applications; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def find(self, decision_id: UUID) -> StoredApplication | None:
        """The application that this decision belongs to; None for an unknown decision and for a trial."""

    @abstractmethod
    async def decisions(self, application: StoredApplication) -> Sequence[Decision]:
        """The decisions of the application, oldest first."""

    @abstractmethod
    async def successors(self, decision_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """The decisions that superseded these ones, by the identifiers of these."""

    @abstractmethod
    async def page(
        self,
        wanted: ApplicationFilter,
        *,
        at: datetime,
        limit: int,
        cursor: str | None = None,
        owner: str | None = None,
    ) -> ApplicationPage:
        """At most `limit` applications with their states at a time. Raises InvalidCursor.

        With an owner, only applications whose first decision this user requested are found.
        """

    @abstractmethod
    async def under(self, claim: Claim) -> ApplicationAction | None:
        """The action recorded under this claim; raises KeyReused and OriginalResponseUnavailable."""

    @abstractmethod
    async def append(
        self,
        action: ApplicationAction,
        seen: StoredApplication,
        claim: Claim | None = None,
        withdrawal: CaseChange | None = None,
        other_loans: Money | None = None,
    ) -> ApplicationAction:
        """Record an action with its audit entry and what follows from it, in one transaction.

        An acceptance sets the accepted amount in the applicant's history; `other_loans` is what the applicant had
        accepted in all when that was seen. `withdrawal` ends the unfinished case of a withdrawn application.
        Returns the action, or the one recorded first under the same claim. Raises ApplicationConflict if the
        application, or the sum of the accepted loans, is no longer as it was seen, KeyReused, and
        OriginalResponseUnavailable.
        """
