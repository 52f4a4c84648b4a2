"""The row of a loan, which follows from its outcomes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import Insert, insert

from adapters.persistence.outcomes.outcome_tables import loans
from application.ports.outcomes.loan_outcomes import StoredLoan
from domain.outcomes.loan import Loan

CHANGED = ("status", "status_on", "booked_on", "closed_on", "defaulted_on", "version", "changed_at")
"""The columns that follow from the outcomes; the others are known when the first is recorded."""


def state_row(loan: Loan) -> dict[str, Any]:
    """The columns that follow from the outcomes, of which there is at least one."""
    last = loan.last
    if last is None:
        raise ValueError("a loan without outcomes has no row")
    changed_at: datetime = loan.history[-1].at
    return {
        "status": last.stated.status.value,
        "status_on": last.stated.as_of,
        "booked_on": loan.booked_on,
        "closed_on": loan.closed_on,
        "defaulted_on": loan.defaulted_on,
        "version": loan.version,
        "changed_at": changed_at,
    }


def loan_row(stored: StoredLoan) -> dict[str, Any]:
    """The whole row."""
    return {
        "application_id": stored.loan.application_id,
        "decision_id": stored.decision_id,
        **state_row(stored.loan),
        "pd": stored.pd,
        "amount": stored.loan.amount.cents / 100,
        "product": stored.product,
        "grade": stored.grade,
        "requested_by": stored.requested_by,
        "source": stored.source,
    }


def upsert(row: Mapping[str, Any]) -> Insert:
    """Insert the row, or set what follows from the outcomes."""
    statement = insert(loans).values(row)
    return statement.on_conflict_do_update(
        index_elements=[loans.c.application_id], set_={name: statement.excluded[name] for name in CHANGED}
    )
