"""Resolve referral cases: alone within one's authority, or by a proposal on which a second person decides."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.cases.cases import CaseConflict
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.change_case import CaseChanges, CaseResult
from application.use_cases.cases.check_application import CheckApplication
from domain.access.user import Actor, Permission
from domain.applications.money import Money
from domain.cases.blind import is_blind
from domain.cases.case_action import CaseAction
from domain.cases.case_authority import OutcomeAuthority, authority_for
from domain.cases.final_decision import FinalDecision
from domain.cases.proceedings import Proceedings
from domain.cases.proposal import CaseRules, WantedResolution
from domain.cases.quality import selected_for_quality
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution_errors import OwnViewRequired
from domain.cases.resolving import CaseResolved, ResolutionProposed, SecondApprovalGiven, SecondApprovalRefused
from domain.cases.second_person import check_checker
from domain.notices.principal_reasons import require_reasons
from domain.policies.final_outcome import FinalOutcome


@dataclass(frozen=True, slots=True)
class ResolveCase:
    """Resolves a case, or proposes to, where a second person must agree."""

    changes: CaseChanges
    find_rules: FindCaseRules
    check_application: CheckApplication

    async def __call__(
        self, case_id: UUID, wanted: WantedResolution, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The case, resolved or awaiting a second approval.

        Raises CaseNotFound, CaseChanged, CaseErrors, InvalidResolution, CounterOfferNotApproved, KeyReused,
        DecisionNotFound and DecisionUnreadable.
        """
        by.require(Permission.WORK_CASES)
        request = {"case": str(case_id), "resolution": wanted}
        claim = None if key is None else Claim.of(key, by=by, operation="resolve a case", request=request)
        return await self.changes.once(
            claim, lambda: self._resolve(case_id, wanted, by=by, seen=seen, claim=claim)
        )

    async def _resolve(
        self, case_id: UUID, wanted: WantedResolution, *, by: Actor, seen: int, claim: Claim | None
    ) -> CaseResult:
        case = await self._writable(case_id, by, seen)
        rules = await self.find_rules(case.decision_id)
        await self.check_application(case.decision_id)
        proceedings = Proceedings.of(await self.changes.cases.actions(case_id))
        proposal = rules.proposal(
            wanted, case, by=by, at=self.changes.clock.now(), own_view=proceedings.own_views.get(by.name)
        )
        require_reasons(rules.record, proposal, rules.terms)
        if proposal.authority.needs_second_person:
            return await self.changes(case_id, ResolutionProposed(proposal), by=by, seen=seen, claim=claim)
        details = CaseResolved(proposal, self.changes.identifiers.new(), _quality(case, rules))

        def decision_of(before: ReferralCase, action: CaseAction) -> FinalDecision:
            return proposal.final_decision(details.final_decision_id, before, maker=by, at=action.at)

        try:
            return await self.changes(case_id, details, by=by, seen=seen, claim=claim, decision_of=decision_of)
        except CaseConflict:
            await self.check_application(case.decision_id)
            raise

    async def _writable(self, case_id: UUID, by: Actor, seen: int) -> ReferralCase:
        """The case, which the actor holds; checked first, so that a refusal names what matters most."""
        case, now = await self.changes.present(case_id), self.changes.clock.now()
        case.require_unfinished()
        case.require_version(seen, now)
        case.require_lease(by, now)
        return case


@dataclass(frozen=True, slots=True)
class GiveSecondApproval:
    """Decides on a proposal: the second person agrees, which resolves the case, or refuses."""

    changes: CaseChanges
    find_rules: FindCaseRules
    check_application: CheckApplication

    async def __call__(
        self,
        case_id: UUID,
        *,
        by: Actor,
        seen: int,
        approve: bool,
        text: str = "",
        key: IdempotencyKey | None = None,
    ) -> CaseResult:
        """The case, resolved or open again. Raises as `ResolveCase`, and InvalidCaseText."""
        by.require(Permission.GIVE_SECOND_APPROVALS)
        request = {"case": str(case_id), "approve": approve, "text": text}
        claim = None if key is None else Claim.of(key, by=by, operation="decide on a proposal", request=request)
        return await self.changes.once(
            claim, lambda: self._decide(case_id, by=by, seen=seen, approve=approve, text=text, claim=claim)
        )

    async def _decide(
        self, case_id: UUID, *, by: Actor, seen: int, approve: bool, text: str, claim: Claim | None
    ) -> CaseResult:
        case, now = await self.changes.present(case_id), self.changes.clock.now()
        case.require_unfinished()
        case.require_version(seen, now)
        proposal, maker = Proceedings.of(await self.changes.cases.actions(case_id)).proposed()
        rules = await self.find_rules(case.decision_id)
        limit = check_checker(by, maker=maker, proposers=case.proposers, loan=proposal.loan, terms=rules.terms)
        if not approve:
            return await self.changes(case_id, SecondApprovalRefused(text), by=by, seen=seen, claim=claim)
        await self.check_application(case.decision_id)
        details = SecondApprovalGiven(self.changes.identifiers.new(), _quality(case, rules), text)

        def decision_of(before: ReferralCase, action: CaseAction) -> FinalDecision:
            return proposal.final_decision(
                details.final_decision_id,
                before,
                maker=maker,
                at=action.at,
                checker=by,
                checker_text=text,
                checker_limit=limit,
            )

        try:
            return await self.changes(case_id, details, by=by, seen=seen, claim=claim, decision_of=decision_of)
        except CaseConflict:
            await self.check_application(case.decision_id)
            raise


@dataclass(frozen=True, slots=True)
class PreviewOffer:
    """Computes a counter-offer without proposing it."""

    changes: CaseChanges
    find_rules: FindCaseRules

    async def __call__(self, case_id: UUID, amount: Money, term: int, *, by: Actor) -> OutcomeAuthority:
        """The offer with the actor's authority for it.

        Raises OwnViewRequired, CounterOfferNotApproved, CaseNotFound and as `FindCaseRules`.
        """
        by.require(Permission.WORK_CASES)
        case = await self.changes.present(case_id)
        rules = await self.find_rules(case.decision_id)
        proceedings = Proceedings.of(await self.changes.cases.actions(case_id))
        if is_blind(case, proceedings, by, policy_is_blind=rules.terms.blind):
            raise OwnViewRequired("enter your own view of this case before you see what the policy approves")
        loan = rules.counter_offers.offer(amount, term)
        return authority_for(rules, by, FinalOutcome.COUNTER_OFFER, loan)


def _quality(case: ReferralCase, rules: CaseRules) -> bool:
    return selected_for_quality(case.case_id, rules.terms.quality_share)
