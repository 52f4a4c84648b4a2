"""The stored states of loans beside those that their outcomes lead to."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, Uuid, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.applications import action_documents
from adapters.persistence.audit.action_rows import bounded
from adapters.persistence.database.identifiers import first_identifier
from adapters.persistence.outcomes.loan_rows import state_row
from adapters.persistence.outcomes.loan_search import DECIDED_LOANS, product_of
from adapters.persistence.outcomes.outcome_documents import decode
from adapters.persistence.outcomes.outcome_tables import loan_outcomes, loans
from application.ports.audit.present_states import ComparedLoan
from domain.applications.application_action import Acceptance
from domain.applications.money import ZERO
from domain.outcomes.loan import fold
from domain.stored_document import UnreadableDocument

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NEXT = """
    (SELECT application_id FROM loans WHERE application_id > :after {} ORDER BY 1 LIMIT :limit)
    UNION
    (SELECT DISTINCT application_id FROM loan_outcomes WHERE application_id > :after {} ORDER BY 1 LIMIT :limit)
    ORDER BY application_id LIMIT :limit
"""
_OUTCOMES = (
    select(loan_outcomes.c.application_id, loan_outcomes.c.outcome_id, bounded(loan_outcomes))
    .where(loan_outcomes.c.application_id == any_(_IDS))
    .order_by(loan_outcomes.c.application_id, loan_outcomes.c.number)
)
_LOANS = select(loans).where(loans.c.application_id == any_(_IDS))


def next_loans(since: datetime | None) -> tuple[TextClause, dict[str, object]]:
    """The statement for the identifiers of a page of loans, and its values besides those of the page.

    With `since`, the loans that changed since then.
    """
    types = [bindparam("after", type_=Uuid)]
    if since is None:
        return text(_NEXT.format("", "")).bindparams(*types), {}
    types += [bindparam("first", type_=Uuid), bindparam("since", type_=TIMESTAMP(timezone=True))]
    statement = text(_NEXT.format("AND changed_at >= :since", "AND outcome_id >= :first"))
    return statement.bindparams(*types), {"since": since, "first": first_identifier(since)}


async def compared_loans(connection: AsyncConnection, found: Sequence[Row[Any]]) -> list[ComparedLoan]:
    """The loans of a page, by three statements."""
    ids = {"ids": [row.application_id for row in found]}
    decided = {
        row.application_id: _decided(row)
        for row in await connection.execute(DECIDED_LOANS, {"applications": ids["ids"]})
    }
    stored = {row.application_id: dict(row._mapping) for row in await connection.execute(_LOANS, ids)}
    outcomes: dict[UUID, list[Row[Any]]] = {}
    for row in await connection.execute(_OUTCOMES, ids):
        outcomes.setdefault(row.application_id, []).append(row)
    return [_compared(each, stored.get(each), outcomes.get(each, ()), decided[each]) for each in ids["ids"]]


def _decided(row: Row[Any]) -> dict[str, object]:
    """The columns that follow from the decision and the acceptance; none where these are not in the database."""
    if row.action_id is None or row.pd is None or row.requested_by is None:
        return {}
    expected: dict[str, object] = {
        "decision_id": row.decision_id,
        "pd": row.pd,
        "product": product_of(row),
        "grade": row.grade,
        "requested_by": row.requested_by,
        "source": row.source,
    }
    with suppress(UnreadableDocument, ValueError):  # the verification of documents reports it
        accepted = action_documents.decode(row.document, row.action_id).details
        if isinstance(accepted, Acceptance):
            expected["amount"] = Decimal(accepted.amount.cents) / 100
    return expected


def _compared(
    application_id: UUID,
    stored: dict[str, object] | None,
    outcomes: Sequence[Row[Any]],
    decided: Mapping[str, object],
) -> ComparedLoan:
    if not outcomes:
        return ComparedLoan(application_id, stored, None)
    try:
        history = [decode(each.document, each.outcome_id) for each in outcomes]
        expected = {**state_row(fold(application_id, ZERO, history)), **decided}
    except (UnreadableDocument, ValueError) as fault:
        problem = f"its state cannot be compared with its outcomes: {fault}"
        return ComparedLoan(application_id, stored, None, problem)
    return ComparedLoan(application_id, stored, expected)
