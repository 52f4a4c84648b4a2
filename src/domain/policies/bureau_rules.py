"""The rules by which missing or doubtful data of the credit bureau never approves.

They apply under every policy that has no rule of its own on the same measure, also under one that was written
before requests could state the bureau's status. Version 3 of the policy contains them, so they must never change.
"""

from domain.policies.circumstance_measures import BUREAU_AGE, BUREAU_AVAILABLE, BUREAU_OPEN, BUREAU_UNDISPUTED
from domain.policies.outcome import Outcome
from domain.policies.rules import Comparison, Rule

BUREAU_RULES = (
    Rule(
        "the credit bureau has a result",
        measure=BUREAU_AVAILABLE,
        comparison=Comparison.AT_LEAST,
        limit=1,
        reason="UNABLE_TO_VERIFY_BUREAU",
        otherwise=Outcome.REFERRED,
    ),
    Rule(
        "the credit bureau's file is not frozen",
        measure=BUREAU_OPEN,
        comparison=Comparison.AT_LEAST,
        limit=1,
        reason="UNABLE_TO_VERIFY_FROZEN_FILE",
        otherwise=Outcome.REFERRED,
    ),
    Rule(
        "the credit bureau's data are not disputed",
        measure=BUREAU_UNDISPUTED,
        comparison=Comparison.AT_LEAST,
        limit=1,
        reason="UNABLE_TO_VERIFY_DISPUTED_DATA",
        otherwise=Outcome.REFERRED,
    ),
)

STALE_REPORT_RULE = Rule(
    "the credit bureau's report is recent",
    measure=BUREAU_AGE,
    comparison=Comparison.AT_MOST,
    limit=30,
    reason="UNABLE_TO_VERIFY_STALE_REPORT",
    otherwise=Outcome.REFERRED,
)
"""Policies from version 3 on have it; under others a report may have any age."""


def with_bureau_rules(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """These rules, then each bureau rule on a measure that none of them limits."""
    limited = {rule.measure for rule in rules}
    return rules + tuple(rule for rule in BUREAU_RULES if rule.measure not in limited)
