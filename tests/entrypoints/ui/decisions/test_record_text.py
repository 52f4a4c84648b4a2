"""Decisions in words, as exports of evidence have them, of any release."""

from dataclasses import replace

from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.decisions.record_text import record_text
from support.builders import a_decision, a_decision_record


def test_a_decision_on_the_personal_loan_has_sections() -> None:
    text = record_text(a_decision_record(), None, PERSONAL_LOAN)
    titles = [section.title for section in text.sections]
    assert text.outcome == "Referred"
    assert titles[:2] == ["Record", "Result"]
    assert {"Failed policy rules", "Application: Applicant details", "Score contributions"} < set(titles)
    assert ("Requested amount", "$12,000.25") in [item for section in text.sections for item in section.items]


def test_a_trial_run_is_named_in_the_record() -> None:
    def record_of(trial: bool) -> dict[str, str]:
        made = a_decision_record(trial=trial)
        return dict(record_text(made, None, PERSONAL_LOAN).sections[0].items)

    assert record_of(trial=True)["Trial run"] == "Left out of overviews"
    assert "Trial run" not in record_of(trial=False)


def test_reasons_of_rules_and_of_the_score_are_apart_where_the_record_says_so() -> None:
    titles = {s.title for s in record_text(a_decision_record(), None, PERSONAL_LOAN).sections if s.items}
    assert {"Reasons from policy rules", "Reasons from the score"} & titles
    before = replace(a_decision(), reasons_of_rules=None)
    old = record_text(a_decision_record(decision=before), None, PERSONAL_LOAN)
    assert "Reasons" in {section.title for section in old.sections}
