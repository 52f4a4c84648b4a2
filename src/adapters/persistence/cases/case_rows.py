"""Referral cases as rows."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from adapters.persistence.cases.case_tables import cases
from domain.applications.money import Money
from domain.cases.case_state import CaseState
from domain.cases.quality import QualityState
from domain.cases.referral_case import ReferralCase

CHANGED = (
    "due_at",
    "state",
    "version",
    "assignee",
    "assigned_at",
    "lease_until",
    "proposers",
    "awaiting_since",
    "answer_by",
    "breached_at",
    "ended_at",
    "changed_at",
    "changed_by",
    "quality",
    "request_due_at",
)
"""The columns that actions change."""
_COLUMNS = {field.name: "loan_amnt" if field.name == "amount" else field.name for field in fields(ReferralCase)}
CASE_COLUMNS = tuple(cases.c[column] for column in _COLUMNS.values())


def to_row(case: ReferralCase) -> dict[str, Any]:
    """The values of the columns, by their names."""
    row = {column: getattr(case, name) for name, column in _COLUMNS.items()}
    return row | {
        "loan_amnt": Decimal(case.amount.cents).scaleb(-2),
        "state": case.state.value,
        "proposers": list(case.proposers),
        "reasons": list(case.reasons),
        "quality": None if case.quality is None else case.quality.value,
    }


def from_row(row: Mapping[Any, Any]) -> ReferralCase:
    """The case in a row."""
    values = {name: row[column] for name, column in _COLUMNS.items()}
    return ReferralCase(
        **values
        | {
            "amount": Money(int(row["loan_amnt"].scaleb(2))),
            "state": CaseState(row["state"]),
            "proposers": tuple(row["proposers"]),
            "reasons": tuple(row["reasons"]),
            "quality": None if row["quality"] is None else QualityState(row["quality"]),
        }
    )
