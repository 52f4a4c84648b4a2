"""The status of loans with a known outcome: good (repaid, or no default yet) or bad (charged off, in default)."""

import re

import polars as pl

BAD, GOOD = "bad", "good"
_BY_SPELLING = {
    "chargedoff": BAD,
    "chargeoff": BAD,
    "default": BAD,
    "defaulted": BAD,
    "fullypaid": GOOD,
    "paid": GOOD,
    "paidoff": GOOD,
    "paidinfull": GOOD,
    "nodefault": GOOD,
}
"""Statuses without spaces, hyphens and letter case."""

ALLOWED = "Fully Paid, Charged Off, Default or No Default"
_EXCEPTION = "does not meet the credit policy. status:"
_MAX_SHOWN = 5


def finished_status(column: str = "loan_status") -> pl.Expr:
    """BAD, GOOD, or null for a loan whose outcome is not known yet."""
    letters = pl.col(column).str.to_lowercase().str.strip_prefix(_EXCEPTION).str.replace_all("[^a-z]", "")
    return letters.replace_strict(_BY_SPELLING, default=None, return_dtype=pl.String)


def is_exception(column: str = "loan_status") -> pl.Expr:
    """Whether the loan was an exception to the credit policy."""
    return pl.col(column).str.to_lowercase().str.starts_with(_EXCEPTION).fill_null(value=False)


def unfinished_counts(loans: pl.DataFrame) -> str:
    """The most frequent statuses of loans that are not finished, such as `Current 1,200, (none) 3`."""
    others = loans.filter(finished_status().is_null())
    counts = others["loan_status"].fill_null("(none)").value_counts(sort=True).rows()
    shown = [f"{_printable(status)} {count:,}" for status, count in counts[:_MAX_SHOWN]]
    return ", ".join(shown + ["others"] * (len(counts) > _MAX_SHOWN))


def _printable(status: str) -> str:
    return re.sub(r"[^\x20-\x7e\u00a1-\uffff]", "", status)[:40]
