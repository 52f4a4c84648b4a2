"""The columns of a loan file that are read: fields, a household's figures, and outcomes for training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.loan_files.issue_dates import DayOrder
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.products.fields import Field, NumberField
from domain.products.product_definition import ProductDefinition
from domain.products.spelling import clean

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

# Training needs to know when each loan was issued and how it ended.
REQUIRED_WHEN_TRAINING = ("loan_status", ISSUE_DATE)


@dataclass(frozen=True, slots=True)
class ColumnRequirements:
    """The product whose fields are read, whether outcomes are too, and which of their columns are required; then
    the order of day and month in dates of issue, how the file writes values, and which columns are kept."""

    product: ProductDefinition
    outcomes: bool = False
    required: tuple[str, ...] = ()
    day_order: DayOrder | None = None
    conventions: FileConventions = AS_DEFINED
    keep: tuple[str, ...] = ()

    def may_be_missing(self, field: Field) -> bool:
        """Whether rows may lack the value."""
        return field.optional or (self.outcomes and isinstance(field, NumberField) and field.optional_in_training)

    @property
    def other_columns(self) -> tuple[str, ...]:
        """The columns that are read if they exist, besides the fields."""
        joint = () if self.product.joint is None else (self.product.joint.column, *household_columns(self.product))
        return (*joint, *(OUTCOMES if self.outcomes else ()))

    @property
    def own_names(self) -> frozenset[str]:
        """All names of columns that have a meaning for the product or for training."""
        return frozenset({*field_names(self.product), *self.other_columns, *OUTCOMES})


def household_columns(product: ProductDefinition) -> dict[str, str]:
    """The columns of a joint application that describe the household, and the field that each replaces."""
    numbers = [field for field in product.fields if isinstance(field, NumberField)]
    return {field.joint_column: field.name for field in numbers if field.joint_column}


def field_names(product: ProductDefinition) -> dict[str, str]:
    """The field of each name that a column may have, as `normal_name` returns it."""
    return {normal_name(name): field.name for field in product.fields for name in (field.name, *field.aliases)}


def match_columns(path: Path, found: Sequence[str], requirements: ColumnRequirements) -> dict[str, int]:
    """The position of each column that is read, by the name of its field.

    Names are matched without regard to case or surrounding spaces. Raises LoanFileUnreadable, which names the
    missing columns and those found.
    """
    fields = field_names(requirements.product)
    names = [fields.get(name, name) for name in map(normal_name, found)]
    missing = [_with_aliases(field) for field in requirements.product.fields if field.name not in names]
    missing += [name for name in requirements.required if name not in names]
    readable = (*(field.name for field in requirements.product.fields), *requirements.other_columns)
    if missing:
        raise LoanFileUnreadable(
            path,
            f"lacks required columns: {', '.join(missing)}. {_describe_columns(found, names, readable)} "
            "Name the columns as the fields of an application, in any order.",
        )
    duplicates = [name for name in readable if names.count(name) > 1]
    if duplicates:
        raise LoanFileUnreadable(path, f"has duplicate columns: {', '.join(duplicates)}. Keep one of each.")
    return {name: names.index(name) for name in readable if name in names}


def normal_name(name: str) -> str:
    """A column's name in the form used for comparison."""
    return clean(name).casefold()


def _with_aliases(field: Field) -> str:
    return f"{field.name} (or {', '.join(field.aliases)})" if field.aliases else field.name


def _describe_columns(found: Sequence[str], names: Sequence[str], readable: Sequence[str]) -> str:
    """Describes the columns found. Unrecognized names may be an applicant's figures, so they are not quoted."""
    if found and not {*names} & {*readable, *OUTCOMES}:
        if len(found) == 1:
            return "The only name in the first line is not recognized: is it a header?"
        return f"None of the {len(found)} names in the first line is recognized: is it a header?"
    return f"Columns found: {', '.join(map(_shown, found)) or 'none'}."


def _shown(name: str) -> str:
    return "".join([char for char in name.strip()[:40] if char.isprintable()]) or "(no name)"
