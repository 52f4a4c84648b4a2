"""Deciding together: one look at the model for all who come at once, and nobody pays for another's fault."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from adapters.scoring.bundle import ModelBundle, load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from application.use_cases.deciding_together import Decided, decide_together
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


def alone(applicant: Characteristics, known: Prediction | None = None) -> Decided:
    model = TableCreditModel(champion())
    prediction = known or model.predict(applicant)
    risk_at = model.risk_at(applicant)
    return prediction, decide(POLICY_1, applicant, prediction, reference=model.reference, risk_at=risk_at)


def test_those_who_come_together_are_predicted_in_one_go_and_decided_as_each_alone(model: Watched) -> None:
    assert decide_together(model, POLICY_1, OTHERS) == [alone(applicant) for applicant in OTHERS]
    assert model.asked == [OTHERS]


def test_nobody_at_all_is_decided_on_without_asking_the_model(model: Watched) -> None:
    assert decide_together(model, POLICY_1, []) == []
    assert model.asked == []


def test_a_prediction_that_is_known_is_not_asked_for_again(model: Watched) -> None:
    known = a_prediction(log_odds=-3.0)
    first, second = OTHERS[:2]
    decided = decide_together(model, POLICY_1, [first, second], [known, None])
    assert decided == [alone(first, known), alone(second)]
    assert model.asked == [[second]]


def test_where_all_predictions_are_known_the_model_is_not_asked(model: Watched) -> None:
    known = [a_prediction(log_odds=-3.0), a_prediction(log_odds=-1.0)]
    decided = decide_together(model, POLICY_1, OTHERS[:2], known)
    assert decided == [alone(applicant, each) for applicant, each in zip(OTHERS, known, strict=False)]
    assert model.asked == []


@pytest.mark.parametrize("known", [None, [None, None, None]])
def test_of_those_together_only_the_one_whom_the_model_fails_on_fails(
    model: Watched, known: Sequence[None] | None
) -> None:
    without_income = replace(SOMEBODY, annual_inc=0.0)
    told = decide_together(model, POLICY_1, [OTHERS[0], without_income, OTHERS[1]], known)
    assert [told[0], told[2]] == [alone(OTHERS[0]), alone(OTHERS[1])]
    assert isinstance(told[1], ZeroDivisionError)
