"""Outcomes of a loan: what can follow what, repetitions, corrections, and what no sequence can lead to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.user import Actor, Role
from domain.applications.money import Money
from domain.outcomes.label import label
from domain.outcomes.loan import Loan, NotCorrectable, OutcomeConflict, fold
from domain.outcomes.loan_outcome import (
    InvalidLoanOutcome,
    LoanAmounts,
    LoanOutcome,
    LoanOutcomeKind,
    StatedOutcome,
)
from domain.outcomes.loan_status import LoanStatus

S = LoanStatus
AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
TODAY = AT.date()
BOOKED = date(2025, 1, 15)
RITA = Actor("rita", Role.RISK_MANAGER)
LOAN = Loan(UUID("7b0c43a4-0000-7c7b-8a53-0d6a3a5f2b11"), Money(1_000_000))


def stated(
    status: LoanStatus, as_of: date, *, days: int | None = None, booked_on: date | None = BOOKED, **amounts: int
) -> StatedOutcome:
    money = LoanAmounts(**{name: Money(cents) for name, cents in amounts.items()})
    return StatedOutcome(status, as_of, booked_on, days, money)


def recorded(loan: Loan, *outcomes: StatedOutcome) -> Loan:
    for outcome in outcomes:
        loan = loan.after(loan.record(outcome, outcome_id=uuid4(), by=RITA, at=AT, latest=TODAY))
    return loan


def corrected(loan: Loan, outcome: LoanOutcome, to: StatedOutcome, reason: str = "Wrong file.") -> Loan:
    return loan.after(
        loan.correct(outcome.outcome_id, to, reason, outcome_id=uuid4(), by=RITA, at=AT, latest=TODAY)
    )


def test_the_latest_day_says_what_became_of_a_loan_in_whatever_order_outcomes_arrive() -> None:
    loan = recorded(
        LOAN,
        stated(S.PERFORMING, date(2025, 6, 30)),
        stated(S.PAID, date(2026, 1, 31)),
        stated(S.LATE, date(2025, 9, 30), days=35),
        stated(S.BOOKED, BOOKED),
    )

    assert [each.stated.status for each in loan.effective] == [S.BOOKED, S.PERFORMING, S.LATE, S.PAID]
    assert (loan.last and loan.last.stated.status, loan.booked_on, loan.closed_on) == (
        S.PAID,
        BOOKED,
        date(2026, 1, 31),
    )
    assert (loan.version, loan.defaulted_on) == (4, None)


def test_the_first_outcome_states_when_the_loan_was_booked() -> None:
    with pytest.raises(InvalidLoanOutcome, match="booked_on is missing in the first outcome"):
        recorded(LOAN, stated(S.PERFORMING, TODAY, booked_on=None))
    booked = recorded(LOAN, stated(S.BOOKED, BOOKED, booked_on=None))
    later = recorded(booked, stated(S.PERFORMING, TODAY, booked_on=None))

    assert (booked.booked_on, later.booked_on, later.history[1].booked_on) == (BOOKED, BOOKED, BOOKED)
    with pytest.raises(OutcomeConflict, match="the loan was booked on 2025-01-15, not on 2025-02-01"):
        recorded(booked, stated(S.PERFORMING, TODAY, booked_on=date(2025, 2, 1)))


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (stated(S.PERFORMING, TODAY + timedelta(1)), "as_of is 2026-07-01; allowed is a day from"),
        (stated(S.PERFORMING, date(2025, 1, 14)), "as_of is 2025-01-14; allowed is the day of booking"),
        (stated(S.BOOKED, date(1969, 12, 31), booked_on=date(1969, 12, 31)), "booked_on is 1969-12-31"),
        (stated(S.LATE, TODAY), "days_past_due is missing for the status late; allowed is 1 to"),
        (stated(S.LATE, TODAY, days=0), "days_past_due is 0"),
        (stated(S.PERFORMING, TODAY, days=30), "days_past_due is 30 for the status performing"),
        (stated(S.PAID, TODAY, days=5), "days_past_due is stated for the status paid"),
        (stated(S.PERFORMING, TODAY, paid=5_000_001), r"at most 5 times the loan of \$10,000.00; are these cents"),
        (stated(S.PAID, TODAY, outstanding=1), r"outstanding is \$0.01 for the status paid"),
        (stated(S.PERFORMING, TODAY, charged_off=1), r"charged_off is \$0.01 for the status performing"),
        (stated(S.LATE, TODAY, days=30, recovered=1), r"recovered is \$0.01 for the status late"),
    ],
)
def test_what_cannot_be_true_is_refused(outcome: StatedOutcome, message: str) -> None:
    with pytest.raises(InvalidLoanOutcome, match=message):
        recorded(LOAN, outcome)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidLoanOutcome) as refused:
        recorded(LOAN, stated(S.PAID, TODAY + timedelta(9), days=3, outstanding=100))
    assert [fault.field for fault in refused.value.faults] == ["as_of", "days_past_due", "outstanding"]


@pytest.mark.parametrize("ended", [S.PAID, S.PREPAID, S.CHARGED_OFF])
def test_a_closed_loan_stays_as_it_ended(ended: LoanStatus) -> None:
    closed = recorded(LOAN, stated(ended, date(2026, 1, 31)))
    for other in set(LoanStatus) - {ended}:
        with pytest.raises(OutcomeConflict, match=f"a loan that was {ended.value} on 2026-01-31 cannot be"):
            recorded(closed, stated(other, TODAY, days=200 if other is S.LATE else None))


def test_recoveries_follow_a_charge_off() -> None:
    loan = recorded(
        LOAN,
        stated(S.CHARGED_OFF, date(2026, 1, 31), charged_off=600_000),
        stated(S.CHARGED_OFF, date(2026, 3, 31), charged_off=600_000, recovered=90_000),
    )
    assert (loan.closed_on, loan.defaulted_on) == (date(2026, 1, 31), date(2026, 1, 31))


def test_an_earlier_outcome_must_fit_what_is_known_later() -> None:
    booked = recorded(LOAN, stated(S.PERFORMING, date(2025, 3, 31)))
    with pytest.raises(OutcomeConflict, match="cannot be performing on 2025-03-31"):
        recorded(booked, stated(S.PAID, date(2025, 2, 28)))
    with pytest.raises(OutcomeConflict, match="cannot be booked on 2025-04-30"):
        recorded(booked, stated(S.BOOKED, date(2025, 4, 30)))


def test_two_outcomes_of_one_day_contradict_each_other() -> None:
    loan = recorded(LOAN, stated(S.PERFORMING, TODAY))
    with pytest.raises(OutcomeConflict, match="outcomes 1 and 2 say different things about 2026-06-30"):
        recorded(loan, stated(S.LATE, TODAY, days=31))


def test_a_repetition_is_found_with_or_without_the_day_of_booking() -> None:
    loan = recorded(LOAN, stated(S.PERFORMING, date(2025, 6, 30), paid=100_000))
    same = stated(S.PERFORMING, date(2025, 6, 30), paid=100_000)

    assert loan.repeated(same) == loan.history[0] == loan.repeated(replace(same, booked_on=None))
    assert loan.repeated(replace(same, as_of=date(2025, 7, 31))) is None
    assert loan.repeated(stated(S.PERFORMING, date(2025, 6, 30))) is None


def test_a_closed_loan_reported_again_tells_nothing_new() -> None:
    loan = recorded(LOAN, stated(S.PAID, date(2026, 1, 31), paid=1_200_000))

    assert loan.repeated(stated(S.PAID, TODAY, paid=1_200_000)) == loan.history[0]
    assert loan.repeated(stated(S.PAID, TODAY, paid=1_200_001)) is None


def test_a_correction_replaces_an_outcome_and_keeps_it_in_the_history() -> None:
    wrong = recorded(LOAN, stated(S.CHARGED_OFF, date(2025, 9, 30)))
    right = corrected(wrong, wrong.history[0], stated(S.PERFORMING, date(2025, 9, 30)))

    assert [each.kind for each in right.history] == [LoanOutcomeKind.RECORDED, LoanOutcomeKind.CORRECTED]
    assert [each.stated.status for each in right.effective] == [S.PERFORMING]
    assert (right.closed_on, right.defaulted_on) == (None, None)
    assert recorded(right, stated(S.PAID, TODAY)).closed_on == TODAY


def test_a_file_that_is_imported_again_does_not_undo_a_correction() -> None:
    wrong = recorded(LOAN, stated(S.CHARGED_OFF, date(2025, 9, 30)))
    right = corrected(wrong, wrong.history[0], stated(S.PERFORMING, date(2025, 9, 30)))
    assert right.repeated(stated(S.CHARGED_OFF, date(2025, 9, 30))) == wrong.history[0]


def test_a_correction_can_move_the_day_of_booking() -> None:
    wrong = recorded(LOAN, stated(S.PERFORMING, date(2025, 3, 31)), stated(S.PERFORMING, date(2025, 4, 30)))
    moved = stated(S.PERFORMING, date(2025, 4, 30), booked_on=date(2025, 3, 1))
    assert corrected(wrong, wrong.history[1], moved).booked_on == date(2025, 3, 1)
    with pytest.raises(OutcomeConflict, match="booked on 2025-04-01, and outcome 1 is of 2025-03-31"):
        corrected(wrong, wrong.history[1], replace(moved, booked_on=date(2025, 4, 1)))


def test_only_the_newest_form_of_an_outcome_of_the_loan_can_be_corrected() -> None:
    wrong = recorded(LOAN, stated(S.CHARGED_OFF, date(2025, 9, 30)))
    right = corrected(wrong, wrong.history[0], stated(S.PERFORMING, date(2025, 9, 30)))

    with pytest.raises(NotCorrectable, match=f"was corrected by outcome {right.history[1].outcome_id}"):
        corrected(right, wrong.history[0], stated(S.PAID, date(2025, 9, 30)))
    with pytest.raises(NotCorrectable, match="this loan has no outcome"):
        corrected(LOAN, wrong.history[0], stated(S.PAID, date(2025, 9, 30)))
    with pytest.raises(NotCorrectable, match="outcome 2 states exactly this already"):
        corrected(right, right.history[1], stated(S.PERFORMING, date(2025, 9, 30)))


@pytest.mark.parametrize("reason", ["", " Wrong file.", "Wrong\nfile.", "x" * 1001])
def test_a_correction_needs_a_reason(reason: str) -> None:
    wrong = recorded(LOAN, stated(S.CHARGED_OFF, date(2025, 9, 30)))
    with pytest.raises(InvalidLoanOutcome, match="reason is not a reason for a correction"):
        corrected(wrong, wrong.history[0], stated(S.PAID, date(2025, 9, 30)), reason)


def test_only_a_correction_has_a_reason_and_every_outcome_a_day_of_booking() -> None:
    one = recorded(LOAN, stated(S.PAID, TODAY)).history[0]
    with pytest.raises(InvalidLoanOutcome, match="reason is stated without a corrected outcome"):
        replace(one, reason="Wrong file.")
    with pytest.raises(ValueError, match="a recorded outcome has a day of booking"):
        replace(one, stated=replace(one.stated, booked_on=None))
    with pytest.raises(ValueError, match="outcome 1 does not follow outcome 1 of this loan"):
        recorded(LOAN, stated(S.PAID, TODAY)).after(one)


statements = st.builds(
    lambda status, day, days: stated(
        status, BOOKED + timedelta(day), days=days if status is S.LATE else None, booked_on=BOOKED
    ),
    st.sampled_from(LoanStatus),
    st.integers(0, 500),
    st.integers(1, 200),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), statements), max_size=12))
def test_no_sequence_of_outcomes_and_corrections_breaks_a_loan(
    steps: list[tuple[bool, StatedOutcome]],
) -> None:
    loan = LOAN
    for number, (correct, statement) in enumerate(steps):
        try:
            if correct and loan.history:
                target = loan.history[number % len(loan.history)]
                loan = corrected(loan, target, statement)
            elif loan.repeated(statement) is None:
                loan = recorded(loan, statement)
        except (OutcomeConflict, NotCorrectable):
            continue
    assert fold(loan.application_id, loan.amount, loan.history) == loan
    assert all(loan.repeated(each.stated) is not None for each in loan.history)
    days = [each.stated.as_of for each in loan.effective]
    assert days == sorted(days)
    closed = [each for each in loan.effective if each.stated.status.closed]
    assert loan.effective[len(loan.effective) - len(closed) :] == tuple(closed)
    assert len({each.stated.status for each in closed}) <= 1
    if loan.defaulted_on is not None:
        assert label(loan) is True
    assert (label(loan) is None) >= (loan.last is None)
