"""The loan book in PostgreSQL."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from application.ports.outcomes.loan_book import LoanBook, LoanBooks
from domain.outcomes.loan_status import LoanStatus

_BY_STATUS = text("SELECT status, count(*) AS number FROM loans GROUP BY status")
_CURRENCY = text(
    """
    SELECT
        (
            SELECT extract(epoch FROM now() - at)::float FROM loan_outcomes ORDER BY outcome_id DESC LIMIT 1
        ) AS newest,
        extract(epoch FROM now() - max(finished_at) FILTER (WHERE state = 'done'))::float AS imported,
        count(*) FILTER (WHERE finished_at IS NULL) AS pending
    FROM outcome_imports
    """
)
"""Identifiers of outcomes are in the order of time."""


class PostgresLoanBooks(LoanBooks):
    """Two statements. Loans are counted one by one, so it should be read every minute, not every second."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self) -> LoanBook:
        async with transaction(self._engine) as connection:
            counts = {row.status: row.number for row in await connection.execute(_BY_STATUS)}
            found = (await connection.execute(_CURRENCY)).one()
        return LoanBook(
            by_status={status: counts.get(status.value, 0) for status in LoanStatus},
            newest_outcome_seconds=max(0.0, found.newest or 0.0),
            last_import_seconds=max(0.0, found.imported or 0.0),
            imports_pending=found.pending,
        )
