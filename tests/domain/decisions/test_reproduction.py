"""The comparison of a reproduction with the record finds every difference."""

import math
from dataclasses import replace
from typing import Any

import pytest

from domain.applications.money import Money
from domain.decisions.reproduction import Difference, compare
from domain.policies.outcome import Outcome
from support.builders import a_decision, a_prediction


def compared(**changed: Any) -> tuple[Difference, ...]:
    recorded = {"prediction": a_prediction(), "decision": a_decision(), "model_version": "1"}
    return compare(recorded, recorded | changed).differences


def test_equal_decisions_are_identical_in_every_field() -> None:
    recorded = {"prediction": a_prediction(), "decision": a_decision()}
    found = compare(recorded, {"prediction": a_prediction(), "decision": a_decision()})
    assert found.identical
    assert found.compared == 41


def test_one_bit_of_a_probability_is_a_difference() -> None:
    prediction = a_prediction()
    nudged = replace(prediction, base=math.nextafter(prediction.base, 0))
    (one,) = compared(prediction=nudged)
    assert (one.field, one.recorded, one.reproduced) == (
        "prediction.base",
        repr(prediction.base),
        repr(nudged.base),
    )


def test_zero_and_negative_zero_differ() -> None:
    (one,) = compare({"rate": 0.0}, {"rate": -0.0}).differences
    assert (one.recorded, one.reproduced) == ("0.0", "-0.0")


def test_every_differing_field_is_named() -> None:
    changed = a_decision(outcome=Outcome.DECLINED, recommended_amount=Money(1), reasons=a_decision().reasons[:1])
    assert [one.field for one in compared(decision=changed, model_version="2")] == [
        "decision.outcome",
        "decision.recommended_amount.cents",
        "decision.reasons[1].code",
        "decision.reasons[1].text",
        "model_version",
    ]


@pytest.mark.parametrize("shorter_first", [True, False])
def test_a_missing_part_differs_from_any_part(shorter_first: bool) -> None:
    two, one = {"rules": ("a", "b")}, {"rules": ("a",)}
    (found,) = compare(one, two).differences if shorter_first else compare(two, one).differences
    assert found.field == "rules[1]"
    assert sorted((found.recorded, found.reproduced)) == ["b", "nothing"]
