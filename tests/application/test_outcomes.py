"""What became of several things done together stays in its place, whatever becomes of the others."""

import pytest

from application.outcomes import in_their_places, result_of, results_of

FAULT, ANOTHER = KeyError("a"), KeyError("b")


def test_a_result_is_given_and_a_fault_is_raised() -> None:
    assert result_of(7) == 7
    with pytest.raises(KeyError) as raised:
        result_of(FAULT)
    assert raised.value is FAULT


def test_with_the_results_alone_it_goes_on() -> None:
    assert results_of([1, FAULT, 2, ANOTHER]) == [1, 2]
    assert results_of([FAULT]) == results_of([]) == []


def test_what_becomes_of_the_results_takes_their_places() -> None:
    assert in_their_places([1, FAULT, 2, 3], ["one", ANOTHER, "three"]) == ["one", FAULT, ANOTHER, "three"]
    assert in_their_places([FAULT, ANOTHER], []) == [FAULT, ANOTHER]
    assert in_their_places([], []) == []
