"""A person's decision on the page of the system's decision."""

from dataclasses import replace

import pytest

from domain.access.user import Actor, Role
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.decisions.final_decision_view import final_decision_view
from support.builders import a_decision_record, a_final_decision

RISK_MANAGER, PORTAL = Actor("rui", Role.RISK_MANAGER), Actor("portal", Role.SERVICE)
RECORD = a_decision_record(trial=False)
NO_LOAN = {"amount": None, "term": None, "grade": None, "annual_rate": None, "instalment": None}


def test_staff_see_who_decided_why_and_how_it_compares() -> None:
    view = final_decision_view(a_final_decision(), RISK_MANAGER)
    items = {item.label: item.value for item in view.items}
    assert view.label == "Approved"
    loan = "$12,000.25 over 36 months at 17.99 % per year, $433.79 per month"
    assert items["Loan"].replace("\u202f", " ").replace("\u2009", " ").replace("\xa0", " ") == loan
    assert items["Decided by"] == "ursula (underwriter)"
    assert items["Second person"] == "selma (senior underwriter)"
    assert items["Override"].startswith("Low-side")
    assert view.case_id


def test_a_service_sees_the_terms_and_the_reason_alone() -> None:
    view = final_decision_view(a_final_decision(), PORTAL)
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
    assert final_decision_view(final, RISK_MANAGER).next_action.step == step


def test_after_a_decline_the_notice_is_on_the_page_of_the_application() -> None:
    declined = replace(a_final_decision(), outcome=FinalOutcome.DECLINED, **NO_LOAN)
    action = final_decision_view(declined, RISK_MANAGER).next_action
    assert action.details == ("The notice has the last day for it.",)


def test_the_systems_outcome_says_that_it_is_not_the_final_one() -> None:
    view = final_decision_view(a_final_decision(), RISK_MANAGER)
    assert view.meaning == "The system's decision. An underwriter decided: approved."
