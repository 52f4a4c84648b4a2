"""Read referral cases: one with all that belongs to it, or a page."""

from dataclasses import dataclass, replace
from uuid import UUID

from application.ports.cases.cases import CaseFilter, CaseNotFound, CasePage, Cases
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.operations.clock import Clock
from application.ports.policies.policy_in_force import PolicyInForce
from application.use_cases.cases.blind_decision import BlindDecision, blind_actions, blind_case
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE, DecisionUnreadable, PageTooLarge
from domain.access.user import Actor, Permission
from domain.cases.blind import is_blind, leaves_out_score, without_score
from domain.cases.case_action import CaseAction
from domain.cases.case_authority import CaseAuthority, case_authority
from domain.cases.final_decision import FinalDecision
from domain.cases.proceedings import NO_PROCEEDINGS, Proceedings
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution_errors import RulesUnavailable
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision

Found = DecisionRecord | UnreadableDecision
Shown = Found | BlindDecision


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its decision, its actions, and the applicant's other decisions that the decision names.

    `record` is None where the decision was moved to an archive. `proceedings` are what was proposed and decided.
    `final_decision` is that of this case, and `present_decision` the one that is valid on its decision.
    `authority` is what the reader may do; None where the decision, its model or its policy cannot be read. If
    `withheld`, score and recommendation are withheld from the reader, who is to form an own view: decisions are
    `BlindDecision`s, and what others decided is left out.
    """

    case: ReferralCase
    record: Shown | None
    actions: tuple[CaseAction, ...]
    related: tuple[Shown, ...]
    proceedings: Proceedings = NO_PROCEEDINGS
    final_decision: FinalDecision | None = None
    present_decision: FinalDecision | None = None
    authority: CaseAuthority | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class ListCases:
    """Lists cases by page, the most urgent first.

    Under a blind policy, unfinished ones have neither grade nor reasons for those who are to form an own view.
    """

    cases: Cases
    policy: PolicyInForce
    clock: Clock

    async def __call__(
        self, wanted: CaseFilter, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> CasePage:
        """The page at the cursor; raises InvalidCursor and PageTooLarge."""
        by.require(Permission.READ_ALL_DECISIONS)
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise PageTooLarge(f"a page must have 1 to {MAX_PAGE_SIZE} cases, not {limit}")
        page = await self.cases.page(wanted, at=self.clock.now(), limit=limit, cursor=cursor)
        blind = self.policy().review_terms.blind
        shown = [
            without_score(case) if leaves_out_score(case, by, policy_is_blind=blind) else case
            for case in page.cases
        ]
        return replace(page, cases=tuple(shown))


@dataclass(frozen=True, slots=True)
class ReadCase:
    """Reads one case."""

    cases: Cases
    archive: DecisionArchive
    find_rules: FindCaseRules
    clock: Clock

    async def __call__(self, case_id: UUID, *, by: Actor) -> CaseView:
        """The case with this identifier; raises CaseNotFound."""
        case = await ReadCaseState(self.cases)(case_id, by=by)
        record = await self.archive.find(case.decision_id)
        related = record.circumstances.related if isinstance(record, DecisionRecord) else ()
        others = [await self.archive.find(decision_id) for decision_id in related]
        actions = tuple(await self.cases.actions(case_id))
        view = CaseView(
            case=case,
            record=record,
            actions=actions,
            related=tuple([other for other in others if other is not None]),
            proceedings=Proceedings.of(actions),
            final_decision=await self.find_rules.final_decisions.of_case(case_id),
            present_decision=await self.find_rules.final_decisions.last(case.decision_id),
        )
        return await self._with_authority(view, record, by)

    async def _with_authority(self, view: CaseView, record: Found | None, by: Actor) -> CaseView:
        """The view with what the reader may do, and without what the reader is not to see yet."""
        if not isinstance(record, DecisionRecord):
            return view
        try:
            rules = await self.find_rules.of(record)
        except (RulesUnavailable, DecisionUnreadable):
            return view
        case, proceedings, now = view.case, view.proceedings, self.clock.now()
        withheld = is_blind(case, proceedings, by, policy_is_blind=rules.terms.blind)
        authority = case_authority(case, proceedings, rules, by=by, at=now, blind=withheld)
        view = replace(view, authority=authority, withheld=withheld)
        return _blind(view, BlindDecision.of(record), by) if withheld else view


def _blind(view: CaseView, decision: BlindDecision, by: Actor) -> CaseView:
    own = {name: outcome for name, outcome in view.proceedings.own_views.items() if name == by.name}
    return replace(
        view,
        case=blind_case(view.case, decision),
        record=decision,
        actions=blind_actions(view.actions, by.name),
        related=tuple(
            [BlindDecision.of(each) if isinstance(each, DecisionRecord) else each for each in view.related]
        ),
        proceedings=Proceedings(own_views=own, quality_review=view.proceedings.quality_review),
        final_decision=None,
        present_decision=None,
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
