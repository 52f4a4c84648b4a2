"""The columns of a file of outcomes, by their own names and those of LendingClub and Metro 2."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.loan_files.columns import normal_name
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.applications.application_identity import ALIASES as CALLERS

IDENTIFIER, REFERENCE, SOURCE = "application_id", "application_reference", "source"
DATES = ("as_of", "booked_on")
AMOUNTS = ("outstanding", "paid", "charged_off", "recovered")
_ALIASES: Mapping[str, tuple[str, ...]] = {
    IDENTIFIER: ("decision_id",),
    REFERENCE: (
        *(name for name in CALLERS[REFERENCE] if name != IDENTIFIER),
        "loan_id",
        "consumer_account_number",
        "id",
    ),
    SOURCE: (),
    "status": ("loan_status", "account_status"),
    "as_of": ("as_of_date", "status_date", "date_of_account_information", "last_pymnt_d"),
    "booked_on": ("booked_date", "funded_on", "date_opened", "issue_d"),
    "days_past_due": ("dpd", "days_late"),
    "outstanding": ("outstanding_principal", "current_balance", "out_prncp"),
    "paid": ("total_paid", "total_pymnt"),
    "charged_off": ("charged_off_amount", "charge_off_amount", "original_charge_off_amount"),
    "recovered": ("recovered_amount", "recoveries"),
}
NAMES = tuple(_ALIASES)
KNOWN = frozenset(
    written
    for name, aliases in _ALIASES.items()
    for known in (name, *aliases)
    for written in (known, known.replace("_", " "))
)
"""All names of columns that have a meaning, by which a header is recognized."""
_SEPARATORS = re.compile(r"[\s.\-]+")


def match_outcome_columns(path: Path, found: Sequence[str]) -> dict[str, int]:
    """The position of each column that is read. A column's own name comes before its aliases.

    Raises LoanFileUnreadable, which names the columns that are missing or given twice.
    """
    names = [_SEPARATORS.sub("_", normal_name(name)).strip("_") for name in found]
    positions: dict[str, int] = {}
    for name, aliases in _ALIASES.items():
        candidate = next((each for each in (name, *aliases) if each in names), None)
        if candidate is None:
            continue
        if names.count(candidate) > 1:
            raise LoanFileUnreadable(path, f"has duplicate columns: {candidate}. Keep one of each.")
        positions[name] = names.index(candidate)
    lacking = [] if "status" in positions else ["status (or loan_status, account_status)"]
    if not {IDENTIFIER, REFERENCE} & positions.keys():
        lacking.insert(0, f"{REFERENCE}, {IDENTIFIER} or decision_id")
    if lacking:
        shown = ", ".join(name if name in KNOWN else "(another)" for name in names[:20]) or "none"
        raise LoanFileUnreadable(
            path,
            f"lacks required columns: {'; '.join(lacking)}. Columns found: {shown}. Each row names an application "
            "and the status of its loan.",
        )
    return positions
