"""Idempotency keys and claims: valid keys, and equal requests."""

from datetime import date

import pytest

from application.ports.decisions.idempotency import Claim, IdempotencyKey, InvalidIdempotencyKey, canonical_request
from domain.cases.resolution import DocumentPointer
from support.builders import a_loan_application, an_actor


@pytest.mark.parametrize("text", ["", "x" * 256, "two words", "tab\t", "café", "nul\0", "\x7f"])
def test_an_invalid_key_is_rejected(text: str) -> None:
    with pytest.raises(InvalidIdempotencyKey):
        IdempotencyKey(text)


@pytest.mark.parametrize("text", ["x", "x" * 255, "8e03978e-40d5-43dd-bc93-6894a57f9324", "!~"])
def test_visible_ascii_is_a_valid_key(text: str) -> None:
    assert IdempotencyKey(text).text == text


def a_claim(*, to: str = "assess", request: object = None) -> Claim:
    return Claim.of(IdempotencyKey("key"), by=an_actor(), operation=to, request=request or a_loan_application())


def test_the_same_application_is_the_same_request() -> None:
    assert a_claim() == a_claim()
    assert a_claim().place == ("marta", "key")


def test_a_different_application_or_action_is_a_different_request() -> None:
    larger = a_loan_application(loan_amnt=12_000.26)
    assert (
        len({a_claim().fingerprint, a_claim(request=larger).fingerprint, a_claim(to="decide a batch").fingerprint})
        == 3
    )


def test_the_canonical_form_never_changes() -> None:
    """Keys are kept for days: replicas of two releases must agree on equal requests."""
    assert canonical_request(a_loan_application()) == (
        '{"applicant":{"annual_inc":64000.5,"delinq_2yrs":1,"dti":17.42,"emp_length":"4 years",'
        '"fico_range_high":694,"fico_range_low":690,"home_ownership":"MORTGAGE","inq_last_6mths":2,"pub_rec":1,'
        '"revol_util":51.3},"product":{"name":"personal_loan","version":"1"},'
        '"terms":{"amount":{"cents":1200025},"purpose":"credit_card","term":36}}'
    )


def test_a_value_without_a_canonical_form_is_rejected() -> None:
    with pytest.raises(TypeError):
        canonical_request({"file": object()})


def test_a_request_may_have_dates() -> None:
    request = {"document": DocumentPointer("payslip", date(2026, 3, 14), "a" * 64)}
    assert '"date":"2026-03-14"' in canonical_request(request)
