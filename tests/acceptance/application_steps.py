"""Steps: applicants, their applications, and the decisions returned."""

from dataclasses import replace

from pytest_bdd import given, parsers, then, when

from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role
from domain.policies.version_1 import POLICY_1
from domain.policies.version_3 import POLICY_3
from support.other_models import CHAMPION, another_model


def dollars(text: str) -> float:
    return float(text.replace(",", ""))


@given("policy version 3 is in force")
def _(lender: Lender) -> None:
    assert lender.use_cases.assess.policy() is POLICY_3


@given("the lender still decides by policy 1")
def _(lender: Lender) -> None:
    lender.activate(CHAMPION, POLICY_1)


@when("the lender activates policy 3")
def _(lender: Lender) -> None:
    lender.activate(CHAMPION, POLICY_3)


@then("the 1st response states no outcome stability, and the 2nd does")
def _(state: ScenarioState) -> None:
    first, second = state.answers
    assert first.stability is None
    assert second.stability is not None
    assert 0.5 <= second.stability <= 1.0


@given(
    parsers.re(
        r"(?P<name>\w+) earns \$(?P<income>[\d,]+) per year and requests \$(?P<amount>[\d,]+) over (?P<term>.+)"
    )
)
def _(state: ScenarioState, name: str, income: str, amount: str, term: str) -> None:
    state.person = name
    state.forms[name] = {
        "annual_inc": dollars(income),
        "emp_length": "5 years",
        "home_ownership": "MORTGAGE",
        "loan_amnt": dollars(amount),
        "term": term,
        "purpose": "debt_consolidation",
        "fico_range_low": 700,
        "fico_range_high": 704,
        "dti": 15.5,
        "revol_util": 25.0,
        "inq_last_6mths": 2,
        "delinq_2yrs": 0,
        "pub_rec": 0,
    }


@given(parsers.re(r"(her|his) FICO score is (?P<low>\d+) to (?P<high>\d+)"))
def _(state: ScenarioState, low: str, high: str) -> None:
    state.form.update(fico_range_low=int(low), fico_range_high=int(high))


@given(parsers.re(r"s?he had (?P<count>\d+) credit inquiries in the last six months"))
def _(state: ScenarioState, count: str) -> None:
    state.form["inq_last_6mths"] = int(count)


@given(parsers.parse('he has been employed for "{words}"'))
def _(state: ScenarioState, words: str) -> None:
    state.form["emp_length"] = words


@given(parsers.re(r"s?he uses (?P<percent>[\d.]+) % of (her|his) revolving credit"))
def _(state: ScenarioState, percent: str) -> None:
    state.form["revol_util"] = float(percent)


@given(parsers.re(r"(her|his) debt-to-income ratio is (?P<percent>\d+) %"))
def _(state: ScenarioState, percent: str) -> None:
    state.form["dti"] = float(percent)


@given(parsers.re(r"s?he has (?P<count>\d+) public records"))
def _(state: ScenarioState, count: str) -> None:
    state.form["pub_rec"] = int(count)


@when(parsers.re(r"(?P<name>\w+) applies( again)?"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    if name[0].isupper():
        state.person = name
    state.responses.append(lender.apply(state.form))


@given(parsers.re(r"she applies (?P<times>\d+) times?"))
@when(parsers.re(r"she applies (?P<times>\d+) times?"))
def _(lender: Lender, state: ScenarioState, times: str) -> None:
    state.responses.extend(lender.apply(state.form) for _ in range(int(times)))


@when("she applies for the recommended amount")
def _(lender: Lender, state: ScenarioState) -> None:
    state.form["loan_amnt"] = state.answer.recommended
    state.responses.append(lender.apply(state.form))


@when("he applies for the proposed loan")
def _(lender: Lender, state: ScenarioState) -> None:
    assert state.answer.alternative is not None
    amount, term = state.answer.alternative
    state.form.update(loan_amnt=amount, term=term)
    state.responses.append(lender.apply(state.form))


@when("she applies without a revolving account")
def _(lender: Lender, state: ScenarioState) -> None:
    state.form["revol_util"] = None
    state.responses.append(lender.apply(state.form))


@when(parsers.re(r"she applies again with a FICO score of (?P<low>\d+) to (?P<high>\d+)"))
def _(lender: Lender, state: ScenarioState, low: str, high: str) -> None:
    state.form.update(fico_range_low=int(low), fico_range_high=int(high))
    state.responses.append(lender.apply(state.form))


@when(parsers.re(r'she applies (again )?with the key "(?P<key>.+)"'))
def _(lender: Lender, state: ScenarioState, key: str) -> None:
    state.responses.append(lender.apply_with_key(state.form, key))


@when(parsers.re(r'she requests \$(?P<amount>[\d,]+) instead, with the key "(?P<key>.+)"'))
def _(lender: Lender, state: ScenarioState, amount: str, key: str) -> None:
    state.form["loan_amnt"] = dollars(amount)
    state.responses.append(lender.apply_with_key(state.form, key))


@when(parsers.parse('the broker {name} applies for her with the key "{key}"'))
def _(lender: Lender, state: ScenarioState, name: str, key: str) -> None:
    state.responses.append(lender.apply_with_key(state.form, key, by=Actor(name, Role.SERVICE)))


@when(parsers.parse("the {role} submits her application"))
def _(lender: Lender, state: ScenarioState, role: str) -> None:
    state.responses.append(lender.apply(state.form, by=Actor("user", Role(role))))


@when("the lender activates a stricter model")
def _(lender: Lender) -> None:
    lender.activate(another_model(), POLICY_3)


@when("the lender activates a stricter policy")
def _(lender: Lender) -> None:
    lender.activate(CHAMPION, replace(POLICY_3, version="4", decline_from=0.15))


@then(parsers.re(r"the request is (?P<result>allowed|refused)"))
def _(state: ScenarioState, result: str) -> None:
    assert (state.responses[-1] is not None) == (result == "allowed")


@then(parsers.re(r"the loan is (?P<outcome>approved|referred|declined)( to an underwriter)?"))
def _(state: ScenarioState, outcome: str) -> None:
    assert state.answer.outcome == outcome


@then("a default is predicted")
def _(state: ScenarioState) -> None:
    assert state.answer.default_predicted
    assert state.answer.pd >= POLICY_3.decline_from


@then(parsers.re(r"\$(?P<amount>[\d,]+) is recommended"))
def _(state: ScenarioState, amount: str) -> None:
    assert state.answer.recommended == dollars(amount)


@then("a smaller amount is recommended")
def _(state: ScenarioState) -> None:
    assert 0 < state.answer.recommended < state.form["loan_amnt"]


@then("no reasons are stated")
def _(state: ScenarioState) -> None:
    assert state.answer.reasons == ()


@then(parsers.parse("between {fewest:d} and {most:d} reasons are stated"))
def _(state: ScenarioState, fewest: int, most: int) -> None:
    assert fewest <= len(state.answer.reasons) <= most


@then(parsers.parse('one of the reasons is "{text}"'))
def _(state: ScenarioState, text: str) -> None:
    assert text in state.answer.reasons


@then(parsers.parse('the only reason is "{text}"'))
def _(state: ScenarioState, text: str) -> None:
    assert state.answer.reasons == (text,)


@then(parsers.parse("the confidence is {confidence}"))
def _(state: ScenarioState, confidence: str) -> None:
    assert state.answer.confidence == confidence


@then(parsers.parse('the reasons from rules are "{texts}"'))
def _(state: ScenarioState, texts: str) -> None:
    assert ", ".join(state.answer.rule_reasons) == texts
    assert state.answer.reasons[: len(state.answer.rule_reasons)] == state.answer.rule_reasons


@then(parsers.parse('one of the reasons from the score is "{text}"'))
def _(state: ScenarioState, text: str) -> None:
    assert text in state.answer.score_reasons
    assert state.answer.reasons == state.answer.rule_reasons + state.answer.score_reasons


@then(parsers.parse('none of the reasons is "{text}"'))
def _(state: ScenarioState, text: str) -> None:
    assert state.answer.reasons
    assert text not in state.answer.reasons


@then(parsers.parse("a loan over {term} is proposed instead"))
def _(state: ScenarioState, term: str) -> None:
    assert state.answer.alternative is not None
    assert state.answer.alternative[1] == term


@then("the outcome is certain")
def _(state: ScenarioState) -> None:
    assert state.answer.stability == 1.0


@then("the response states that his debt-to-income ratio is outside the training range")
def _(state: ScenarioState) -> None:
    assert state.answer.out_of_domain == ("dti",)


@then("nothing is outside the training range")
def _(state: ScenarioState) -> None:
    assert state.answer.out_of_domain == ()


@then("the second probability of default is not above the first")
def _(state: ScenarioState) -> None:
    first, second = state.answers
    assert second.pd <= first.pd


@then("the second response has a higher probability of default than the first")
def _(state: ScenarioState) -> None:
    first, second = state.answers
    assert second.pd > first.pd


@then("both responses have exactly the same probability of default")
def _(state: ScenarioState) -> None:
    first, second = state.answers
    assert first.pd.hex() == second.pd.hex()


@then("both responses contain the same decision")
def _(state: ScenarioState) -> None:
    first, second = state.answers
    assert replace(first, replayed=False) == replace(second, replayed=False)


@then("the second response is marked as a replay")
def _(state: ScenarioState) -> None:
    assert [answer.replayed for answer in state.answers] == [False, True]
