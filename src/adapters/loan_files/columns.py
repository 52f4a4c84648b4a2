"""The columns of a loan file that are read: the 13 fields, a household's figures, and outcomes for training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.applications.fields import FIELD_NAMES, FIELDS, NumberField

APPLICATION_TYPE = "application_type"
# Columns of a joint application that describe the household, and the field that each replaces.
HOUSEHOLD = {"annual_inc_joint": "annual_inc", "dti_joint": "dti"}
OUTCOME_NUMBERS = (
    NumberField("sample_weight", "Sample weight", "", 0, 1_000_000, "Weight of the loan.", optional=True),
    NumberField("int_rate", "Interest rate", "%", 0, 100, "Annual contract rate.", optional=True),
    NumberField("funded_amnt", "Funded amount", "$", 0, 1_000_000, "Amount paid out.", optional=True),
    NumberField("total_pymnt", "Payments received", "$", 0, 100_000_000, "Total received to date.", optional=True),
    NumberField("recoveries", "Recoveries", "$", 0, 100_000_000, "Received after charge-off.", optional=True),
)
OUTCOME_TEXTS = ("loan_status", "grade")
ISSUE_DATE = "issue_d"
OUTCOMES = (ISSUE_DATE, *OUTCOME_TEXTS, *(field.name for field in OUTCOME_NUMBERS))

# revol_util is missing where the applicant has no revolving account.
MISSING_WHEN_SCORING = frozenset(f.name for f in FIELDS if isinstance(f, NumberField) and f.optional)
# LendingClub's loans of early 2007 have no bureau counts.
MISSING_WHEN_TRAINING = MISSING_WHEN_SCORING | {"inq_last_6mths", "delinq_2yrs", "pub_rec"}
# Training needs to know when each loan was issued and how it ended.
REQUIRED_WHEN_TRAINING = ("loan_status", ISSUE_DATE)


@dataclass(frozen=True, slots=True)
class ColumnRequirements:
    """Which numbers may be missing, whether outcomes are read, and which of the outcome columns are required."""

    may_be_missing: frozenset[str] = MISSING_WHEN_SCORING
    outcomes: bool = False
    required: tuple[str, ...] = ()


def match_columns(path: Path, found: Sequence[str], requirements: ColumnRequirements) -> dict[str, int]:
    """The position of each column that is read. Names are matched without regard to case or surrounding spaces.

    Raises LoanFileUnreadable, which names the missing columns and those found.
    """
    names = [normal_name(name) for name in found]
    missing = [field for field in (*FIELD_NAMES, *requirements.required) if field not in names]
    if missing:
        raise LoanFileUnreadable(
            path,
            f"lacks required columns: {', '.join(missing)}. {_describe_columns(found, names)} "
            "Name the columns as LendingClub's files do, in any order.",
        )
    readable = (*FIELD_NAMES, APPLICATION_TYPE, *HOUSEHOLD, *(OUTCOMES if requirements.outcomes else ()))
    duplicates = [name for name in readable if names.count(name) > 1]
    if duplicates:
        raise LoanFileUnreadable(path, f"has duplicate columns: {', '.join(duplicates)}. Keep one of each.")
    return {name: names.index(name) for name in readable if name in names}


def normal_name(name: str) -> str:
    """A column's name in the form used for comparison."""
    return name.strip().casefold()


def _describe_columns(found: Sequence[str], names: Sequence[str]) -> str:
    """Describes the columns found. Unrecognized names may be an applicant's figures, so they are not quoted."""
    if found and not {*names} & {*FIELD_NAMES, APPLICATION_TYPE, *HOUSEHOLD, *OUTCOMES}:
        if len(found) == 1:
            return "The only name in the first line is not recognized: is it a header?"
        return f"None of the {len(found)} names in the first line is recognized: is it a header?"
    return f"Columns found: {', '.join(map(_shown, found)) or 'none'}."


def _shown(name: str) -> str:
    return "".join([char for char in name.strip()[:40] if char.isprintable()]) or "(no name)"
