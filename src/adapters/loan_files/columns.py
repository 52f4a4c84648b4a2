"""Which columns of a loan file are read: the 13 fields, a household's figures, and outcomes for training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.applications.fields import FIELD_NAMES, FIELDS, NumberField

APPLICATION_TYPE = "application_type"
# What a joint loan application says of the household, and whose place it takes.
HOUSEHOLD = {"annual_inc_joint": "annual_inc", "dti_joint": "dti"}
OUTCOME_NUMBERS = (
    NumberField("sample_weight", "Sample weight", "", 0, 1_000_000, "What the loan counts for.", optional=True),
    NumberField("int_rate", "Interest rate", "%", 0, 100, "A year, as agreed.", optional=True),
    NumberField("funded_amnt", "Amount funded", "$", 0, 1_000_000, "What was paid out.", optional=True),
    NumberField("total_pymnt", "Paid so far", "$", 0, 100_000_000, "All payments received.", optional=True),
    NumberField("recoveries", "Recoveries", "$", 0, 100_000_000, "After the charge-off.", optional=True),
)
OUTCOME_TEXTS = ("loan_status", "grade")
ISSUE_DATE = "issue_d"
OUTCOMES = (ISSUE_DATE, *OUTCOME_TEXTS, *(field.name for field in OUTCOME_NUMBERS))

# revol_util is missing where the applicant has no revolving account.
MISSING_WHEN_SCORING = frozenset(f.name for f in FIELDS if isinstance(f, NumberField) and f.optional)
# LendingClub's loans of early 2007 carry no bureau counts.
MISSING_WHEN_TRAINING = MISSING_WHEN_SCORING | {"inq_last_6mths", "delinq_2yrs", "pub_rec"}
# Without these there is nothing to learn: how each loan ended, and when it began.
NEEDED_WHEN_TRAINING = ("loan_status", ISSUE_DATE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asks of each row: which numbers may be missing, and whether outcomes are read.

    `needed` columns must be there beside the 13.
    """

    may_be_missing: frozenset[str] = MISSING_WHEN_SCORING
    outcomes: bool = False
    needed: tuple[str, ...] = ()


def match_columns(path: Path, found: Sequence[str], wanted: Wanted) -> dict[str, int]:
    """The position of each column that is read; names are matched without regard to case and outer spaces.

    Raises LoanFileUnreadable naming every missing column and those that were found.
    """
    names = [normal_name(name) for name in found]
    missing = [field for field in (*FIELD_NAMES, *wanted.needed) if field not in names]
    if missing:
        raise LoanFileUnreadable(
            path,
            f"required columns are missing: {', '.join(missing)}. {_said_of(found, names)} "
            "Name the columns as LendingClub's files do, in any order.",
        )
    readable = (*FIELD_NAMES, APPLICATION_TYPE, *HOUSEHOLD, *(OUTCOMES if wanted.outcomes else ()))
    twice = [name for name in readable if names.count(name) > 1]
    if twice:
        raise LoanFileUnreadable(path, f"columns stand in it twice: {', '.join(twice)}. Keep one of each.")
    return {name: names.index(name) for name in readable if name in names}


def normal_name(name: str) -> str:
    """A column's name as it is compared."""
    return name.strip().casefold()


def _said_of(found: Sequence[str], names: Sequence[str]) -> str:
    """Which columns there are; where no name is known they may be an applicant's figures, and are not quoted."""
    if found and not {*names} & {*FIELD_NAMES, APPLICATION_TYPE, *HOUSEHOLD, *OUTCOMES}:
        if len(found) == 1:
            return "The one name in the first line is not known: is it a header?"
        return f"None of the {len(found)} names in the first line is known: is it a header?"
    return f"Columns found: {', '.join(map(_shown, found)) or 'none'}."


def _shown(name: str) -> str:
    return "".join([each for each in name.strip()[:40] if each.isprintable()]) or "(no name)"
