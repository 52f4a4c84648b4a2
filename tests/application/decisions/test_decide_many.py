"""Deciding several applicants: one call of the model for all, and failures affect one applicant only."""

from collections.abc import Sequence
from functools import cache

import pytest

from adapters.scoring.bundles.bundle import ModelBundle, load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from application.use_cases.decisions.decide_many import Decided, decide_many
from domain.decisions.decision import decide
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_loan_application, a_prediction
from support.paths import CHAMPION

APPLICANT = PERSONAL_LOAN.characteristics_of(a_loan_application())
OTHERS = [
    PERSONAL_LOAN.changed_inputs(APPLICANT, {"loan_amnt": amount}) for amount in (2_000.0, 9_000.0, 35_000.0)
]
WITHOUT_INCOME = PERSONAL_LOAN.changed_inputs(APPLICANT, {"annual_inc": 0.0})


@cache
def champion() -> ModelBundle:
    return load_bundle(CHAMPION, PERSONAL_LOAN)


class CountedModel(TableCreditModel):
    """Records the applicants of each call, and fails on those without income."""

    def __init__(self) -> None:
        super().__init__(champion())
        self.calls: list[Sequence[Characteristics]] = []

    def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
        self.calls.append(list(applicants))
        if any(applicant[PERSONAL_LOAN.inputs.index("annual_inc")] == 0 for applicant in applicants):
            raise ZeroDivisionError("no income")
        return super().predict_all(applicants)


@pytest.fixture
def model() -> CountedModel:
    return CountedModel()


def alone(applicant: Characteristics, known: Prediction | None = None) -> Decided:
    model = TableCreditModel(champion())
    prediction = known or model.predict(applicant)
    decision = decide(
        POLICY_1,
        applicant,
        prediction,
        reference=model.reference_profile(POLICY_1.approve_below),
        risk_by_amount=model.risk_by_amount,
    )
    return prediction, decision


def test_a_batch_is_predicted_together_with_the_decisions_of_single_requests(model: CountedModel) -> None:
    assert decide_many(model, POLICY_1, OTHERS) == [alone(applicant) for applicant in OTHERS]
    assert model.calls == [OTHERS]


def test_a_single_applicant_is_decided(model: CountedModel) -> None:
    assert decide_many(model, POLICY_1, [APPLICANT]) == [alone(APPLICANT)]


def test_no_applicants_need_no_model(model: CountedModel) -> None:
    assert decide_many(model, POLICY_1, []) == []
    assert decide_many(model, POLICY_1, [], []) == []
    assert model.calls == []


def test_a_repeated_applicant_is_decided_twice(model: CountedModel) -> None:
    assert decide_many(model, POLICY_1, [APPLICANT, APPLICANT]) == [alone(APPLICANT)] * 2


@pytest.mark.parametrize("index", range(3))
def test_a_known_prediction_is_not_made_again(model: CountedModel, index: int) -> None:
    known: list[Prediction | None] = [None] * 3
    known[index] = a_prediction(log_odds=-3.0)
    decided = decide_many(model, POLICY_1, OTHERS, known)
    assert decided == [alone(applicant, before) for applicant, before in zip(OTHERS, known, strict=True)]
    assert model.calls == [[applicant for each, applicant in enumerate(OTHERS) if each != index]]


def test_the_model_is_not_called_when_all_predictions_are_known(model: CountedModel) -> None:
    known = [a_prediction(log_odds=log_odds) for log_odds in (-3.0, -1.5, 0.5)]
    decided = decide_many(model, POLICY_1, OTHERS, known)
    assert decided == [alone(applicant, before) for applicant, before in zip(OTHERS, known, strict=True)]
    assert model.calls == []


@pytest.mark.parametrize("index", range(3))
def test_a_failure_of_the_model_affects_one_applicant(model: CountedModel, index: int) -> None:
    applicants = [*OTHERS[:index], WITHOUT_INCOME, *OTHERS[index:]]
    decided = decide_many(model, POLICY_1, applicants)
    assert isinstance(decided.pop(index), ZeroDivisionError)
    assert decided == [alone(applicant) for applicant in OTHERS]


def test_a_failure_next_to_known_predictions_affects_one_applicant(model: CountedModel) -> None:
    known = a_prediction(log_odds=-3.0)
    applicants, predictions = [OTHERS[0], WITHOUT_INCOME, OTHERS[1]], [known, None, None]
    first, second, third = decide_many(model, POLICY_1, applicants, predictions)
    assert (first, third) == (alone(OTHERS[0], known), alone(OTHERS[1]))
    assert isinstance(second, ZeroDivisionError)
    assert [OTHERS[0]] not in model.calls


def test_an_incomplete_prediction_never_decides_another_applicant(model: CountedModel) -> None:
    class Incomplete(CountedModel):
        def predict_all(self, applicants: Sequence[Characteristics]) -> Sequence[Prediction]:
            return super().predict_all(applicants)[:1]

    assert decide_many(Incomplete(), POLICY_1, OTHERS) == [alone(applicant) for applicant in OTHERS]
