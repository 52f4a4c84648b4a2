"""Cases are resolved within authority, by a second person where the policy asks for one, and once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.ports.cases.cases import CaseChange, CaseConflict
from application.ports.decisions.idempotency import Claim, IdempotencyKey
from application.use_cases.cases.blind_decision import BlindDecision
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from domain.access.user import Actor, PermissionDenied, Role
from domain.applications.application_action import ApplicationAction, Withdrawal, WithdrawalReason
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.applications.superseding import SupersedesReason
from domain.cases.applied_authority import SecondPersonRule
from domain.cases.case_errors import (
    CaseChanged,
    CaseEnded,
    CaseHeld,
    CaseNotClaimed,
    CaseStateForbids,
    SecondPersonRequired,
)
from domain.cases.case_state import CaseState
from domain.cases.override import OverrideType
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import ConditionState, InvalidConditionChange
from domain.cases.resolution_errors import (
    ConditionNotFound,
    NothingProposed,
    OwnViewNotWanted,
    OwnViewRequired,
    QualityReviewNotWanted,
    ResolutionOutdated,
    ReviewNotPossible,
    RulesUnavailable,
)
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.cases import LATER, SARA, UDO, UMA
from support.desk import WEAK, Desk, wanted
from support.memory.cases import MemoryCases

RECONSIDERED = SupersedesReason.RECONSIDERATION
APPROVED, DECLINED, OFFER = FinalOutcome.APPROVED, FinalOutcome.DECLINED, FinalOutcome.COUNTER_OFFER
SOFIA = Actor("sofia", Role.SENIOR_UNDERWRITER)
MARTA = Actor("marta", Role.LOAN_OFFICER)


async def test_an_underwriter_resolves_a_case_alone_within_the_own_authority() -> None:
    desk = Desk()
    case = await desk.claimed(amount=9_000)
    desk.wait(timedelta(minutes=4))
    resolved = await desk.resolve(case, APPROVED, conditions=("Pay off the card",))
    assert (resolved.state, resolved.assignee) == (CaseState.RESOLVED, None)
    decided = await desk.cases.last(case.decision_id)
    assert decided is not None
    assert (decided.outcome, decided.override) == (APPROVED, OverrideType.POLICY_EXCEPTION)
    assert (decided.maker, decided.checker, decided.case_version) == (UMA, None, 1)
    assert (decided.amount, decided.term, decided.grade, decided.dwell_seconds) == (
        Money.of(9_000),
        36,
        "D",
        240.0,
    )
    assert (decided.number, decided.previous, decided.system_outcome) == (1, None, Outcome.REFERRED)
    assert decided.reason_text == "Strengths of the applicant outweigh the risk"
    view = await desk.use_cases.read_case(case.case_id, by=MARTA)
    assert view.final_decision == decided
    assert [condition.state for condition in view.proceedings.conditions] == [ConditionState.OPEN]
    assert view.proceedings.final_decision_id == decided.final_decision_id


async def test_a_low_side_override_waits_for_a_second_person_in_the_queue_of_seniors() -> None:
    desk = Desk()
    proposed = await desk.resolve(await desk.claimed(log_odds=WEAK), APPROVED)
    assert (proposed.state, proposed.proposers) == (CaseState.AWAITING_SECOND_APPROVAL, ("uma",))
    assert await desk.cases.last(proposed.decision_id) is None
    assert await desk.use_cases.claim_next(by=UDO) is None
    taken = await desk.use_cases.claim_next(by=SARA)
    assert taken is not None
    agreed = await desk.use_cases.second_approval(
        taken.case.case_id, by=SARA, seen=taken.case.version, approve=True, text="Agreed."
    )
    assert agreed.case.state is CaseState.RESOLVED
    decided = await desk.cases.last(proposed.decision_id)
    assert decided is not None
    assert (decided.maker, decided.checker, decided.override) == (UMA, SARA, OverrideType.LOW_SIDE)
    assert decided.authority.second_person == (SecondPersonRule.LOW_SIDE_OVERRIDE,)
    assert (decided.checker_text, decided.checker_limit) == ("Agreed.", Money.of(100_000))


async def test_a_refused_proposal_opens_the_case_again_and_stays_in_its_history() -> None:
    desk = Desk()
    proposed = await desk.resolve(await desk.claimed(log_odds=WEAK, by=SARA), APPROVED, by=SARA)
    refused = await desk.second(proposed, SOFIA, approve=False, text="The income is not proven.")
    assert (refused.state, refused.assignee, refused.proposers) == (CaseState.OPEN, None, ("sara",))
    view = await desk.use_cases.read_case(refused.case_id, by=MARTA)
    assert [action.kind.value for action in view.actions][-1] == "case second approval refused"
    assert view.proceedings.proposal is None
    with pytest.raises(NothingProposed, match="no resolution of this case is proposed"):
        await desk.use_cases.second_approval(refused.case_id, by=SOFIA, seen=refused.version, approve=True)


async def test_who_proposed_before_is_never_the_second_person_of_another_proposal_on_the_case() -> None:
    desk = Desk()
    proposed = await desk.resolve(await desk.claimed(log_odds=WEAK, by=SARA), APPROVED, by=SARA)
    with pytest.raises(SecondPersonRequired):
        await desk.second(proposed, SARA)
    again = await desk.claim(await desk.second(proposed, SOFIA, approve=False), UMA)
    proposed_again = await desk.resolve(again, APPROVED)
    for proposer, why in ((SARA, "an earlier proposal"), (replace(UMA, role=SARA.role), "made this proposal")):
        with pytest.raises(SecondPersonRequired, match=why):
            await desk.use_cases.second_approval(
                again.case_id, by=proposer, seen=proposed_again.version, approve=True
            )
    assert (await desk.second(proposed_again, SOFIA)).state is CaseState.RESOLVED


async def test_a_case_that_awaits_a_second_person_cannot_be_resolved_by_its_senior_alone() -> None:
    desk = Desk()
    held = await desk.claim(await desk.resolve(await desk.claimed(log_odds=WEAK), APPROVED), SARA)
    with pytest.raises(CaseStateForbids, match="is awaiting a second approval; it must be assigned to resolve it"):
        await desk.resolve(held, DECLINED, by=SARA)


async def test_a_second_person_needs_the_lease_as_everybody() -> None:
    desk = Desk()
    proposed = await desk.resolve(await desk.claimed(log_odds=WEAK), APPROVED)
    with pytest.raises(CaseNotClaimed):
        await desk.use_cases.second_approval(proposed.case_id, by=SARA, seen=proposed.version, approve=True)
    held = await desk.claim(proposed, SOFIA)
    with pytest.raises(CaseHeld, match="sofia has held"):
        await desk.use_cases.second_approval(held.case_id, by=SARA, seen=held.version, approve=True)


async def test_roles_without_the_right_resolve_nothing() -> None:
    desk = Desk()
    case = await desk.claimed()
    for role in (Role.LOAN_OFFICER, Role.RISK_MANAGER, Role.COMPLIANCE, Role.AUDITOR, Role.SERVICE, Role.ADMIN):
        actor = Actor("pia", role)
        with pytest.raises(PermissionDenied):
            await desk.resolve(case, DECLINED, by=actor)
        with pytest.raises(PermissionDenied):
            await desk.use_cases.open_review(case.decision_id, "Please.", by=actor)
        with pytest.raises(PermissionDenied):
            await desk.use_cases.second_approval(case.case_id, by=actor, seen=1, approve=True)
    with pytest.raises(PermissionDenied, match=r"uma \(underwriter\) may not give second approvals"):
        await desk.use_cases.second_approval(case.case_id, by=UMA, seen=1, approve=True)


async def test_a_resolved_case_names_who_resolved_it_and_never_reopens() -> None:
    desk = Desk()
    case = await desk.claimed()
    await desk.resolve(case, DECLINED)
    with pytest.raises(CaseEnded, match="uma changed it last"):
        await desk.resolve(case, APPROVED, by=UDO)
    with pytest.raises(CaseEnded):
        await desk.use_cases.claim(case.case_id, by=UDO, seen=2)


async def test_a_version_that_was_not_the_last_is_refused() -> None:
    desk = Desk()
    case = await desk.claimed()
    await desk.use_cases.add_note(case.case_id, "Called.", by=UMA, seen=case.version)
    with pytest.raises(CaseChanged, match="version 1 of this case is not the current one, 2: uma changed it"):
        await desk.resolve(case, DECLINED)


async def test_the_same_request_under_the_same_key_resolves_once() -> None:
    desk, key = Desk(), IdempotencyKey("once")
    case = await desk.claimed()
    use = desk.use_cases.resolve
    first = await use(case.case_id, wanted(DECLINED), by=UMA, seen=1, key=key)
    again = await use(case.case_id, wanted(DECLINED), by=UMA, seen=1, key=key)
    assert (first.replayed, again.replayed, again.case.version) == (False, True, first.case.version)


async def test_a_counter_offer_is_priced_by_the_decisions_own_policy_and_model() -> None:
    desk = Desk()
    case = await desk.claimed(amount=20_000, by=SARA)
    view = await desk.use_cases.read_case(case.case_id, by=SARA)
    assert view.authority is not None
    largest = max(view.authority.counter_offers, key=lambda offer: offer.amount)
    preview = await desk.use_cases.preview_offer(case.case_id, largest.amount, largest.term, by=SARA)
    assert preview.loan == largest
    assert (preview.limit, preview.second_person) == (Money.of(100_000), ())
    await desk.resolve(case, OFFER, by=SARA, amount=largest.amount, term=largest.term)
    decided = await desk.cases.last(case.decision_id)
    assert decided is not None
    assert (decided.amount, decided.annual_rate, decided.instalment) == (
        largest.amount,
        largest.annual_rate,
        largest.instalment,
    )
    assert decided.override is OverrideType.AGREED


async def test_authority_says_before_trying_what_needs_a_second_person_and_why() -> None:
    desk = Desk()
    case = await desk.claimed(amount=12_000, log_odds=WEAK)
    view = await desk.use_cases.read_case(case.case_id, by=UMA)
    assert view.authority is not None
    approve, decline, _ = view.authority.outcomes
    assert approve.second_person == (SecondPersonRule.LOW_SIDE_OVERRIDE, SecondPersonRule.ABOVE_AUTHORITY)
    assert (approve.rule, approve.limit) == ("underwriter, any grade: up to $10,000", Money.of(10_000))
    assert (approve.override, decline.override) == (OverrideType.LOW_SIDE, OverrideType.AGREED)
    assert decline.second_person == ()
    assert "INCOME_VERIFIED" in [reason.code for reason in approve.reasons]
    assert view.authority.cannot_resolve == ""
    other = (await desk.use_cases.read_case(case.case_id, by=UDO)).authority
    assert other is not None
    assert "uma has held this case" in other.cannot_resolve
    assert other.cannot_check == "udo (underwriter) may not give second approvals"
    await desk.resolve(case, APPROVED)
    senior = (await desk.use_cases.read_case(case.case_id, by=SARA)).authority
    assert senior is not None
    assert senior.cannot_check == ""


async def test_a_superseded_decision_is_not_resolved() -> None:
    desk = Desk()
    case = await desk.claimed()
    await desk.refer(supersedes=case.decision_id)
    with pytest.raises(ResolutionOutdated, match="was superseded by decision"):
        await desk.resolve(case, DECLINED)


async def test_a_withdrawn_application_is_neither_resolved_nor_reviewed() -> None:
    desk = Desk()
    case, record = await desk.claimed(), await desk.refer(outcome=Outcome.DECLINED)
    for decision_id in (case.decision_id, record.decision_id):
        details = Withdrawal(WithdrawalReason.NO_LONGER_NEEDED, "", ApplicationState.REFERRED)
        action = ApplicationAction(uuid4(), decision_id, decision_id, 1, LATER, MARTA, details)
        desk.applications._actions[decision_id] = [action]
    with pytest.raises(ResolutionOutdated, match="the application is withdrawn by marta"):
        await desk.resolve(case, DECLINED)
    with pytest.raises(ResolutionOutdated):
        await desk.use_cases.open_review(record.decision_id, "Asked to reconsider.", by=UMA)


async def test_a_decline_becomes_an_approval_only_by_a_review_and_a_second_person() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.DECLINED, log_odds=WEAK)
    opened = (await desk.use_cases.open_review(record.decision_id, "New payslips.", by=UMA)).case
    assert (opened.state, opened.version, opened.decision_id) == (CaseState.OPEN, 1, record.decision_id)
    assert opened.case_id != record.decision_id
    assert opened.due_at == LATER + timedelta(hours=48)
    with pytest.raises(ReviewNotPossible, match=f"case {opened.case_id} on this decision is open"):
        await desk.use_cases.open_review(record.decision_id, "Again.", by=UDO)
    proposed = await desk.resolve(await desk.claim(opened, UMA), APPROVED)
    assert proposed.state is CaseState.AWAITING_SECOND_APPROVAL
    await desk.second(proposed, SARA)
    decided = await desk.cases.last(record.decision_id)
    assert decided is not None
    assert (decided.override, decided.checker) == (OverrideType.LOW_SIDE, SARA)
    assert SecondPersonRule.REVERSED_DECLINE in decided.authority.second_person


async def test_overrides_of_overrides_keep_the_chain() -> None:
    desk = Desk()
    case = await desk.claimed()
    await desk.resolve(case, DECLINED)
    first = await desk.cases.last(case.decision_id)
    review = (await desk.use_cases.open_review(case.decision_id, "The applicant appealed.", by=UDO)).case
    proposed = await desk.resolve(await desk.claim(review, UDO), APPROVED, by=UDO)
    assert proposed.state is CaseState.AWAITING_SECOND_APPROVAL
    await desk.second(proposed, SARA)
    second = await desk.cases.last(case.decision_id)
    assert first is not None
    assert second is not None
    assert (second.number, second.previous) == (2, first.final_decision_id)
    assert second.authority.second_person == (SecondPersonRule.REVERSED_DECLINE,)


async def test_a_persons_approval_of_a_superseded_decision_decides_no_later_one() -> None:
    desk = Desk()
    case = await desk.claimed()
    await desk.resolve(case, APPROVED)
    record = await desk.refer(
        outcome=Outcome.DECLINED, supersedes=case.decision_id, supersedes_reason=RECONSIDERED
    )
    review = (await desk.use_cases.open_review(record.decision_id, "Appeal.", by=UDO)).case
    proposed = await desk.resolve(await desk.claim(review, UDO), APPROVED, by=UDO)
    assert proposed.state is CaseState.AWAITING_SECOND_APPROVAL
    await desk.second(proposed, SARA)
    decided = await desk.cases.last(record.decision_id)
    assert decided is not None
    assert (decided.number, decided.previous) == (1, None)


async def test_a_trial_is_not_reviewed() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.DECLINED, trial=True)
    with pytest.raises(ReviewNotPossible, match="was made to try something"):
        await desk.use_cases.open_review(record.decision_id, "Please.", by=UMA)


async def test_conditions_are_met_or_waived_for_a_reason() -> None:
    desk = Desk()
    resolved = await desk.resolve(
        await desk.claimed(), APPROVED, conditions=("Pay off the card", "Proof of address")
    )
    use, case_id = desk.use_cases.change_condition, resolved.case_id
    met = (await use(case_id, 1, ConditionState.MET, "", by=UDO, seen=resolved.version)).case
    with pytest.raises(InvalidConditionChange, match="a reason is required to waive condition 2"):
        await use(case_id, 2, ConditionState.WAIVED, " ", by=UDO, seen=met.version)
    with pytest.raises(InvalidConditionChange, match="condition 1 is already met"):
        await use(case_id, 1, ConditionState.WAIVED, "Why not", by=UDO, seen=met.version)
    with pytest.raises(InvalidConditionChange, match="condition 2 is open"):
        await use(case_id, 2, ConditionState.OPEN, "", by=UDO, seen=met.version)
    with pytest.raises(ConditionNotFound, match="no condition 3; it has 2"):
        await use(case_id, 3, ConditionState.MET, "", by=UDO, seen=met.version)
    await use(case_id, 2, ConditionState.WAIVED, "Known at the branch.", by=UDO, seen=met.version)
    changed = (await desk.use_cases.read_case(case_id, by=UMA)).proceedings.conditions
    assert [(each.state.value, each.reason) for each in changed] == [
        ("met", ""),
        ("waived", "Known at the branch."),
    ]


async def test_score_and_recommendation_are_withheld_until_the_own_view_is_entered() -> None:
    desk = Desk(blind=True)
    case = await desk.claimed(log_odds=WEAK)
    view = await desk.use_cases.read_case(case.case_id, by=UMA)
    assert view.withheld
    assert isinstance(view.record, BlindDecision)
    assert not hasattr(view.record, "prediction")
    assert (view.case.grade, view.case.reasons) == ("", ("OBLIGATIONS",))
    assert view.authority is not None
    assert (view.authority.outcomes, view.authority.counter_offers) == ((), ())
    assert view.authority.own_view_required
    with pytest.raises(OwnViewRequired):
        await desk.resolve(case, DECLINED)
    with pytest.raises(OwnViewRequired):
        await desk.use_cases.preview_offer(case.case_id, Money.of(5_000), 36, by=UMA)
    entered = (await desk.use_cases.enter_own_view(case.case_id, APPROVED, "Stable.", by=UMA, seen=1)).case
    with pytest.raises(OwnViewNotWanted, match="uma has entered an own view"):
        await desk.use_cases.enter_own_view(case.case_id, DECLINED, "No.", by=UMA, seen=entered.version)
    seen = await desk.use_cases.read_case(case.case_id, by=UMA)
    assert not seen.withheld
    assert seen.record == await desk.decisions.find(case.decision_id)
    assert (await desk.use_cases.read_case(case.case_id, by=UDO)).withheld
    assert not (await desk.use_cases.read_case(case.case_id, by=MARTA)).withheld
    await desk.resolve(entered, DECLINED)
    decided = await desk.cases.last(case.decision_id)
    assert decided is not None
    assert (decided.own_view, decided.recommended, decided.outcome) == (APPROVED, DECLINED, DECLINED)


async def test_the_second_person_of_a_blind_case_sees_the_proposal() -> None:
    desk = Desk(blind=True)
    case = await desk.claimed(log_odds=WEAK)
    entered = (await desk.use_cases.enter_own_view(case.case_id, APPROVED, "Stable.", by=UMA, seen=1)).case
    proposed = await desk.resolve(entered, APPROVED)
    assert not (await desk.use_cases.read_case(case.case_id, by=SARA)).withheld
    withheld = await desk.use_cases.read_case(case.case_id, by=UDO)
    assert withheld.withheld
    assert [action.kind.value for action in withheld.actions] == ["case claimed"]
    assert withheld.proceedings.proposal is None
    assert (await desk.second(proposed, SARA)).state is CaseState.RESOLVED


async def test_a_case_whose_model_is_not_archived_is_read_and_not_resolved() -> None:
    desk = Desk()
    case = await desk.claimed(model_fingerprint="0" * 64)
    view = await desk.use_cases.read_case(case.case_id, by=UMA)
    assert (view.authority, view.withheld) == (None, False)
    with pytest.raises(RulesUnavailable, match="can be read but not decided on"):
        await desk.resolve(case, DECLINED)


async def test_own_views_are_not_asked_for_by_other_policies() -> None:
    desk = Desk()
    case = await desk.claimed()
    with pytest.raises(OwnViewNotWanted, match="does not ask for own views"):
        await desk.use_cases.enter_own_view(case.case_id, APPROVED, "Stable.", by=UMA, seen=1)


async def test_a_share_of_resolved_cases_is_reviewed_blind_by_someone_else_and_disagreements_are_listed() -> None:
    desk = Desk(quality_share=1.0)
    case = await desk.resolve(await desk.claimed(), DECLINED)
    assert case.quality is QualityState.WAITING
    listed = desk.use_cases.list_quality_reviews
    waiting = await listed(QualityState.WAITING, by=UDO)
    assert [(each.case.case_id, each.decided) for each in waiting.reviews] == [(case.case_id, None)]
    blind = await desk.use_cases.read_case(case.case_id, by=UDO)
    assert (blind.withheld, blind.final_decision) == (True, None)
    assert not (await desk.use_cases.read_case(case.case_id, by=UMA)).withheld
    review = desk.use_cases.quality_review
    with pytest.raises(QualityReviewNotWanted, match="uma decided on this case"):
        await review(case.case_id, DECLINED, "As I said.", by=UMA, seen=case.version)
    reviewed = (await review(case.case_id, APPROVED, "Stable.", by=UDO, seen=case.version)).case
    assert (reviewed.state, reviewed.quality) == (CaseState.RESOLVED, QualityState.DISAGREED)
    with pytest.raises(QualityReviewNotWanted, match="udo has reviewed this case already"):
        await review(case.case_id, DECLINED, "Me too.", by=SARA, seen=case.version)
    (disagreed,) = (await listed(QualityState.DISAGREED, by=MARTA)).reviews
    assert disagreed.decided is not None
    assert disagreed.review is not None
    assert (disagreed.decided.outcome, disagreed.review.outcome, disagreed.reviewer) == (DECLINED, APPROVED, "udo")
    assert (await listed(QualityState.WAITING, by=UDO)).reviews == ()


async def test_who_took_part_in_an_earlier_proposal_reviews_no_quality() -> None:
    desk = Desk(quality_share=1.0)
    proposed = await desk.resolve(await desk.claimed(log_odds=WEAK, by=SARA), APPROVED, by=SARA)
    refused = await desk.second(proposed, SOFIA, approve=False)
    case = await desk.resolve(await desk.claim(refused, UMA), DECLINED)
    review = desk.use_cases.quality_review
    for by in (SARA, SOFIA, UMA):
        with pytest.raises(QualityReviewNotWanted, match=f"{by.name} decided on this case"):
            await review(case.case_id, DECLINED, "As I said.", by=by, seen=case.version)
    assert (await review(case.case_id, DECLINED, "Too risky.", by=UDO, seen=case.version)).case.quality


async def test_a_case_outside_the_share_is_not_reviewed() -> None:
    desk = Desk()
    case = await desk.resolve(await desk.claimed(), DECLINED)
    with pytest.raises(QualityReviewNotWanted, match="not in the share"):
        await desk.use_cases.quality_review(case.case_id, DECLINED, "Yes.", by=UDO, seen=case.version)


def at_the_same_moment(cases: MemoryCases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next request find nothing under its key at first, as if it had arrived with the one that did it."""
    case_under = cases.case_under

    async def nothing(_claim: Claim) -> UUID | None:
        monkeypatch.setattr(cases, "case_under", case_under)
        return None

    monkeypatch.setattr(cases, "case_under", nothing)


async def test_every_request_that_is_repeated_under_its_key_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(blind=True, quality_share=1.0)
    use = desk.use_cases
    case = await desk.claimed(log_odds=WEAK)

    async def twice(verb: Any, *about: Any, by: Actor = UMA, **request: Any) -> ReferralCase:
        key = IdempotencyKey(str(uuid4()))
        first = await verb(*about, by=by, key=key, **request)
        again = await verb(*about, by=by, key=key, **request)
        assert (first.replayed, again.replayed, again.case.version) == (False, True, first.case.version)
        at_the_same_moment(desk.cases, monkeypatch)
        other_click = await verb(*about, by=by, key=key, **request)
        assert (other_click.replayed, other_click.case.version) == (True, first.case.version)
        return first.case

    case = await twice(use.add_note, case.case_id, "Called.", seen=1)
    case = await twice(use.enter_own_view, case.case_id, APPROVED, "Stable.", seen=2)
    case = await twice(use.resolve, case.case_id, wanted(APPROVED, conditions=("Pay",)), seen=3)
    case = await desk.claim(case, SARA)
    case = await twice(use.second_approval, case.case_id, by=SARA, seen=5, approve=True)
    case = await twice(use.change_condition, case.case_id, 1, ConditionState.MET, "", seen=6)
    case = await twice(use.quality_review, case.case_id, DECLINED, "No.", by=UDO, seen=7)
    review = await twice(use.open_review, case.decision_id, "Appeal.", by=UDO)
    assert len(await desk.cases.of_decision(case.decision_id)) == 2
    assert review.version == 1


async def test_who_resolves_while_the_application_is_decided_again_learns_that() -> None:
    desk = Desk()
    case, append = await desk.claimed(), desk.cases.append

    async def superseded_first(change: CaseChange) -> None:
        await desk.refer(supersedes=case.decision_id)
        raise CaseConflict("the case was changed at the same time")

    desk.cases.append = superseded_first  # type: ignore[method-assign]
    with pytest.raises(ResolutionOutdated):
        await desk.resolve(case, DECLINED)
    desk.cases.append = append  # type: ignore[method-assign]
    assert await desk.cases.last(case.decision_id) is None


async def test_a_review_that_loses_against_another_one_names_it() -> None:
    desk = Desk()
    record, open_review = await desk.refer(outcome=Outcome.DECLINED), desk.cases.open_review
    opened: list[UUID] = []

    async def other_first(change: CaseChange) -> None:
        desk.cases.open_review = open_review  # type: ignore[method-assign]
        opened.append((await desk.use_cases.open_review(record.decision_id, "Mine.", by=UDO)).case.case_id)
        await open_review(change)

    desk.cases.open_review = other_first  # type: ignore[method-assign]
    with pytest.raises(ReviewNotPossible) as refused:
        await desk.use_cases.open_review(record.decision_id, "Mine too.", by=UMA)
    assert str(opened[0]) in str(refused.value)


async def test_a_decision_that_was_referred_before_there_were_cases_is_reviewed() -> None:
    desk = Desk()
    record = await desk.refer(outcome=Outcome.REFERRED, opens_case=False)
    assert list(await desk.cases.of_decision(record.decision_id)) == []
    review = (await desk.use_cases.open_review(record.decision_id, "It waits.", by=UMA)).case
    assert (await desk.resolve(await desk.claim(review, UMA), APPROVED)).state is CaseState.RESOLVED


async def test_a_damaged_or_moved_decision_is_not_resolved() -> None:
    desk = Desk()
    case, find_rules = await desk.claimed(), desk.use_cases.resolve.find_rules
    desk.decisions.damage(case.decision_id, "it is not JSON")
    with pytest.raises(DecisionUnreadable):
        await desk.resolve(case, DECLINED)
    with pytest.raises(DecisionNotFound, match="was moved to an archive: restore its month first"):
        await find_rules(uuid4())
