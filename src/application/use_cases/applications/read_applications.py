"""Read loan applications: one with its whole chain of decisions, or a page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.ports.applications.applications import (
    ApplicationFilter,
    Applications,
    Decision,
    StoredApplication,
)
from application.ports.cases.cases import Cases, CaseUnreadable
from application.ports.cases.final_decisions import FinalDecisions
from application.ports.operations.clock import Clock
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, DecisionUnreadable, PageTooLarge
from domain.access.user import Actor, Permission
from domain.applications.application_life import ApplicationLife
from domain.applications.application_state import ApplicationState
from domain.cases.case_action import CaseAction
from domain.cases.final_decision import FinalDecision
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.stored_document import UnreadableDocument


class ApplicationNotFound(Exception):
    """There is no application with this identifier that the actor may read."""


@dataclass(frozen=True, slots=True)
class PresentApplication:
    """An application with its life and its state at a time."""

    stored: StoredApplication
    life: ApplicationLife
    state: ApplicationState

    @property
    def record(self) -> DecisionRecord:
        """The newest decision."""
        newest = self.stored.newest
        if isinstance(newest, UnreadableDecision):
            raise DecisionUnreadable(newest)
        return newest

    @property
    def version(self) -> str:
        """A text that changes with everything that is decided on the application or done to it."""
        case, final = self.stored.case, self.stored.final
        numbers = (
            len(self.stored.decision_ids),
            0 if case is None else case.version,
            0 if final is None else final.number,
            self.life.version,
        )
        return ".".join(map(str, numbers)) + f".{self.state.value}"


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A referral case with what was done to it, and the final decision. `problem` says what cannot be read."""

    case: ReferralCase
    actions: tuple[CaseAction, ...] = ()
    final: FinalDecision | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationChain:
    """An application with all its decisions, oldest first, and the cases on them in the order of opening."""

    present: PresentApplication
    decisions: tuple[Decision, ...]
    cases: tuple[CaseHistory, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationList:
    """A page of applications, the newest decision first. Those that cannot be read are listed as decisions."""

    applications: tuple[PresentApplication | UnreadableDecision, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FindApplication:
    """Finds an application that the actor may read, and its state."""

    applications: Applications
    life_of: FindLife
    clock: Clock

    async def __call__(self, decision_id: UUID, *, by: Actor) -> PresentApplication:
        """The application that a decision belongs to; raises ApplicationNotFound and DecisionUnreadable."""
        by.require(Permission.READ_DECISIONS)
        stored = await self.applications.find(decision_id)
        if stored is None or not by.may_see(stored.requested_by):
            raise ApplicationNotFound(f"there is no application {decision_id}")
        return await self.present(stored, self.clock.now())

    async def present(self, stored: StoredApplication, at: datetime) -> PresentApplication:
        """A stored application with its life and its state at a time; raises DecisionUnreadable."""
        life = await self.life_of(stored)
        return PresentApplication(stored, life, life.state(at))


@dataclass(frozen=True, slots=True)
class ReadApplication:
    """Reads an application with its whole chain of decisions, and the cases on them."""

    find: FindApplication
    cases: Cases
    final_decisions: FinalDecisions

    async def __call__(self, decision_id: UUID, *, by: Actor) -> ApplicationChain:
        """The application that a decision belongs to; raises ApplicationNotFound and DecisionUnreadable."""
        present = await self.find(decision_id, by=by)
        decisions = await self.find.applications.decisions(present.stored)
        cases = [case for each in present.stored.decision_ids for case in await self.cases.of_decision(each)]
        histories = [await self._history(case) for case in cases]
        return ApplicationChain(present, tuple(decisions), tuple(histories))

    async def _history(self, case: ReferralCase) -> CaseHistory:
        try:
            actions = await self.cases.actions(case.case_id)
            return CaseHistory(case, tuple(actions), await self.final_decisions.of_case(case.case_id))
        except (CaseUnreadable, UnreadableDocument) as fault:
            return CaseHistory(case, problem=str(fault))


@dataclass(frozen=True, slots=True)
class FindSuccessors:
    """Finds which decisions superseded others that the actor has read."""

    applications: Applications

    async def __call__(self, decision_ids: Collection[UUID], *, by: Actor) -> Mapping[UUID, UUID]:
        """The superseding decisions, by the identifiers of the superseded ones."""
        by.require(Permission.READ_DECISIONS)
        return await self.applications.successors(decision_ids) if decision_ids else {}


@dataclass(frozen=True, slots=True)
class ListApplications:
    """Lists applications by page, the newest decision first."""

    find: FindApplication

    async def __call__(
        self, wanted: ApplicationFilter, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> ApplicationList:
        """The page at the cursor; raises InvalidCursor and PageTooLarge."""
        by.require(Permission.READ_DECISIONS)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} applications, not {limit}")
        at = self.find.clock.now()
        page = await self.find.applications.page(wanted, at=at, limit=limit, cursor=cursor, owner=by.visible_owner)
        return ApplicationList(tuple(await self._present(page.applications, at)), page.next_cursor)

    async def _present(
        self, stored: Sequence[StoredApplication], at: datetime
    ) -> list[PresentApplication | UnreadableDecision]:
        found: list[PresentApplication | UnreadableDecision] = []
        for application in stored:
            try:
                found.append(await self.find.present(application, at))
            except DecisionUnreadable as fault:
                found.append(fault.decision)
        return found
