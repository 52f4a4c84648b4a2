"""Steps: another product than the personal loan."""

import re
from typing import Any

from pytest_bdd import given, parsers, then, when

from acceptance.application_steps import dollars
from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.products.plausibility import questionable
from support.boat_model import lending_for_boats
from support.other_product import BOAT_LOAN


@given("the lender offers boat loans")
@when("the lender offers boat loans")
def _(lender: Lender) -> None:
    lender.use_cases = lending_for_boats(lender.use_cases)
    lender.use_cases_changed()


@when(parsers.re(r"(?P<name>\w+) requests \$(?P<amount>[\d,]+) over (?P<duration>\d+ months) for a boat"))
def _(lender: Lender, state: ScenarioState, name: str, amount: str, duration: str) -> None:
    form: dict[str, Any] = dict(BOAT_LOAN.example) | {"price": dollars(amount), "duration": duration}
    state.person, state.forms[name] = name, form
    state.responses.append(lender.apply(form))


@then(
    parsers.re(
        r"(Anna|Nora)'s decision is (still )?shown as a (?P<product>\w+) loan "
        r"with an income of \$(?P<income>[\d,]+) per (year|month)"
    )
)
def _(lender: Lender, state: ScenarioState, product: str, income: str) -> None:
    answer = state.answers[0 if product == "personal" else -1]
    shown = lender.shown_application(answer.decision_id)
    assert shown["product"] == f"{product}_loan"
    assert dollars(income) in {shown["values"].get("annual_inc"), shown["values"].get("monthly_income")}


@then(parsers.re(r'the form asks about (her (?P<labels>".+")|nothing)'))
def _(lender: Lender, state: ScenarioState, labels: str | None) -> None:
    product = lender.use_cases.read_product_in_force()
    asked = questionable(product.plausibility, state.form, product.amount)
    expected = re.findall('"(.+?)"', labels or "")
    assert [product.field_by_name[check.field].label for check in asked] == expected
