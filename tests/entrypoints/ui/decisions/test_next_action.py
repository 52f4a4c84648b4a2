"""What the decision page says to do next."""

import pytest

from domain.applications.money import ZERO, Money
from domain.policies.outcome import Outcome
from entrypoints.ui.decisions.next_action import next_action
from support.builders import A_MOMENT, a_decision, a_decision_record


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
    assert action.details == ("It is due by 13 Apr 2026, 30 days after the application.",)
