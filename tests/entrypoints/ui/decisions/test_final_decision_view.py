"""A person's decision on the page of the system's decision."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.user import Actor, Role
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.decisions.final_decision_view import final_decision_view
from support.builders import a_decision_record, a_final_decision

RISK_MANAGER, PORTAL = Actor("rui", Role.RISK_MANAGER), Actor("portal", Role.SERVICE)
RECORD = a_decision_record(trial=False)
NO_LOAN = {"amount": None, "term": None, "grade": None, "annual_rate": None, "instalment": None}


def test_staff_see_who_decided_why_and_how_it_compares() -> None:
    view = final_decision_view(a_final_decision(), RECORD, RISK_MANAGER)
    items = {item.label: item.value for item in view.items}
    assert view.label == "Approved"
    loan = "$12,000.25 over 36 months at 17.99 % per year, $433.79 per month"
    assert items["Loan"].replace("\u202f", " ").replace("\u2009", " ").replace("\xa0", " ") == loan
    assert items["Decided by"] == "ursula (underwriter)"
    assert items["Second person"] == "selma (senior underwriter)"
    assert items["Compared with the system"].startswith("Low-side override")
    assert view.case_id


def test_a_service_sees_the_terms_and_the_reason_alone() -> None:
    view = final_decision_view(a_final_decision(), RECORD, PORTAL)
    assert [item.label for item in view.items] == ["Loan", "Reason", "Condition 1", "Condition 2"]
    assert view.case_id == ""


@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        (FinalOutcome.APPROVED, "Offer the loan."),
        (FinalOutcome.COUNTER_OFFER, "Make the counter-offer."),
        (FinalOutcome.DECLINED, "Send an adverse action notice."),
    ],
)
def test_the_next_action_follows_from_the_final_outcome(outcome: FinalOutcome, step: str) -> None:
    final = replace(a_final_decision(), outcome=outcome, **({} if outcome.lends else NO_LOAN))
    assert final_decision_view(final, RECORD, RISK_MANAGER).next_action.step == step


def test_the_notice_is_due_30_days_after_the_application_also_if_a_person_declined_later() -> None:
    declined = replace(
        a_final_decision(),
        outcome=FinalOutcome.DECLINED,
        decided_at=RECORD.decided_at + timedelta(days=20),
        **NO_LOAN,
    )
    action = final_decision_view(declined, RECORD, RISK_MANAGER).next_action  # of 14 March 2026
    assert action.details == ("The notice is due by 13 Apr 2026, 30 days after the application.",)


def test_the_systems_outcome_says_that_it_is_not_the_final_one() -> None:
    view = final_decision_view(a_final_decision(), RECORD, RISK_MANAGER)
    assert view.meaning == "The system's decision. An underwriter decided: approved."
