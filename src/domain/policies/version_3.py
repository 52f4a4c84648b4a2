"""Version 3 of the personal loan's policy. It is archived by fingerprint, so it must never change."""

from dataclasses import replace

from domain.access.user import Role
from domain.policies.authority import AuthorityLimit
from domain.policies.bureau_rules import BUREAU_RULES, STALE_REPORT_RULE
from domain.policies.circumstance_measures import DAYS_SINCE_APPLICATION, DAYS_SINCE_DECLINE, EXPOSURE
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS
from domain.policies.rules import Comparison, Rule
from domain.policies.version_2 import POLICY_2

_RULES = (
    Rule(
        "accepted loans and this one are within the limit",
        measure=EXPOSURE,
        comparison=Comparison.AT_MOST,
        limit=50_000,
        reason="EXPOSURE_LIMIT",
        otherwise=Outcome.DECLINED,
    ),
    *BUREAU_RULES,
    STALE_REPORT_RULE,
    Rule(
        "the applicant has no other recent application",
        measure=DAYS_SINCE_APPLICATION,
        comparison=Comparison.AT_LEAST,
        limit=30,
        reason="DUPLICATE_APPLICATION",
        otherwise=Outcome.REFERRED,
    ),
    Rule(
        "the applicant was not declined recently",
        measure=DAYS_SINCE_DECLINE,
        comparison=Comparison.AT_LEAST,
        limit=30,
        reason="COOLING_OFF_AFTER_DECLINE",
        otherwise=Outcome.DECLINED,
    ),
)

_UNDERWRITER, _SENIOR = Role.UNDERWRITER, Role.SENIOR_UNDERWRITER

_REVIEW = replace(
    DEFAULT_REVIEW_TERMS,
    authority=(
        AuthorityLimit(_UNDERWRITER, "A", 25_000.0),
        AuthorityLimit(_UNDERWRITER, "B", 25_000.0),
        AuthorityLimit(_UNDERWRITER, "C", 20_000.0),
        AuthorityLimit(_UNDERWRITER, "D", 15_000.0),
        AuthorityLimit(_UNDERWRITER, "E", 10_000.0),
        AuthorityLimit(_SENIOR, "A", 35_000.0),
        AuthorityLimit(_SENIOR, "B", 35_000.0),
        AuthorityLimit(_SENIOR, "C", 35_000.0),
        AuthorityLimit(_SENIOR, "D", 35_000.0),
        AuthorityLimit(_SENIOR, "E", 25_000.0),
        AuthorityLimit(_SENIOR, "F", 10_000.0),
    ),
)

_RATIONALE = """
Version 3 decides as version 2 does on an application about which nothing else is known. What it adds are
choices, not findings: the loans of the past say nothing about them.
Missing, frozen or disputed bureau data, and a bureau report of more than 30 days: a person verifies what the
score rests on. A second application within 30 days: a person compares the two. Within 30 days of a decline:
declined, because little can have changed. Accepted loans of one applicant: at most $50,000 together.
An underwriter decides cases alone up to an amount that falls with the grade. A senior underwriter decides up to
the largest loan in grades A to D, less in E and F, and nothing in G, where three in ten default or more.
"""

POLICY_3 = replace(
    POLICY_2,
    version="3",
    schema=4,
    rules=POLICY_2.rules + _RULES,
    review_terms=_REVIEW,
    rationale=POLICY_2.rationale + _RATIONALE,
)
"""The built-in policy, in force where no policy was activated before."""
