"""Steps: what the demonstration made up."""

import asyncio

from pytest_bdd import given, parsers, then, when

from acceptance.lender import OFFICER, Lender
from acceptance.scenario_state import ScenarioState
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.synthetic import SYNTHETIC_SOURCE
from support.batches import PORTAL


@given("the demonstration made up an application like hers", target_fixture="made_up")
def _(lender: Lender, state: ScenarioState) -> object:
    application = lender.use_cases.read_product_in_force().application_from(state.form)
    identity = ApplicationIdentity(source=SYNTHETIC_SOURCE)
    assess = lender.use_cases.assess
    record = asyncio.run(assess(application, by=OFFICER, received_through="api", identity=identity))
    return record.decision_id


@when(parsers.parse('the broker portal applies for her from the source "{source}"'))
def _(lender: Lender, state: ScenarioState, source: str) -> None:
    state.responses.append(lender.apply(state.form | {"source": source}, by=PORTAL))


@then("that application is marked as synthetic")
def _(lender: Lender, made_up: object) -> None:
    assert lender.is_synthetic(made_up)  # type: ignore[arg-type] # the identifier of the step above


@then("her application is not marked as synthetic")
def _(lender: Lender, state: ScenarioState) -> None:
    assert not lender.is_synthetic(state.answer.decision_id)
