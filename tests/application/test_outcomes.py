"""Outcomes of a group keep their positions."""

import pytest

from application.outcomes import merge_outcomes, successes, unwrap

FAULT, ANOTHER = KeyError("a"), KeyError("b")


def test_a_result_is_given_and_a_fault_is_raised() -> None:
    assert unwrap(7) == 7
    with pytest.raises(KeyError) as raised:
        unwrap(FAULT)
    assert raised.value is FAULT


def test_successes_are_the_outcomes_without_exceptions() -> None:
    assert successes([1, FAULT, 2, ANOTHER]) == [1, 2]
    assert successes([FAULT]) == successes([]) == []


def test_later_outcomes_are_merged_at_the_positions_of_the_successes() -> None:
    assert merge_outcomes([1, FAULT, 2, 3], ["one", ANOTHER, "three"]) == ["one", FAULT, ANOTHER, "three"]
    assert merge_outcomes([FAULT, ANOTHER], []) == [FAULT, ANOTHER]
    assert merge_outcomes([], []) == []
