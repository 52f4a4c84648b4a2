"""The applicant's applications side by side, and the timeline of a case."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from application.use_cases.cases.blind_decision import BlindDecision
from domain.access.user import Role
from domain.cases.case_action import CaseDetails
from domain.cases.claiming import CaseClaimed, CaseReassigned, CaseReleased
from domain.cases.endings import CaseExpired, CaseWithdrawn, DueTimePassed, WithdrawalReason
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.cases.resolving import SecondApprovalRefused
from domain.cases.review import ReviewOpened
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.cases.comparison import ApplicationFacts, comparison_of
from entrypoints.ui.cases.timeline import timeline_of
from support.builders import A_MOMENT, a_decision_record, a_loan_application
from support.cases import UMA, a_case, act

LATER = A_MOMENT + timedelta(days=1)


def facts(**values: object) -> ApplicationFacts:
    record = a_decision_record(application=a_loan_application(**values), decision_id=uuid4())
    return ApplicationFacts.of(record, PERSONAL_LOAN)


def test_values_that_differ_are_marked():
    current, other = facts(loan_amnt=12_000), facts(loan_amnt=9_000)
    comparison = comparison_of(current, [other], 0)
    assert comparison is not None
    assert comparison.applications[0].href == ""
    assert comparison.applications[1].href == f"/decisions/{other.decision_id}"
    differing = {label: values[1].text for label, values in comparison.rows if values[1].differs}
    assert differing == {"Requested amount": "$9,000"}
    assert not any(values[0].differs for _, values in comparison.rows)


def test_an_applicant_without_other_applications_has_no_comparison():
    assert comparison_of(facts(), [], 0) is None
    unreadable = comparison_of(facts(), [], 2)
    assert unreadable is not None
    assert unreadable.unreadable == 2


def test_outcomes_are_left_out_where_they_are_withheld():
    record = a_decision_record()
    blind = ApplicationFacts.of(BlindDecision.of(record), PERSONAL_LOAN)
    comparison = comparison_of(blind, [replace(blind, decision_id=uuid4())], 0)
    assert comparison is not None
    assert "Outcome" not in dict(comparison.rows)
    shown = comparison_of(ApplicationFacts.of(record, PERSONAL_LOAN), [facts()], 0)
    assert shown is not None
    assert "Outcome" in dict(shown.rows)


def title(details: CaseDetails) -> tuple[str, str]:
    """The title and the text of an action."""
    case = a_case()
    action = replace(act(case, CaseClaimed()), details=details, actor=UMA)
    entry = timeline_of(case, [action])[0]
    return entry.title, entry.text


def test_each_action_says_who_did_what():
    assert title(CaseClaimed()) == ("uma claimed the case", "")
    assert title(CaseReleased()) == ("uma released the case", "")
    assert title(CaseReassigned("udo", Role.UNDERWRITER)) == ("uma reassigned the case to udo", "")
    assert title(CaseNoteAdded("Called.")) == ("uma added a note", "Called.")
    assert title(InformationRequested("Payslips?", LATER)) == ("uma asked the applicant", "Payslips?")
    assert title(InformationReceived("Payslips.")) == ("uma recorded the answer", "Payslips.")
    assert title(DueTimePassed())[0] == "The due time passed"
    assert title(CaseExpired())[0] == "The case expired: the applicant did not answer in time"
    assert title(CaseWithdrawn(WithdrawalReason.SUPERSEDED))[0].startswith("A later decision")
    assert title(SecondApprovalRefused("Too risky.")) == ("uma refused the second approval", "Too risky.")


def test_a_timeline_begins_with_the_referral_or_the_review():
    case = a_case()
    assert [entry.title for entry in timeline_of(case, [])] == ["The system referred the application"]
    opened = replace(act(case, CaseClaimed()), details=ReviewOpened(case.decision_id, "A complaint.", LATER))
    (entry,) = timeline_of(case, [opened])
    assert (entry.title, entry.text) == ("uma opened a review of the decision", "A complaint.")
