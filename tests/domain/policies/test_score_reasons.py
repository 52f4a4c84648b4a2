"""Which characteristics are stated as reasons of the score under policies of schema 3."""

from dataclasses import replace
from typing import Any

import pytest

from domain.policies.scoring_policy import InvalidSmallestReason
from domain.policies.version_2 import POLICY_2
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import some_characteristics

NAMES = PERSONAL_LOAN.characteristic_names


def codes(
    contributions: dict[str, float], alone: bool = True, reference: dict[str, float] | None = None, **values: Any
) -> list[str]:
    """The codes stated for the product's example with these values."""
    reasons = POLICY_2.score_reasons.principal(
        some_characteristics(**values),
        [contributions.get(name, 0.0) for name in NAMES],
        [(reference or {}).get(name, 0.0) for name in NAMES],
        alone=alone,
    )
    return [reason.code for reason in reasons]


def test_the_largest_come_first_and_at_most_four() -> None:
    risks = {"annual_inc": 0.1, "dti": 0.3, "fico_range_low": 0.2, "revol_util": 0.4, "inq_last_6mths": 0.5}
    assert codes(risks) == ["INQUIRIES", "REVOLVING_CREDIT", "OBLIGATIONS", "CREDIT_BUREAU_SCORE"]


def test_what_raises_the_log_odds_by_less_than_the_smallest_reason_is_none() -> None:
    assert codes({"dti": 0.05, "annual_inc": 0.0499}) == ["OBLIGATIONS"]
    assert codes({"dti": 0.15, "annual_inc": 0.1}, reference={"annual_inc": 0.06}) == ["OBLIGATIONS"]


def test_if_the_score_alone_decides_the_largest_is_stated_however_small() -> None:
    assert codes({"dti": 0.02, "annual_inc": 0.01}) == ["OBLIGATIONS"]
    assert codes({"dti": 0.02, "annual_inc": 0.01}, alone=False) == []


@pytest.mark.parametrize(
    ("name", "best", "next_best"),
    [("emp_length", 10.0, 9.0), ("term", 36.0, 60.0), ("delinq_2yrs", 0.0, 1.0), ("fico_range_low", 850.0, 845.0)],
)
def test_the_best_value_is_no_reason(name: str, best: float, next_best: float) -> None:
    reason = PERSONAL_LOAN.characteristics[NAMES.index(name)].reason
    assert codes({name: 0.4, "dti": 0.2}, **{name: best}) == ["OBLIGATIONS"]
    assert codes({name: 0.4, "dti": 0.2}, **{name: next_best}) == [reason, "OBLIGATIONS"]


def test_employment_that_was_not_stated_can_be_a_reason() -> None:
    assert codes({"emp_length": 0.4}, emp_length=float("nan")) == ["LENGTH_OF_EMPLOYMENT"]


def test_utilization_is_no_reason_without_revolving_credit() -> None:
    assert codes({"revol_util": 0.4, "dti": 0.2}, revol_util=float("nan")) == ["OBLIGATIONS"]


def test_a_true_reason_is_stated_before_a_larger_one_that_is_not() -> None:
    assert codes({"emp_length": 0.4, "dti": 0.01}, emp_length=10.0) == ["OBLIGATIONS"]


@pytest.mark.parametrize("smallest", [-0.01, 1.5, float("nan")])
def test_a_smallest_reason_that_no_reason_could_reach_is_refused(smallest: float) -> None:
    with pytest.raises(InvalidSmallestReason):
        replace(POLICY_2, smallest_reason=smallest)
