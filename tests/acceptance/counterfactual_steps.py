"""The steps of what would change a decision."""

from typing import Any

import pytest
from pytest_bdd import then, when

from acceptance.lenders import Lender, Told

Tellings = list[Told]


@pytest.fixture
def told() -> Tellings:
    return []


@when("she asks what would change the decision")
@when("she asks again what would change the decision")
def _(lender: Lender, story: Any, told: Tellings) -> None:
    told.append(lender.find_counterfactual(story.answer.decision_id))


@then("she is told that a smaller loan would be approved")
def _(story: Any, told: Tellings) -> None:
    assert 0 < _alone(told, "loan_amnt") < story.form["loan_amnt"]


@then("she is told that using less of her revolving credit would be approved")
def _(story: Any, told: Tellings) -> None:
    assert 0 <= _alone(told, "revol_util") < story.form["revol_util"]


@then("she is told of two changes that would be approved together")
def _(told: Tellings) -> None:
    assert [len(way) for way in told[-1].ways].count(2) == 1


@then("whatever she is told is approved when she applies so")
def _(lender: Lender, story: Any, told: Tellings) -> None:
    assert told[-1].ways
    for way in told[-1].ways:
        form = story.form | way
        form["fico_range_high"] = max(form["fico_range_low"] + 4, form["fico_range_high"])
        answer = lender.apply(form)
        assert answer is not None
        assert answer.outcome == "approved"


@then("she is told that nothing would have to change")
def _(told: Tellings) -> None:
    assert told == [Told(approved=True, ways=())]


@then("she is told that no change she can make would be approved")
def _(told: Tellings) -> None:
    assert told == [Told(approved=False, ways=())]


@then("she is told the same both times")
def _(told: Tellings) -> None:
    first, second = told
    assert first.ways
    assert first == second


def _alone(told: Tellings, name: str) -> float:
    """What one field alone would have to be."""
    (value,) = [way[name] for way in told[-1].ways if list(way) == [name]]
    assert isinstance(value, float)
    return value
