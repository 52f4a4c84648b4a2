"""Deciding together: one look at the model for all who come at once, and nobody pays for another's fault."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from adapters.scoring.bundle import ModelBundle, load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from application.use_cases.deciding_together import Assessed, DecidingTogether
from domain.policy.decision import decide
from domain.policy.version_1 import POLICY_1
from domain.risk.characteristics import Characteristics
from domain.risk.prediction import Prediction
from tests.builders import a_loan_application, a_prediction

CHAMPION = Path(__file__).parents[2] / "models" / "champion"
SOMEBODY = Characteristics.of(a_loan_application())
OTHERS = [replace(SOMEBODY, loan_amnt=amount) for amount in (2_000.0, 9_000.0, 35_000.0)]


@cache
def champion() -> ModelBundle:
    return load_bundle(CHAMPION)


class Watched(TableCreditModel):
    """Remembers whom it was asked about together, and fails on whoever has no income."""

    def __init__(self) -> None:
        super().__init__(champion())
        self.asked: list[Sequence[Characteristics]] = []

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        self.asked.append(applicants)
        if any(applicant.annual_inc == 0 for applicant in applicants):
            raise ZeroDivisionError("no income")
        return super().predict_all(applicants)


@pytest.fixture
def model() -> Watched:
    return Watched()


@pytest.fixture
def deciding(model: Watched) -> DecidingTogether:
    return DecidingTogether(model, POLICY_1)


def alone(applicant: Characteristics, known: Prediction | None = None) -> Assessed:
    model = TableCreditModel(champion())
    prediction = known or model.predict(applicant)
    risk_at = model.risk_at(applicant)
    return prediction, decide(POLICY_1, applicant, prediction, reference=model.reference, risk_at=risk_at)


async def test_those_who_come_in_one_turn_are_predicted_in_one_go_and_decided_as_each_alone(
    deciding: DecidingTogether, model: Watched
) -> None:
    assessed = await asyncio.gather(*map(deciding, OTHERS))
    assert assessed == [alone(applicant) for applicant in OTHERS]
    assert model.asked == [OTHERS]


async def test_whoever_comes_later_is_decided_on_later(deciding: DecidingTogether, model: Watched) -> None:
    for applicant in OTHERS:
        assert await deciding(applicant) == alone(applicant)
    assert model.asked == [[applicant] for applicant in OTHERS]


async def test_whoever_comes_while_others_are_told_is_not_forgotten(
    deciding: DecidingTogether, model: Watched
) -> None:
    async def twice(applicant: Characteristics) -> Assessed:
        await deciding(applicant)
        return await deciding(replace(applicant, dti=30.0))

    assessed = await asyncio.gather(*map(twice, OTHERS))
    assert assessed == [alone(replace(applicant, dti=30.0)) for applicant in OTHERS]
    assert len(model.asked) == 2


async def test_a_prediction_that_is_known_is_not_asked_for_again(
    deciding: DecidingTogether, model: Watched
) -> None:
    known = a_prediction(log_odds=-3.0)
    first, second = OTHERS[:2]
    assert await asyncio.gather(deciding(first, known), deciding(second)) == [alone(first, known), alone(second)]
    assert model.asked == [[second]]


async def test_of_those_together_only_the_one_whom_the_model_fails_on_fails(deciding: DecidingTogether) -> None:
    without_income = replace(SOMEBODY, annual_inc=0.0)
    told = await asyncio.gather(*map(deciding, [OTHERS[0], without_income, OTHERS[1]]), return_exceptions=True)
    assert [told[0], told[2]] == [alone(OTHERS[0]), alone(OTHERS[1])]
    assert isinstance(told[1], ZeroDivisionError)


async def test_whoever_has_left_meanwhile_is_not_decided_on(deciding: DecidingTogether, model: Watched) -> None:
    leaving, staying = (deciding(applicant) for applicant in OTHERS[:2])
    leaving.cancel()
    assert await staying == alone(OTHERS[1])
    assert model.asked == [[OTHERS[1]]]


def test_one_event_loop_after_another_is_served(deciding: DecidingTogether) -> None:
    async def ask() -> Assessed:
        return await deciding(SOMEBODY)

    assert asyncio.run(ask()) == asyncio.run(ask()) == alone(SOMEBODY)
