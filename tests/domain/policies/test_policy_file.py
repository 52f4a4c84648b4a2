"""Policies that people edit are read with every fault named."""

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.policies.policy_file import policy_in_file
from domain.policies.stored_policy import InvalidPolicy
from domain.policies.version_1 import POLICY_1
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN


def edited(**changed: Any) -> str:
    return json.dumps(json.loads(POLICY_1.document) | changed, indent=4)


def rules_with(number: int, **changed: Any) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = json.loads(POLICY_1.document)["rules"]
    rules[number - 1] |= changed
    return rules


def test_an_edited_policy_has_the_fingerprint_of_its_content() -> None:
    assert policy_in_file(edited(), PERSONAL_LOAN) == POLICY_1
    assert (
        policy_in_file(edited(rules=rules_with(3, limit=15_000)), PERSONAL_LOAN).fingerprint
        == POLICY_1.fingerprint
    )
    assert policy_in_file(edited(version="2"), PERSONAL_LOAN).fingerprint != POLICY_1.fingerprint


def test_every_fault_is_named() -> None:
    rules = [*rules_with(3, limit="15,000"), {"name": "more"}]
    product = json.loads(POLICY_1.document)["product"] | {"minimum_amount": True}
    with pytest.raises(InvalidPolicy) as refused:
        policy_in_file(edited(rules=rules, product=product, decline_at=0.2, rationale=7), PERSONAL_LOAN)
    faults = set(str(refused.value).splitlines())
    assert {
        "rules, number 3: limit must be a number, not '15,000'",
        "rules, number 10: measure is missing",
        "rules, number 10: otherwise is missing",
        "product: minimum_amount must be a number, not True",
        "the policy: rationale must be a text, not 7",
    } < faults
    assert any(fault.startswith("the policy: decline_at is unknown; the fields are version, ") for fault in faults)


def test_every_refused_value_is_named() -> None:
    rules = rules_with(1, measure="height")
    rules[1] |= {"otherwise": "approved"}
    rules[2] |= {"comparison": "above"}
    with pytest.raises(InvalidPolicy) as refused:
        policy_in_file(edited(rules=rules), PERSONAL_LOAN)
    first, second, third = str(refused.value).splitlines()
    assert "rules, number 1: " in first
    assert "'height'" in first
    assert "must be referred or declined" in second
    assert "'above' is not a valid Comparison" in third


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "must be an object"),
        (
            edited().replace('"approve_below"', '"approve_below": 0.2, "approve_below"'),
            "'approve_below' is given twice",
        ),
        (edited().replace('"limit"', '"limit": 1, "limit"', 1), "'limit' is given twice"),
        (edited(rules={}), "rules must be a list"),
        (edited(approve_below=0.5), "the approve cut-off must not be above"),
        (edited().replace("0.21", "NaN", 1), "the policy"),
    ],
)
def test_what_is_not_a_policy_is_refused(text: str, fault: str) -> None:
    with pytest.raises(InvalidPolicy, match=fault):
        policy_in_file(text, PERSONAL_LOAN)


def test_a_policy_of_schema_2_is_read_with_every_fault_named() -> None:
    policy = replace(POLICY_1, schema=2, version="2")
    content = json.loads(policy.document)
    assert policy_in_file(json.dumps(content, indent=1), PERSONAL_LOAN) == policy
    content["pricing"]["amount_step"] = "25"
    with pytest.raises(InvalidPolicy, match="pricing: amount_step must be a number"):
        policy_in_file(json.dumps(content), PERSONAL_LOAN)
    other = content | {
        "product": {"name": "auto_loan", "version": "1"},
        "pricing": json.loads(policy.document)["pricing"],
    }
    with pytest.raises(InvalidPolicy, match="for auto_loan 1, not for personal_loan 1"):
        policy_in_file(json.dumps(other), PERSONAL_LOAN)
    with pytest.raises(InvalidPolicy, match="schema 7"):
        policy_in_file(json.dumps(content | {"schema": 7}), PERSONAL_LOAN)


@pytest.mark.parametrize(
    ("pricing", "fault"),
    [
        ({"maximum_amount": float("inf")}, "more than 100,000 amounts"),
        ({"maximum_amount": 10**400}, "product: "),
        ({"amount_step": 5e-324}, "at least a cent"),
        ({"amount_step": 0.01}, "more than 100,000 amounts; choose a larger step"),
        ({"minimum_amount": float("nan")}, "at least a cent"),
        ({"grades": [{"name": "A", "pd_below": 1.0, "annual_rate": 5e-324}]}, "where 0.12 is 12 %"),
        ({"grades": [{"name": "A", "pd_below": 1.0, "annual_rate": 12}]}, "where 0.12 is 12 %"),
        ({"grades": [{"name": "A\0", "pd_below": 1.0, "annual_rate": 0.12}]}, "1 to 100 printable characters"),
    ],
)
def test_pricing_that_cannot_price_is_refused(pricing: dict[str, Any], fault: str) -> None:
    before = json.loads(POLICY_1.document)["product"]
    with pytest.raises(InvalidPolicy, match=fault):
        policy_in_file(edited(product=before | pricing), PERSONAL_LOAN)


@pytest.mark.parametrize("title", ["", " ", "2\0", "2\x1b[31m", "2\n", "2" * 101])
def test_versions_and_names_can_be_stored_and_shown(title: str) -> None:
    for changed in ({"version": title}, {"rules": rules_with(0, name=title)}):
        with pytest.raises(InvalidPolicy, match="1 to 100 printable characters"):
            policy_in_file(edited(**changed), PERSONAL_LOAN)


@pytest.mark.parametrize("limit", [10**400, float("nan"), float("inf")])
def test_a_limit_that_is_not_a_number_of_the_policy_is_refused(limit: float) -> None:
    with pytest.raises(InvalidPolicy):
        policy_in_file(edited(rules=rules_with(0, limit=limit)), PERSONAL_LOAN)


def review_with(**changed: Any) -> str:
    content = json.loads(POLICY_3.document)
    return json.dumps(content | {"review_terms": content["review_terms"] | changed})


def test_a_policy_of_schema_4_is_read() -> None:
    assert policy_in_file(review_with(), PERSONAL_LOAN) == POLICY_3
    assert policy_in_file(review_with(due_hours=24, blind=True), PERSONAL_LOAN).review_terms.due_hours == 24


def test_every_fault_of_the_terms_of_review_is_named() -> None:
    content = json.loads(POLICY_3.document)
    terms = content["review_terms"]
    del terms["answer_days"]
    terms |= {"due_hours": "48", "blind": 1, "quality_share": True, "surprise": 1, "approval_days": 2.5}
    terms["authority"][0] |= {"up_to": "1000"}
    terms["reasons"][1] = {"code": "X"}
    with pytest.raises(InvalidPolicy) as refused:
        policy_in_file(json.dumps(content), PERSONAL_LOAN)
    faults = str(refused.value).splitlines()
    assert faults[:1] == ["review_terms: answer_days is missing"]
    assert {
        "review_terms: due_hours must be a whole number, not '48'",
        "review_terms: blind must be true or false, not 1",
        "review_terms: quality_share must be a number, not True",
        "review_terms: approval_days must be a whole number, not 2.5",
        "authority, number 1: up_to must be a number, not '1000'",
        "reasons, number 2: text is missing",
        "reasons, number 2: outcomes is missing",
    } < set(faults)
    assert any(
        fault.startswith("review_terms: surprise is unknown; the fields are authority, ") for fault in faults
    )
    content.pop("review_terms")
    with pytest.raises(InvalidPolicy, match="the policy: review_terms is missing"):
        policy_in_file(json.dumps(content), PERSONAL_LOAN)


def test_every_refused_value_of_the_terms_of_review_is_named_beside_those_of_rules() -> None:
    content = json.loads(POLICY_3.document)
    content["rules"][-1] |= {"comparison": "at most"}
    content["review_terms"] |= {"due_hours": 0, "quality_share": 2}
    with pytest.raises(InvalidPolicy) as refused:
        policy_in_file(json.dumps(content), PERSONAL_LOAN)
    assert str(refused.value).splitlines() == [
        "rules, number 16: rule 'the applicant was not declined recently': days since last decline must be at "
        "least a number from 1 to 3,650",
        "review_terms: due_hours must be from 1 to 8760, not 0",
        "review_terms: quality_share must be from 0 to 1, not 2",
    ]
    for changed, fault in (
        ({"authority": [{"role": "king", "grade": "A", "up_to": 1}]}, "'king' is not a valid Role"),
        ({"authority": [{"role": "underwriter", "grade": "A", "up_to": 1}]}, "must not be below"),
        ({"authority": [{"role": "senior underwriter", "grade": "Z", "up_to": 1}]}, "unknown grade 'Z'"),
        ({"reasons": [{"code": "X", "text": "x", "outcomes": ["maybe"]}]}, "'maybe' is not a valid FinalOutcome"),
        ({"reasons": [{"code": "X", "text": "x", "outcomes": "approved"}]}, "outcomes must be a list"),
    ):
        with pytest.raises(InvalidPolicy, match=fault):
            policy_in_file(review_with(**changed), PERSONAL_LOAN)
