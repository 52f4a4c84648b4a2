"""What the decision page says to do next."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.user import Actor, Role
from domain.applications.application_action import WithdrawalReason
from domain.applications.money import ZERO, Money
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from entrypoints.ui.decisions.next_action import NextAction, action_after, next_action
from support.builders import A_MOMENT, a_decision, a_decision_record, an_identifier
from support.cases import UMA
from support.desk import Desk

MARTA = Actor("marta", Role.LOAN_OFFICER)


def test_an_approved_loan_is_offered_on_its_terms():
    approved = a_decision(outcome=Outcome.APPROVED, annual_rate=0.12, instalment=Money(33_214))
    action = next_action(a_decision_record(decision=approved, trial=False), "36 months")
    assert action.step == "Offer the loan as requested."
    assert action.details[0].startswith("$12,000.25 over 36 months at 12.00\u202f% per year, $332.14 per month")


def test_a_referral_goes_to_an_underwriter_with_the_amount_that_needs_none():
    action = next_action(a_decision_record(decision=a_decision(alternative=None), trial=False), "36 months")
    assert action.step == "Send the application to an underwriter."
    assert action.details[1:] == ("$8,500 would be approved at this term.",)


def test_a_referral_that_opened_a_case_waits_for_its_decision():
    record = a_decision_record(trial=False, case_due_at=A_MOMENT)
    assert next_action(record, "36 months").step == "Wait for an underwriter's decision."


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_trial_run_calls_for_nothing(outcome: Outcome):
    action = next_action(a_decision_record(decision=a_decision(outcome=outcome), trial=True), "36 months")
    assert action.step == "None: this is a trial run."


def test_a_decline_has_a_notice_with_its_last_day():
    declined = a_decision(outcome=Outcome.DECLINED, recommended_amount=ZERO, alternative=None)
    action = next_action(a_decision_record(decision=declined, trial=False), "36 months")  # of 14 March 2026
    assert action.step == "Send an adverse action notice with the reasons on this page."
    assert action.details == ("The notice has the last day for it.",)


async def test_what_followed_the_decision_says_what_to_do_next():
    desk = Desk()
    applications, by = desk.application_use_cases, MARTA

    decided = NextAction("Offer the loan as requested.", ())

    async def step_for(record: DecisionRecord) -> str:
        return action_after(await applications.find(record.decision_id, by=by), record, decided, by).step

    accepted, withdrawn, waiting = [await desk.refer(outcome=Outcome.APPROVED) for _ in range(3)]
    assert await step_for(accepted) == decided.step
    await applications.accept(accepted.decision_id, Money(500_000), by=by)
    await applications.withdraw(withdrawn.decision_id, WithdrawalReason.DUPLICATE, by=by)
    assert await step_for(accepted) == "Make the loan of $5,000 that the applicant accepted."
    assert await step_for(withdrawn) == "None: the application is withdrawn."
    desk.wait(timedelta(days=31))
    assert await step_for(waiting) == "None: the application expired."
    later = replace(waiting, decision_id=an_identifier(desk.clock.moment), supersedes=waiting.decision_id)
    await desk.decisions.record(later)
    assert await step_for(waiting) == "None: a later decision replaces this one."


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_a_decision_under_review_is_not_acted_on(outcome: Outcome):
    desk = Desk()
    record = await desk.refer(outcome=outcome)
    if outcome is Outcome.REFERRED:
        claimed = (await desk.use_cases.claim(record.decision_id, by=UMA, seen=0)).case
        await desk.resolve(claimed, FinalOutcome.DECLINED)
    await desk.use_cases.open_review(record.decision_id, "The applicant complained.", by=UMA)
    application = await desk.application_use_cases.find(record.decision_id, by=UMA)
    decided = next_action(record, "36 months")
    for by, step in ((UMA, "Open the case and decide it."), (MARTA, "Wait for an underwriter's decision.")):
        action = action_after(application, record, decided, by)
        assert action.step == step
        assert action.details[0] == "The decision is under review."
        assert bool(action.details[1:]) is (outcome is not Outcome.APPROVED)  # the period of a notice goes on


async def test_a_referral_waits_for_underwriters_and_they_decide_it():
    desk = Desk()
    record = await desk.refer()
    application = await desk.application_use_cases.find(record.decision_id, by=UMA)
    decided = next_action(record, "36 months")
    assert action_after(application, record, decided, MARTA) == replace(
        decided, step="Wait for an underwriter's decision."
    )
    assert action_after(application, record, decided, UMA) == replace(decided, step="Open the case and decide it.")
