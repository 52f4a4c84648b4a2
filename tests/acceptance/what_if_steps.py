"""Steps: what would be decided."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pytest_bdd import parsers, then, when

from acceptance.answers import WhatIfAnswer
from acceptance.application_steps import dollars
from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role
from domain.policies.outcome import Outcome
from domain.policies.rules import Comparison, Rule
from domain.policies.version_3 import POLICY_3

RITA = Actor("rita", Role.RISK_MANAGER)


@dataclass
class WhatIfState:
    answers: list[WhatIfAnswer] = field(default_factory=list)

    @property
    def answer(self) -> WhatIfAnswer:
        return self.answers[-1]


@pytest.fixture
def what_if() -> WhatIfState:
    return WhatIfState()


def _try(
    lender: Lender, state: ScenarioState, changes: dict[str, Any], versions: str = "decision"
) -> WhatIfAnswer:
    answer = lender.try_what_if(changes, by=OFFICER, decision_id=state.answer.decision_id, versions=versions)
    assert answer is not None
    return answer


@when(
    parsers.re(
        r"the loan officer tries the decision with \$(?P<amount>[\d,]+)(?P<present> and the present policy)?"
    )
)
def _(lender: Lender, state: ScenarioState, what_if: WhatIfState, amount: str, present: str | None) -> None:
    versions = "present" if present else "decision"
    what_if.answers.append(_try(lender, state, {"loan_amnt": dollars(amount)}, versions))


@when("the loan officer tries the decision without a change")
def _(lender: Lender, state: ScenarioState, what_if: WhatIfState) -> None:
    what_if.answers.append(_try(lender, state, {}))


@when("the loan officer tries her application")
def _(lender: Lender, state: ScenarioState, what_if: WhatIfState) -> None:
    answer = lender.try_what_if(state.form, by=OFFICER)
    assert answer is not None
    what_if.answers.append(answer)


@when("the lender activates a policy that lends to nobody with a debt-to-income ratio above 38 %")
def _(lender: Lender) -> None:
    rule = Rule(
        "debt to income is low",
        measure="debt to income after",
        comparison=Comparison.AT_MOST,
        limit=0.38,
        reason="EXCESSIVE_OBLIGATIONS",
        otherwise=Outcome.DECLINED,
    )
    lender.activate_policy(replace(POLICY_3, version="4", rules=(*POLICY_3.rules, rule)), by=RITA)


@then(parsers.parse("it would be {outcome}"))
def _(what_if: WhatIfState, outcome: str) -> None:
    assert what_if.answer.outcome == outcome


@then("the answer equals the decision")
def _(state: ScenarioState, what_if: WhatIfState) -> None:
    decision, answer = state.answer, what_if.answer
    assert (answer.pd, answer.recommended, answer.reasons) == (decision.pd, decision.recommended, decision.reasons)


@then(parsers.parse('the only reason would be "{reason}"'))
def _(what_if: WhatIfState, reason: str) -> None:
    assert what_if.answer.reasons == (reason,)


@then(parsers.parse('one of the reasons would be "{reason}"'))
def _(what_if: WhatIfState, reason: str) -> None:
    assert reason in what_if.answer.reasons


@then(parsers.re(r"only (?P<count>\d+) decisions? (is|are) recorded"))
def _(lender: Lender, count: str) -> None:
    assert len(lender.decisions.records()) == int(count)
    assert lender.verify().entries == int(count)


@then(parsers.re("an? (?P<role>auditor|service) may not try changes"))
def _(lender: Lender, state: ScenarioState, role: str) -> None:
    by = Actor("somebody", Role(role))
    assert lender.try_what_if(state.form, by=by) is None
    assert lender.try_what_if({}, by=by, decision_id=state.answer.decision_id) is None
