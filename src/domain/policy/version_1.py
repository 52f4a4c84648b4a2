"""Policy version 1: provisional numbers."""

from domain.policy.outcome import Outcome
from domain.policy.product import Grade, Product
from domain.policy.rules import Comparison, Rule
from domain.policy.scoring_policy import ScoringPolicy
from domain.risk.reasons import ReasonCode

POLICY_1 = ScoringPolicy(
    version="1",
    rules=(
        Rule(
            "the amount is not below the product's least",
            measure="loan amount",
            comparison=Comparison.AT_LEAST,
            limit=1_000,
            reason=ReasonCode.AMOUNT_OUTSIDE_PRODUCT,
            otherwise=Outcome.DECLINED,
        ),
        Rule(
            "the amount is not above the product's most",
            measure="loan amount",
            comparison=Comparison.AT_MOST,
            limit=35_000,
            reason=ReasonCode.AMOUNT_OUTSIDE_PRODUCT,
            otherwise=Outcome.DECLINED,
        ),
        Rule(
            "income reaches the minimum",
            measure="annual income",
            comparison=Comparison.AT_LEAST,
            limit=12_000,
            reason=ReasonCode.INCOME_BELOW_MINIMUM,
            otherwise=Outcome.DECLINED,
        ),
        Rule(
            "debt to income is bearable",
            measure="debt to income after",
            comparison=Comparison.AT_MOST,
            limit=0.43,
            reason=ReasonCode.EXCESSIVE_OBLIGATIONS,
            otherwise=Outcome.DECLINED,
        ),
        Rule(
            "the loan is in proportion to income",
            measure="loan to income",
            comparison=Comparison.AT_MOST,
            limit=0.5,
            reason=ReasonCode.AMOUNT_TOO_LARGE_FOR_INCOME,
            otherwise=Outcome.REFERRED,
        ),
        Rule(
            "the credit bureau's score reaches the floor",
            measure="FICO",
            comparison=Comparison.AT_LEAST,
            limit=660,
            reason=ReasonCode.BUREAU_SCORE_BELOW_MINIMUM,
            otherwise=Outcome.DECLINED,
        ),
        Rule(
            "recent delinquencies are few",
            measure="delinquencies in two years",
            comparison=Comparison.AT_MOST,
            limit=3,
            reason=ReasonCode.TOO_MANY_DELINQUENCIES,
            otherwise=Outcome.DECLINED,
        ),
        Rule(
            "public records are looked at by a person",
            measure="public records",
            comparison=Comparison.AT_MOST,
            limit=1,
            reason=ReasonCode.TOO_MANY_PUBLIC_RECORDS,
            otherwise=Outcome.REFERRED,
        ),
    ),
    approve_below=0.16,
    decline_from=0.22,
    product=Product(
        minimum_amount=1_000,
        maximum_amount=35_000,
        amount_step=25,
        grades=(
            Grade("A", 0.06, 0.075),
            Grade("B", 0.10, 0.10),
            Grade("C", 0.15, 0.125),
            Grade("D", 0.20, 0.145),
            Grade("E", 0.30, 0.165),
            Grade("F", 1.0, 0.19),
        ),
    ),
    rationale="Provisional.",
)
"""The first policy in force."""
