"""The terms of review name every fault, and say who may decide what alone."""

from dataclasses import replace

import pytest

from domain.access.user import Role
from domain.policies.authority import ANY_GRADE, AuthorityLimit
from domain.policies.final_outcome import FinalOutcome, final_outcome
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS, REASONS, InvalidReviewTerms, ResolutionReason

UNDERWRITER, SENIOR = Role.UNDERWRITER, Role.SENIOR_UNDERWRITER


def test_a_limit_is_that_of_the_grade_or_of_any_grade() -> None:
    terms = replace(
        DEFAULT_REVIEW_TERMS,
        authority=(
            AuthorityLimit(UNDERWRITER, "A", 20_000),
            AuthorityLimit(SENIOR, ANY_GRADE, 50_000),
            AuthorityLimit(SENIOR, "C", 30_000),
        ),
    )
    limits = [
        (limit.up_to if (limit := terms.limit_of(role, grade)) else None)
        for role in (UNDERWRITER, SENIOR, Role.LOAN_OFFICER)
        for grade in "ABC"
    ]
    assert limits == [20_000, None, None, 50_000, 50_000, 30_000, None, None, None]
    assert str(terms.authority[0]) == "underwriter, grade A: up to $20,000"
    assert str(terms.authority[1]) == "senior underwriter, any grade: up to $50,000"


def test_every_outcome_has_reasons() -> None:
    for outcome in FinalOutcome:
        assert DEFAULT_REVIEW_TERMS.reasons_for(outcome)
    reasons = {reason.code for reason in DEFAULT_REVIEW_TERMS.reasons_for(FinalOutcome.DECLINED)}
    assert "INCOME_NOT_VERIFIED" in reasons
    assert "INCOME_VERIFIED" not in reasons


def test_every_fault_is_named() -> None:
    with pytest.raises(InvalidReviewTerms) as refused:
        replace(
            DEFAULT_REVIEW_TERMS,
            due_hours=0,
            answer_days=0,
            approval_days=4_000,
            quality_share=float("nan"),
            authority=(
                AuthorityLimit(Role.LOAN_OFFICER, "A", 1),
                AuthorityLimit(UNDERWRITER, "A", 2),
                AuthorityLimit(UNDERWRITER, "A", 3),
                AuthorityLimit(SENIOR, "A", 2.5),
                AuthorityLimit(UNDERWRITER, "B", -1),
            ),
            reasons=(
                ResolutionReason("ok", "", (FinalOutcome.APPROVED,)),
                ResolutionReason("ok", "Fine", ()),
            ),
        )
    faults = "\n".join(refused.value.faults)
    for fault in (
        "due_hours must be from 1 to 8760, not 0",
        "answer_days must be from 1",
        "approval_days must be from 1",
        "quality_share must be from 0 to 1, not nan",
        "loan officer cannot decide cases",
        "underwriter, grade A has two limits",
        "the limit of the senior underwriter in grade A must not be below that of the underwriter",
        "up_to must be from 0",
        "grade B must not be below",
        "the reason ok is defined 2 times",
        "reason 'ok': a code is capital letters",
        "reason ok: the text must have",
        "reason ok: outcomes must name",
        "there is no reason for the outcome declined",
        "there is no reason for the outcome counter_offer",
    ):
        assert fault in faults


def test_codes_of_reasons_are_distinct() -> None:
    assert len({reason.code for reason in REASONS}) == len(REASONS)


def test_the_final_outcome_is_that_of_a_person_or_of_the_system() -> None:
    assert final_outcome(Outcome.APPROVED, None) is FinalOutcome.APPROVED
    assert final_outcome(Outcome.DECLINED, None) is FinalOutcome.DECLINED
    assert final_outcome(Outcome.REFERRED, None) is None
    assert final_outcome(Outcome.DECLINED, FinalOutcome.COUNTER_OFFER) is FinalOutcome.COUNTER_OFFER
    assert [each.lends for each in FinalOutcome] == [True, False, True]
