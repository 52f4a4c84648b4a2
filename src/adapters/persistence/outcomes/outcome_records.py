"""Loans with outcomes and their decisions in PostgreSQL, page by page."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.archive.record_reader import RECORD_COLUMNS, RecordReader
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.outcomes.outcome_documents import LOAN_OUTCOME, decode
from adapters.persistence.outcomes.outcome_tables import loan_outcomes, loans
from application.ports.outcomes.outcome_records import LoanRecord, OutcomeRecords
from domain.applications.money import Money
from domain.outcomes.loan import fold
from domain.stored_document import UnreadableDocument

_PAGE_SIZE = 1000
_LOANS = select(loans.c.application_id, loans.c.decision_id, loans.c.booked_on, loans.c.amount).order_by(
    loans.c.booked_on, loans.c.application_id
)


class PostgresOutcomeRecords(OutcomeRecords):
    """Reads pages by day of booking, each with three statements."""

    def __init__(
        self, engine: AsyncEngine, unreadable: UnreadableDocuments | None = None, *, page_size: int = _PAGE_SIZE
    ) -> None:
        self._engine = engine
        self._page_size = page_size
        self._unreadable = unreadable or UnreadableDocuments()
        self._reader = RecordReader(self._unreadable)

    async def loans(self) -> AsyncIterator[LoanRecord]:
        after: tuple[date, UUID] | None = None
        while True:
            query = _LOANS.limit(self._page_size)
            if after is not None:
                query = query.where(tuple_(loans.c.booked_on, loans.c.application_id) > after)
            async with transaction(self._engine) as connection:
                rows = (await connection.execute(query)).all()
                found = await self._records(connection, rows)
            for record in found:
                yield record
            if len(rows) < self._page_size:
                return
            after = rows[-1].booked_on, rows[-1].application_id

    async def _records(self, connection: AsyncConnection, rows: Any) -> list[LoanRecord]:
        applications = [row.application_id for row in rows]
        query = select(loan_outcomes.c.application_id, loan_outcomes.c.outcome_id, loan_outcomes.c.document)
        query = query.where(loan_outcomes.c.application_id.in_(applications)).order_by(loan_outcomes.c.number)
        histories: dict[UUID, list[Any]] = {}
        for row in await connection.execute(query):
            histories.setdefault(row.application_id, []).append(row)
        decided = select(*RECORD_COLUMNS).where(decisions.c.decision_id.in_([row.decision_id for row in rows]))
        records = {row.decision_id: self._reader.read(row._mapping) for row in await connection.execute(decided)}
        return [
            self._record(row, histories.get(row.application_id, ()), records.get(row.decision_id)) for row in rows
        ]

    def _record(self, row: Any, history: Any, decision: Any) -> LoanRecord:
        try:
            outcomes = [decode(each.document, each.outcome_id) for each in history]
            loan = fold(row.application_id, Money(int(row.amount * 100)), outcomes)
        except UnreadableDocument as fault:
            self._unreadable.report(LOAN_OUTCOME.name, row.application_id, fault)
            return LoanRecord(None, decision, f"loan {row.application_id}: {fault}")
        except ValueError as fault:
            return LoanRecord(None, decision, f"loan {row.application_id}: {fault}")
        return LoanRecord(loan, decision)
