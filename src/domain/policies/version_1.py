"""Version 1 of the personal loan's policy. It is archived by fingerprint, so it must never change."""

from domain.policies.outcome import Outcome
from domain.policies.pricing import Grade, Pricing
from domain.policies.rules import Comparison, Rule
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.personal_loan import PERSONAL_LOAN

_LEAST, _MOST = 1_000.0, 35_000.0
_APPROVE_BELOW, _DECLINE_FROM = 0.14, 0.21

_PRICING = Pricing(
    minimum_amount=_LEAST,
    maximum_amount=_MOST,
    amount_step=25,
    grades=(
        Grade("A", 0.05, 0.077),
        Grade("B", 0.08, 0.093),
        Grade("C", 0.11, 0.109),
        Grade("D", _APPROVE_BELOW, 0.122),
        Grade("E", _DECLINE_FROM, 0.135),
        Grade("F", 0.30, 0.152),
        Grade("G", 1.0, 0.168),
    ),
)

_RULES = (
    Rule(
        "the amount is not below the least we lend",
        measure="loan amount",
        comparison=Comparison.AT_LEAST,
        limit=_LEAST,
        reason="AMOUNT_OUTSIDE_PRODUCT",
        otherwise=Outcome.DECLINED,
    ),
    Rule(
        "the amount is not above the most we lend",
        measure="loan amount",
        comparison=Comparison.AT_MOST,
        limit=_MOST,
        reason="AMOUNT_OUTSIDE_PRODUCT",
        otherwise=Outcome.DECLINED,
    ),
    Rule(
        "income reaches the minimum",
        measure="annual income",
        comparison=Comparison.AT_LEAST,
        limit=15_000,
        reason="INCOME_BELOW_MINIMUM",
        otherwise=Outcome.DECLINED,
    ),
    Rule(
        "debt to income is bearable",
        measure="debt to income after",
        comparison=Comparison.AT_MOST,
        limit=0.43,
        reason="EXCESSIVE_OBLIGATIONS",
        otherwise=Outcome.DECLINED,
    ),
    Rule(
        "the credit bureau's score reaches the floor",
        measure="FICO",
        comparison=Comparison.AT_LEAST,
        limit=660,
        reason="BUREAU_SCORE_BELOW_MINIMUM",
        otherwise=Outcome.DECLINED,
    ),
    Rule(
        "the loan is at most half a year's income",
        measure="loan to income",
        comparison=Comparison.AT_MOST,
        limit=0.50,
        reason="AMOUNT_TOO_LARGE_FOR_INCOME",
        otherwise=Outcome.DECLINED,
    ),
    Rule(
        "the loan is in proportion to income",
        measure="loan to income",
        comparison=Comparison.AT_MOST,
        limit=0.40,
        reason="AMOUNT_TOO_LARGE_FOR_INCOME",
        otherwise=Outcome.REFERRED,
    ),
    Rule(
        "recent delinquencies are few",
        measure="delinquencies in two years",
        comparison=Comparison.AT_MOST,
        limit=2,
        reason="TOO_MANY_DELINQUENCIES",
        otherwise=Outcome.REFERRED,
    ),
    Rule(
        "there is at most one public record",
        measure="public records",
        comparison=Comparison.AT_MOST,
        limit=1,
        reason="TOO_MANY_PUBLIC_RECORDS",
        otherwise=Outcome.REFERRED,
    ),
)

_RATIONALE = """\
Evidence is LendingClub's loans of 2007 to 2015Q3, each judged by trees that did not see it; "predicted" is
the mean PD so given.

Cut-offs, by expected profit (profit.json of the model bundle). A repaid 36-month loan earned 84.6 % of its
contract's interest; a charged-off one lost 44.0 % of its principal, interest and recoveries set off (3,093
loans issued before April 2010). We reckon with 4 % a year for funds and 1 % for servicing, on the balance,
and with the rate LendingClub charged at each PD. Approve below 14 %: up to there a dollar lent still earns
its costs if defaults come a quarter more often than predicted, as they did in the worst year (2007: 17.9 %
bad, 14.2 % over all years to 2015). Decline from 21 %: from there a dollar loses as predicted. Between the
two an underwriter decides. Rates are the mean of those LendingClub charged in each grade.

Income of at least $15,000: full-time work at the federal minimum wage brings $15,080. Below, one loan in
four went bad (339 loans).
Debt payments with this loan at most 43 % of income: common practice in ability-to-repay rules. These loans
alone would not ask for it: the 242 above it went bad no more often than predicted; but they were picked by
a lender.
FICO of at least 660: LendingClub's own floor. Below, 31 % went bad where 27 % were predicted (488 loans,
nearly all of them exceptions to its policy).
Loan at most 50 % of a year's income, above 40 % referred: from 40 % on, 23 % to 29 % went bad where 20 % to
24 % were predicted. There the model is too kind.
More than two delinquencies in two years, or more than one public record: referred. Such loans are too few
to set a limit by (296 and 163), and what lies behind them differs: a person looks.
Amounts from $1,000 to $35,000: hardly a development loan lies outside.
"""

POLICY_1 = ScoringPolicy(
    version="1",
    rules=_RULES,
    approve_below=_APPROVE_BELOW,
    decline_from=_DECLINE_FROM,
    pricing=_PRICING,
    rationale=_RATIONALE,
    product=PERSONAL_LOAN,
    schema=1,
)
"""The first policy version."""
