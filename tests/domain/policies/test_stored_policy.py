"""Policy documents: equal policies have equal documents, and each document gives its policy."""

import json
from dataclasses import replace

import pytest

from domain.policies.stored_policy import InvalidPolicy, in_present_schema, policy_from
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN


def test_a_policy_is_read_back_unchanged() -> None:
    again = policy_from(POLICY_1.document, PERSONAL_LOAN)
    assert again == POLICY_1
    assert again.fingerprint == POLICY_1.fingerprint


def test_the_fingerprint_never_changes() -> None:
    """Records refer to the fingerprint for years, so a changed policy needs a new version."""
    assert POLICY_1.fingerprint == "34d143e23b50b1cc3e0516b60d6fb0a66d72681f168b5c1ba37fbe00e257fa12"


def test_whole_limits_and_their_floats_are_one_policy() -> None:
    rules = tuple(replace(rule, limit=float(rule.limit)) for rule in POLICY_1.rules)
    assert replace(POLICY_1, rules=rules).fingerprint == POLICY_1.fingerprint


@pytest.mark.parametrize(
    "change", [{"version": "2"}, {"decline_from": 0.22}, {"rules": ()}, {"rationale": "why not"}]
)
def test_every_part_counts(change: dict[str, object]) -> None:
    assert replace(POLICY_1, **change).fingerprint != POLICY_1.fingerprint


def document_with(**changed: object) -> str:
    return json.dumps(json.loads(POLICY_1.document) | changed, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        "not json",
        document_with(surprise=1),
        document_with(rules=[{}]),
        document_with(approve_below=2.0),
        document_with(product={}),
        POLICY_1.document + " ",
        POLICY_1.document.replace("debt to income after", "height"),
    ],
)
def test_an_invalid_policy_is_refused(document: str) -> None:
    with pytest.raises(InvalidPolicy):
        policy_from(document, PERSONAL_LOAN)


def test_a_policy_of_schema_2_names_its_product_and_is_read_back_unchanged() -> None:
    policy = replace(POLICY_1, schema=2)
    content = json.loads(policy.document)
    assert (content["kind"], content["schema"]) == ("policy", 2)
    assert content["product"] == {"name": "personal_loan", "version": "1"}
    again = policy_from(policy.document, PERSONAL_LOAN)
    assert again == policy
    assert again.fingerprint == policy.fingerprint != POLICY_1.fingerprint


@pytest.mark.parametrize("schema", [1, 2])
def test_a_policy_of_another_product_is_refused(schema: int) -> None:
    other = replace(PERSONAL_LOAN, version="2")
    with pytest.raises(InvalidPolicy, match=r"is for personal_loan 1, not for personal_loan 2"):
        policy_from(replace(POLICY_1, schema=schema).document, other)


def test_a_policy_of_a_later_schema_is_refused() -> None:
    later = replace(POLICY_1, schema=3).document.replace('"schema":3', '"schema":4')
    with pytest.raises(InvalidPolicy, match="schema 4"):
        policy_from(later, PERSONAL_LOAN)


@pytest.mark.parametrize("schema", [1, 2])
def test_an_earlier_policy_in_the_present_schema_has_what_it_adds(schema: int) -> None:
    policy = in_present_schema(replace(POLICY_1, schema=schema), "1b")
    assert (policy.version, policy.schema, policy.smallest_reason) == ("1b", 3, 0.05)
    assert policy_from(policy.document, PERSONAL_LOAN) == policy
    assert (policy.rules, policy.pricing, policy.rationale) == (
        POLICY_1.rules,
        POLICY_1.pricing,
        POLICY_1.rationale,
    )


def test_a_policy_of_the_present_schema_keeps_its_smallest_reason() -> None:
    policy = replace(POLICY_1, schema=3, smallest_reason=0.1)
    assert in_present_schema(policy, "1c") == replace(policy, version="1c")


def test_a_policy_of_schema_2_with_a_smallest_reason_is_refused() -> None:
    document = replace(POLICY_1, schema=2).document
    with pytest.raises(InvalidPolicy):
        policy_from(f'{document[:-1]},"smallest_reason":0.05}}', PERSONAL_LOAN)
