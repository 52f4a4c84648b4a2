"""Processing of imports in PostgreSQL: the import's own row is the queue entry and holds the lease.

Outcomes are written in the transaction that updates the import's progress, which commits only while the lease is
held. So a worker whose lease expired cannot write a row twice.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import (
    close_quietly,
    connect_durably,
    responds,
    transaction,
    translated_errors,
)
from adapters.persistence.database.tables import audit_entries
from adapters.persistence.outcomes.import_rows import IMPORT_COLUMNS, from_row, progress_row, to_row
from adapters.persistence.outcomes.loan_outcomes import outcome_row
from adapters.persistence.outcomes.loan_rows import CHANGED, loan_row
from adapters.persistence.outcomes.outcome_documents import encode
from adapters.persistence.outcomes.outcome_tables import loan_outcomes, outcome_import_chunks, outcome_imports
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.outcomes.loan_outcomes import LoanConflict, StoredLoan
from application.ports.outcomes.outcome_imports import ImportedChunk, ImportLease, ImportLeaseLost, ImportWork
from domain.audit.entry import AuditEntry, ChainHead
from domain.outcomes.loan_outcome import LoanOutcome
from domain.outcomes.outcome_import import ImportState, OutcomeImport

_UPDATE_PROGRESS = """
UPDATE outcome_imports SET rows_read = $3, recorded = $4, repeated = $5, refused = $6, share_done = $7,
    chunks = $8, attempts = 0, lease_until = clock_timestamp() + $9::interval
WHERE import_id = $1 AND lease = $2
"""
_INSERT_ERRORS = "INSERT INTO outcome_import_errors (import_id, number, errors) VALUES ($1, $2, $3)"
_LOAN_TYPES = {
    "application_id": "uuid",
    "decision_id": "uuid",
    "status": "text",
    "status_on": "date",
    "booked_on": "date",
    "closed_on": "date",
    "defaulted_on": "date",
    "version": "integer",
    "changed_at": "timestamptz",
    "pd": "double precision",
    "amount": "double precision",
    "product": "text",
    "grade": "text",
    "requested_by": "text",
    "source": "text",
}
_UPSERT_LOANS = (
    f"INSERT INTO loans ({', '.join(_LOAN_TYPES)}) SELECT * FROM unnest("  # noqa: S608 - names of our own columns
    + ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_LOAN_TYPES.values(), 1))
    + ") ON CONFLICT (application_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in CHANGED)
)
_ENTRY_COLUMNS = list(audit_entries.columns.keys())
_OUTCOME_COLUMNS = list(loan_outcomes.columns.keys())
_STATEMENT_TIMEOUT = 60.0


class PostgresImportWork(ImportWork):
    """One worker's access to imports. Outcomes use a connection and an audit chain of their own."""

    def __init__(self, database_url: str, engine: AsyncEngine, *, lease_seconds: float = 15.0) -> None:
        self._database_url = database_url
        self._engine = engine
        self._lease = timedelta(seconds=lease_seconds)
        self._connection: Any = None
        self._head: ChainHead | None = None

    @property
    def lease_seconds(self) -> float:
        return self._lease.total_seconds()

    async def lease_next(self, at: datetime, import_id: UUID | None = None) -> ImportLease | None:
        """Lease the oldest import. Concurrent workers skip each other's rows."""
        table = outcome_imports.c
        available = or_(table.lease_until.is_(None), table.lease_until < func.clock_timestamp())
        waiting = table.state.in_([ImportState.QUEUED.value, ImportState.RUNNING.value])
        oldest = select(table.import_id).where(waiting, available).order_by(table.import_id).limit(1)
        if import_id is not None:
            oldest = oldest.where(table.import_id == import_id)
        token = uuid4()
        query = (
            update(outcome_imports)
            .where(table.import_id == oldest.with_for_update(skip_locked=True).scalar_subquery())
            .values(
                state=ImportState.RUNNING.value,
                started_at=func.coalesce(table.started_at, at),
                lease=token,
                lease_until=func.clock_timestamp() + self._lease,
                attempts=table.attempts + 1,
            )
            .returning(*IMPORT_COLUMNS, table.attempts)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else ImportLease(from_row(row._mapping), token, row.attempts)

    async def renew(self, lease: ImportLease) -> None:
        await self._change(lease, {"lease_until": func.clock_timestamp() + self._lease})

    async def release(self, lease: ImportLease, *, retry_delay_seconds: float = 0.0) -> None:
        attempts = func.greatest(outcome_imports.c.attempts - 1, 0)
        until = func.clock_timestamp() + timedelta(seconds=retry_delay_seconds) if retry_delay_seconds else None
        state = ImportState.QUEUED.value
        await self._change(lease, {"state": state, "lease": None, "lease_until": until, "attempts": attempts})

    async def content(self, lease: ImportLease) -> AsyncIterator[bytes]:
        """The uploaded content, one statement per chunk."""
        table = outcome_import_chunks.c
        number = 0
        while True:
            query = select(table.content)
            query = query.where(table.import_id == lease.wanted.import_id, table.number == number)
            async with transaction(self._engine) as connection:
                chunk = await connection.scalar(query)
            if chunk is None:
                return
            yield chunk
            number += 1

    async def record(self, lease: ImportLease, chunk: ImportedChunk) -> ImportLease:
        with translated_errors():
            connection = await self._open()
        before = self._head or ChainHead(uuid4())
        try:
            with translated_errors():
                async with connection.transaction():
                    await self._write_progress(connection, lease, chunk)
                    head = await _write_outcomes(connection, chunk.outcomes, before)
                    await _write_loans(connection, chunk.loans)
                self._head = head
        except asyncpg.DeadlockDetectedError as fault:
            raise DependencyUnavailable("another import records outcomes of the same loans") from fault
        except asyncpg.UniqueViolationError as fault:
            if fault.table_name == audit_entries.name:
                self._head = None
                raise DependencyUnavailable(
                    "another writer added an entry to this worker's audit chain; it continues on a new one"
                ) from fault
            if fault.table_name != loan_outcomes.name:
                raise
            raise LoanConflict("another outcome of a loan was recorded at the same time") from fault
        except ImportLeaseLost:
            raise
        except BaseException:
            self._abandon()  # whether the commit happened is unknown, so this chain ends
            raise
        return replace(lease, wanted=lease.wanted.after(chunk.progress), attempts=0)

    async def end(self, lease: ImportLease, ended: OutcomeImport) -> None:
        held = select(outcome_imports.c.import_id).where(_is_held(lease)).with_for_update()
        this = outcome_imports.c.import_id == ended.import_id
        row = to_row(ended)
        changed = {name: row[name] for name in ("state", "finished_at", "fault", *progress_row(ended.progress))}
        async with transaction(self._engine) as connection:
            if (await connection.execute(held)).one_or_none() is None:
                raise _lease_lost(lease)
            finished = update(outcome_imports).where(this).values(**changed, lease=None, lease_until=None)
            await connection.execute(finished)
            table = outcome_import_chunks
            await connection.execute(delete(table).where(table.c.import_id == ended.import_id))

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await close_quietly(self._connection)

    async def _open(self) -> Any:
        if self._connection is None or self._connection.is_closed() or not await responds(self._connection):
            self._connection, self._head = await connect_durably(self._database_url), None
        return self._connection

    def _abandon(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = self._head = None

    async def _write_progress(self, connection: Any, lease: ImportLease, chunk: ImportedChunk) -> None:
        import_id, progress = lease.wanted.import_id, chunk.progress
        values = progress_row(progress).values()
        changed = await connection.execute(
            _UPDATE_PROGRESS, import_id, lease.token, *values, self._lease, timeout=_STATEMENT_TIMEOUT
        )
        if changed != "UPDATE 1":
            raise _lease_lost(lease)
        if chunk.errors:
            await connection.execute(
                _INSERT_ERRORS, import_id, progress.chunks, chunk.errors, timeout=_STATEMENT_TIMEOUT
            )

    async def _change(self, lease: ImportLease, values: dict[str, Any]) -> None:
        async with transaction(self._engine) as connection:
            changed = await connection.execute(update(outcome_imports).where(_is_held(lease)).values(values))
        if changed.rowcount != 1:
            raise _lease_lost(lease)


async def _write_outcomes(connection: Any, outcomes: Sequence[LoanOutcome], head: ChainHead) -> ChainHead:
    """Write outcomes and their audit entries; returns the end of the chain after them."""
    rows: list[tuple[Any, ...]] = []
    entries: list[tuple[Any, ...]] = []
    for outcome in outcomes:
        document = encode(outcome)
        entry, head = head.append(
            at=outcome.at,
            actor=outcome.actor.name,
            action=outcome.kind.value,
            subject=outcome.outcome_id,
            document=document,
        )
        row = outcome_row(outcome, document)
        rows.append(tuple(row[name] for name in _OUTCOME_COLUMNS))
        entries.append(_entry(entry))
    for table, names, records in (
        (loan_outcomes.name, _OUTCOME_COLUMNS, rows),
        (audit_entries.name, _ENTRY_COLUMNS, entries),
    ):
        if records:
            await connection.copy_records_to_table(
                table, records=records, columns=names, timeout=_STATEMENT_TIMEOUT
            )
    return head


def _entry(entry: AuditEntry) -> tuple[Any, ...]:
    return tuple(getattr(entry, name) for name in _ENTRY_COLUMNS)


async def _write_loans(connection: Any, loans: Sequence[StoredLoan]) -> None:
    if loans:
        rows = [loan_row(each) for each in loans]
        columns = [[row[name] for row in rows] for name in _LOAN_TYPES]
        await connection.execute(_UPSERT_LOANS, *columns, timeout=_STATEMENT_TIMEOUT)


def _is_held(lease: ImportLease) -> Any:
    return and_(outcome_imports.c.import_id == lease.wanted.import_id, outcome_imports.c.lease == lease.token)


def _lease_lost(lease: ImportLease) -> ImportLeaseLost:
    return ImportLeaseLost(f"import {lease.wanted.import_id} was taken over")
