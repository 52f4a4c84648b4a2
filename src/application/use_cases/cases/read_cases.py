"""Read referral cases: one with all that belongs to it, or a page."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.cases.cases import CaseFilter, CaseNotFound, CasePage, Cases
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.operations.clock import Clock
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, PageTooLarge
from domain.access.user import Actor, Permission
from domain.cases.case_action import CaseAction
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision

Found = DecisionRecord | UnreadableDecision


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its decision, its actions, and the applicant's other decisions that the decision names.

    `record` is None where the decision was moved to an archive.
    """

    case: ReferralCase
    record: Found | None
    actions: tuple[CaseAction, ...]
    related: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class ListCases:
    """Lists cases by page, the most urgent first."""

    cases: Cases
    clock: Clock

    async def __call__(
        self, wanted: CaseFilter, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> CasePage:
        """The page at the cursor; raises InvalidCursor and PageTooLarge."""
        by.require(Permission.READ_ALL_DECISIONS)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} cases, not {limit}")
        return await self.cases.page(wanted, at=self.clock.now(), limit=limit, cursor=cursor)


@dataclass(frozen=True, slots=True)
class ReadCase:
    """Reads one case."""

    cases: Cases
    archive: DecisionArchive

    async def __call__(self, case_id: UUID, *, by: Actor) -> CaseView:
        """The case with this identifier; raises CaseNotFound."""
        case = await ReadCaseState(self.cases)(case_id, by=by)
        record = await self.archive.find(case.decision_id)
        related = record.circumstances.related if isinstance(record, DecisionRecord) else ()
        others = [await self.archive.find(decision_id) for decision_id in related]
        return CaseView(
            case=case,
            record=record,
            actions=tuple(await self.cases.actions(case_id)),
            related=tuple([other for other in others if other is not None]),
        )


@dataclass(frozen=True, slots=True)
class ReadCaseState:
    """Reads the present state of a case alone, for pages that follow it."""

    cases: Cases

    async def __call__(self, case_id: UUID, *, by: Actor) -> ReferralCase:
        """The case with this identifier; raises CaseNotFound."""
        by.require(Permission.READ_ALL_DECISIONS)
        case = await self.cases.find(case_id)
        if case is None:
            raise CaseNotFound(f"there is no case {case_id}")
        return case
