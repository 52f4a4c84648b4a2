"""Steps: counterfactuals."""

import pytest
from pytest_bdd import then, when

from acceptance.answers import CounterfactualAnswer
from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState


@pytest.fixture
def counterfactuals() -> list[CounterfactualAnswer]:
    return []


@when("she asks what would lead to approval")
@when("she asks again what would lead to approval")
def _(lender: Lender, state: ScenarioState, counterfactuals: list[CounterfactualAnswer]) -> None:
    counterfactuals.append(lender.find_counterfactual(state.answer.decision_id))


@then("the options include a smaller loan")
def _(state: ScenarioState, counterfactuals: list[CounterfactualAnswer]) -> None:
    assert 0 < single_change(counterfactuals, "loan_amnt") < state.form["loan_amnt"]


@then("the options include lower revolving utilization")
def _(state: ScenarioState, counterfactuals: list[CounterfactualAnswer]) -> None:
    assert 0 <= single_change(counterfactuals, "revol_util") < state.form["revol_util"]


@then("one of the options combines two changes")
def _(counterfactuals: list[CounterfactualAnswer]) -> None:
    assert [len(option) for option in counterfactuals[-1].options].count(2) == 1


@then("every option is approved when she applies with it")
def _(lender: Lender, state: ScenarioState, counterfactuals: list[CounterfactualAnswer]) -> None:
    assert counterfactuals[-1].options
    for option in counterfactuals[-1].options:
        form = state.form | option
        form["fico_range_high"] = max(form["fico_range_low"] + 4, form["fico_range_high"])
        answer = lender.apply(form)
        assert answer is not None
        assert answer.outcome == "approved"


@then("no change is needed")
def _(counterfactuals: list[CounterfactualAnswer]) -> None:
    assert counterfactuals == [CounterfactualAnswer(approved=True, options=())]


@then("there are no options")
def _(counterfactuals: list[CounterfactualAnswer]) -> None:
    assert counterfactuals == [CounterfactualAnswer(approved=False, options=())]


@then("the options are the same both times")
def _(counterfactuals: list[CounterfactualAnswer]) -> None:
    first, second = counterfactuals
    assert first.options
    assert first == second


def single_change(counterfactuals: list[CounterfactualAnswer], field: str) -> float:
    """The new value of the field in the option that changes this field only."""
    (value,) = [option[field] for option in counterfactuals[-1].options if list(option) == [field]]
    assert isinstance(value, float)
    return value
