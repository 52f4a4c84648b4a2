"""The store of referral cases and of the actions on them."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.ports.decisions.idempotency import Claim
from domain.access.user import Actor
from domain.applications.money import Money
from domain.cases.case_action import CaseAction
from domain.cases.case_state import UNFINISHED, CaseState
from domain.cases.final_decision import FinalDecision
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase


class CaseNotFound(Exception):
    """There is no case with this identifier."""


class CaseUnreadable(Exception):
    """An action on the case is recorded, but its document cannot be read."""


class CaseConflict(Exception):
    """The case was changed at the same time. Nothing was recorded."""


class AlreadyClaimed(Exception):
    """An action was recorded under the same idempotency key at the same time. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Criteria for cases; None means any. Times are in UTC.

    `states` are as people see them (`ReferralCase.state_at`), all finished or all unfinished. Unfinished cases are
    ordered by due time, finished ones by their end, the last one first. `reason` is the code of a reason of the
    decision, `due_before` is exclusive. With `applicant_request`, only cases that are to answer the applicant.
    """

    states: frozenset[CaseState] = UNFINISHED
    assignee: str | None = None
    due_before: datetime | None = None
    minimum_amount: Money | None = None
    maximum_amount: Money | None = None
    reason: str | None = None
    decision_id: UUID | None = None
    quality: QualityState | None = None
    applicant_request: bool = False

    def __post_init__(self) -> None:
        if not self.states or (self.states - UNFINISHED and self.states & UNFINISHED):
            raise ValueError("a list has either unfinished or finished cases")

    @property
    def of_finished(self) -> bool:
        """Whether the cases are finished ones."""
        return not self.states <= UNFINISHED


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases in their order; `next_cursor` requests the next page and is None on the last.

    `total` is the number of matches on all pages; the MAX_COUNTED of decisions means that many or more.
    """

    cases: tuple[ReferralCase, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class CaseChange:
    """An action with the case after it, its lease included, and the caller's claim of an idempotency key.

    An action that resolves the case has the final decision, which is recorded with it.
    """

    case: ReferralCase
    action: CaseAction
    claim: Claim | None = None
    final_decision: FinalDecision | None = None


class Cases(Protocol):
    """Stores cases; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def page(self, wanted: CaseFilter, *, at: datetime, limit: int, cursor: str | None = None) -> CasePage:
        """At most `limit` cases from the cursor, with states as of `at`; raises InvalidCursor."""

    @abstractmethod
    async def find(self, case_id: UUID) -> ReferralCase | None:
        """The case with this identifier, if there is one."""

    @abstractmethod
    async def of_decision(self, decision_id: UUID) -> Sequence[ReferralCase]:
        """The cases on a decision, in the order in which they were opened."""

    @abstractmethod
    async def actions(self, case_id: UUID) -> Sequence[CaseAction]:
        """The actions on a case, in their order; raises CaseUnreadable."""

    @abstractmethod
    async def case_under(self, claim: Claim) -> UUID | None:
        """The case of the action that was recorded under the claim, if there is one; raises KeyReused.

        Raises OriginalResponseUnavailable if the key belongs to something other than a case.
        """

    @abstractmethod
    async def append(self, change: CaseChange) -> None:
        """Record an action with its audit entry, and the case after it; durable when this returns.

        Raises CaseConflict unless the stored case is the one before the action, and AlreadyClaimed. With a final
        decision, raises CaseConflict too if the decision was superseded or the application is not open any more.
        """

    @abstractmethod
    async def open_review(self, change: CaseChange) -> None:
        """Record a new case with its first action and audit entry; durable when this returns.

        Raises CaseConflict if there is an unfinished case on the decision, if the decision was superseded, or if
        the application is not open any more, and AlreadyClaimed.
        """

    @abstractmethod
    async def take_next(
        self, by: Actor, at: datetime, claiming: Callable[[ReferralCase], CaseChange]
    ) -> ReferralCase | None:
        """Record the change that `claiming` makes for the most urgent case that the actor can take, if any.

        These are open cases and those with an expired lease, by due time; for actors with GIVE_SECOND_APPROVALS
        also cases that await a second approval, unless they made a proposal. Concurrent calls take different
        cases. Raises AlreadyClaimed.
        """

    @abstractmethod
    async def renew(self, case_id: UUID, *, holder: str, at: datetime, until: datetime) -> ReferralCase | None:
        """Extend the holder's unexpired lease to at least this time; None if nothing is held at `at`."""

    @abstractmethod
    async def overdue(self, at: datetime, *, limit: int) -> Sequence[ReferralCase]:
        """Cases whose due time has passed, which is not recorded yet."""

    @abstractmethod
    async def unanswered(self, at: datetime, *, limit: int) -> Sequence[ReferralCase]:
        """Cases whose applicant did not answer in time."""
