"""Deciding together: one look at the model for all who come at once, and nobody pays for another's fault."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from adapters.scoring.bundles.bundle import ModelBundle, load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from application.use_cases.decisions.decide_many import Decided, decide_many
from domain.decisions.decision import decide
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.policies.version_1 import POLICY_1
from support.builders import a_loan_application, a_prediction
from support.paths import CHAMPION

SOMEBODY = Characteristics.of(a_loan_application())
OTHERS = [replace(SOMEBODY, loan_amnt=amount) for amount in (2_000.0, 9_000.0, 35_000.0)]
WITHOUT_INCOME = replace(SOMEBODY, annual_inc=0.0)


@cache
def champion() -> ModelBundle:
    return load_bundle(CHAMPION)


class Watched(TableCreditModel):
    """Remembers whom it was asked about together, and fails on whoever has no income."""

    def __init__(self) -> None:
        super().__init__(champion())
        self.asked: list[Sequence[Characteristics]] = []

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        self.asked.append(list(applicants))
        if any(applicant.annual_inc == 0 for applicant in applicants):
            raise ZeroDivisionError("no income")
        return super().predict_all(applicants)


@pytest.fixture
def model() -> Watched:
    return Watched()


def alone(applicant: Characteristics, known: Prediction | None = None) -> Decided:
    model = TableCreditModel(champion())
    prediction = known or model.predict(applicant)
    decision = decide(
        POLICY_1, applicant, prediction, reference=model.reference, risk_by_amount=model.risk_by_amount
    )
    return prediction, decision


def test_all_are_predicted_in_one_go_and_decided_as_each_alone(model: Watched) -> None:
    assert decide_many(model, POLICY_1, OTHERS) == [alone(applicant) for applicant in OTHERS]
    assert model.asked == [OTHERS]


def test_one_alone_is_decided_on_too(model: Watched) -> None:
    assert decide_many(model, POLICY_1, [SOMEBODY]) == [alone(SOMEBODY)]


def test_nobody_is_decided_on_without_the_model(model: Watched) -> None:
    assert decide_many(model, POLICY_1, []) == []
    assert decide_many(model, POLICY_1, [], []) == []
    assert model.asked == []


def test_the_same_applicant_twice_is_decided_on_twice(model: Watched) -> None:
    assert decide_many(model, POLICY_1, [SOMEBODY, SOMEBODY]) == [alone(SOMEBODY)] * 2


@pytest.mark.parametrize("place", range(3))
def test_a_prediction_that_is_known_is_not_asked_for_again(model: Watched, place: int) -> None:
    known: list[Prediction | None] = [None] * 3
    known[place] = a_prediction(log_odds=-3.0)
    decided = decide_many(model, POLICY_1, OTHERS, known)
    assert decided == [alone(applicant, before) for applicant, before in zip(OTHERS, known, strict=True)]
    assert model.asked == [[applicant for each, applicant in enumerate(OTHERS) if each != place]]


def test_a_model_is_not_asked_where_all_is_known(model: Watched) -> None:
    known = [a_prediction(log_odds=log_odds) for log_odds in (-3.0, -1.5, 0.5)]
    decided = decide_many(model, POLICY_1, OTHERS, known)
    assert decided == [alone(applicant, before) for applicant, before in zip(OTHERS, known, strict=True)]
    assert model.asked == []


@pytest.mark.parametrize("place", range(3))
def test_what_the_model_raises_stands_in_the_place_of_whom_it_fails_on(model: Watched, place: int) -> None:
    applicants = [*OTHERS[:place], WITHOUT_INCOME, *OTHERS[place:]]
    decided = decide_many(model, POLICY_1, applicants)
    assert isinstance(decided.pop(place), ZeroDivisionError)
    assert decided == [alone(applicant) for applicant in OTHERS]


def test_a_failure_beside_known_predictions_stands_in_its_own_place(model: Watched) -> None:
    known = a_prediction(log_odds=-3.0)
    applicants, predictions = [OTHERS[0], WITHOUT_INCOME, OTHERS[1]], [known, None, None]
    first, second, third = decide_many(model, POLICY_1, applicants, predictions)
    assert (first, third) == (alone(OTHERS[0], known), alone(OTHERS[1]))
    assert isinstance(second, ZeroDivisionError)
    assert [OTHERS[0]] not in model.asked


def test_a_model_that_forgets_somebody_decides_on_nobody_wrongly(model: Watched) -> None:
    class Forgetful(Watched):
        def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
            return super().predict_all(applicants)[:1]

    assert decide_many(Forgetful(), POLICY_1, OTHERS) == [alone(applicant) for applicant in OTHERS]
