"""Outcomes of a group keep their positions."""

import pytest

from application.outcomes import merge_outcomes, successes, unwrap

FAULT, ANOTHER = KeyError("a"), KeyError("b")


def test_a_result_is_given_and_a_fault_is_raised() -> None:
    assert unwrap(7) == 7
    with pytest.raises(KeyError) as raised:
        unwrap(FAULT)
    assert raised.value is FAULT


def test_with_the_results_alone_it_goes_on() -> None:
    assert successes([1, FAULT, 2, ANOTHER]) == [1, 2]
    assert successes([FAULT]) == successes([]) == []


def test_what_becomes_of_the_results_takes_their_places() -> None:
    assert merge_outcomes([1, FAULT, 2, 3], ["one", ANOTHER, "three"]) == ["one", FAULT, ANOTHER, "three"]
    assert merge_outcomes([FAULT, ANOTHER], []) == [FAULT, ANOTHER]
    assert merge_outcomes([], []) == []
