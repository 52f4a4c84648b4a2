"""Policy documents: equal policies have equal documents, and each document gives its policy."""

import json
from dataclasses import replace

import pytest

from domain.access.user import Role
from domain.canonical_json import canonical_json
from domain.policies.authority import ANY_GRADE, AuthorityLimit
from domain.policies.bureau_rules import BUREAU_RULES, STALE_REPORT_RULE
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS, InvalidReviewTerms
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import InvalidPolicy, in_present_schema, policy_from
from domain.policies.version_1 import POLICY_1
from domain.policies.version_2 import POLICY_2
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN


def test_a_policy_is_read_back_unchanged() -> None:
    again = policy_from(POLICY_1.document, PERSONAL_LOAN)
    assert again == POLICY_1
    assert again.fingerprint == POLICY_1.fingerprint


@pytest.mark.parametrize(
    ("policy", "fingerprint"),
    [
        (POLICY_1, "34d143e23b50b1cc3e0516b60d6fb0a66d72681f168b5c1ba37fbe00e257fa12"),
        (POLICY_2, "0a3d41b56e862d0c290bb9c96813ddf95ba305a4a616bcc2248aea5bd78ce3be"),
        (POLICY_3, "06580b47a29da28b094140d1d461695412fa7f8bd64958ca5c36bca2016a2d78"),
    ],
    ids=["1", "2", "3"],
)
def test_the_fingerprint_never_changes(policy: ScoringPolicy, fingerprint: str) -> None:
    """Records refer to the fingerprint for years, so a changed policy needs a new version."""
    assert policy.fingerprint == fingerprint


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
    later = POLICY_3.document.replace('"schema":4', '"schema":5')
    with pytest.raises(InvalidPolicy, match="schema 5"):
        policy_from(later, PERSONAL_LOAN)


@pytest.mark.parametrize("schema", [1, 2])
def test_an_earlier_policy_in_the_present_schema_has_what_it_adds(schema: int) -> None:
    policy = in_present_schema(replace(POLICY_1, schema=schema), "1b")
    assert (policy.version, policy.schema, policy.smallest_reason) == ("1b", 4, 0.05)
    assert policy.review_terms == DEFAULT_REVIEW_TERMS
    assert policy_from(policy.document, PERSONAL_LOAN) == policy
    assert (policy.rules, policy.pricing, policy.rationale) == (
        (*POLICY_1.rules, *BUREAU_RULES, STALE_REPORT_RULE),
        POLICY_1.pricing,
        POLICY_1.rationale,
    )


def test_a_policy_of_schema_3_keeps_its_smallest_reason() -> None:
    policy = replace(POLICY_1, schema=3, smallest_reason=0.1)
    assert in_present_schema(policy, "1c").smallest_reason == 0.1


def test_a_policy_of_the_present_schema_changes_its_version_only() -> None:
    rules = tuple(rule for rule in POLICY_3.rules if rule != STALE_REPORT_RULE)
    policy = replace(POLICY_3, rules=rules)
    assert in_present_schema(policy, "3b") == replace(policy, version="3b")


def test_policies_before_schema_4_state_no_terms_of_review() -> None:
    terms = replace(DEFAULT_REVIEW_TERMS, due_hours=24)
    with pytest.raises(InvalidReviewTerms, match="from schema 4 on"):
        replace(POLICY_2, review_terms=terms)
    with pytest.raises(InvalidPolicy):
        policy_from(f'{POLICY_2.document[:-1]},"review_terms":{canonical_json(terms)}}}', PERSONAL_LOAN)


def test_authority_is_for_grades_of_the_policy() -> None:
    limits = (
        AuthorityLimit(Role.UNDERWRITER, ANY_GRADE, 5_000.0),
        AuthorityLimit(Role.SENIOR_UNDERWRITER, ANY_GRADE, 5_000.0),
        AuthorityLimit(Role.SENIOR_UNDERWRITER, "Z", 5_000.0),
    )
    with pytest.raises(InvalidReviewTerms, match=r"unknown grade 'Z'; the grades are A, B, .* and '\*' for any"):
        replace(POLICY_3, review_terms=replace(DEFAULT_REVIEW_TERMS, authority=limits))


def test_a_policy_of_schema_2_with_a_smallest_reason_is_refused() -> None:
    document = replace(POLICY_1, schema=2).document
    with pytest.raises(InvalidPolicy):
        policy_from(f'{document[:-1]},"smallest_reason":0.05}}', PERSONAL_LOAN)
