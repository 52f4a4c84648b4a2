"""Imports of outcomes in PostgreSQL: content in chunks, progress in the import's row, errors by chunk."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.batches.uploads import UploadSlots, claim_or_find, commit, roll_back
from adapters.persistence.database.connections import (
    close_quietly,
    connect_durably,
    transaction,
    translated_errors,
)
from adapters.persistence.outcomes.import_rows import IMPORT_COLUMNS, from_row, to_row
from adapters.persistence.outcomes.outcome_tables import outcome_import_errors, outcome_imports
from application.ports.batches.batch_content import BatchContent
from application.ports.decisions.idempotency import OriginalResponseUnavailable
from application.ports.outcomes.outcome_imports import ImportClaim, ImportEvent, ImportPage, OutcomeImports
from domain.batches.quota import BatchQuota
from domain.outcomes.outcome_import import OutcomeImport

_INSERT_CHUNK = "INSERT INTO outcome_import_chunks (import_id, number, content) VALUES ($1, $2, $3)"
_LOCK_CALLER = "SELECT pg_advisory_xact_lock(hashtextextended('outcome imports of ' || $1, 0))"
_OPEN_IMPORTS = (
    "SELECT count(*) AS imports, coalesce(sum(size), 0)::bigint AS size FROM outcome_imports "
    "WHERE requested_by = $1 AND state IN ('queued', 'running')"
)
_NAMES = [column.name for column in IMPORT_COLUMNS]
_INSERT_IMPORT = (
    f"INSERT INTO outcome_imports ({', '.join(_NAMES)}) "  # noqa: S608 - names of our own columns
    f"VALUES ({', '.join(f'${number}' for number in range(1, len(_NAMES) + 1))})"
)
_QUOTA = BatchQuota()


class PostgresOutcomeImports(OutcomeImports):
    """Each upload holds a connection of its own; at most `max_uploads` run at once in this process."""

    def __init__(
        self,
        database_url: str,
        engine: AsyncEngine,
        *,
        quota: BatchQuota = _QUOTA,
        max_uploads: int = 12,
        events: EventChain | None = None,
    ) -> None:
        self._events = events or EventChain()
        self._database_url = database_url
        self._engine = engine
        self._quota = quota
        self._slots = UploadSlots(quota, max_uploads)

    async def accept(
        self,
        wanted: OutcomeImport,
        content: BatchContent,
        claim_on: ImportClaim | None,
        event_of: ImportEvent,
    ) -> OutcomeImport:
        """Write chunks as they arrive, in one transaction, so that an aborted upload leaves nothing behind."""
        with self._slots.taken(wanted.requested_by.name):
            with translated_errors():
                connection = await connect_durably(self._database_url)
            try:
                return await self._accept(connection, wanted, content, claim_on, event_of)
            finally:
                await close_quietly(connection)

    async def _accept(
        self,
        connection: Any,
        wanted: OutcomeImport,
        content: BatchContent,
        claim_on: ImportClaim | None,
        event_of: ImportEvent,
    ) -> OutcomeImport:
        transaction = connection.transaction()
        with translated_errors():
            await transaction.start()
        try:
            number = 0
            async for chunk in content.chunks():
                with translated_errors():
                    await connection.execute(_INSERT_CHUNK, wanted.import_id, number, chunk, timeout=30)
                number += 1
            queued = wanted.received(size=content.size, digest=content.digest)
            claim = None if claim_on is None else claim_on(queued)
            with translated_errors():
                original_id = await claim_or_find(connection, queued.import_id, claim)
            if original_id is None:
                with translated_errors():  # serialize uploads of one caller, so that each counts the others
                    await connection.execute(_LOCK_CALLER, wanted.requested_by.name)
                    waiting = await connection.fetchrow(_OPEN_IMPORTS, wanted.requested_by.name)
                self._quota.check_waiting(waiting["imports"] + 1, waiting["size"] + queued.size)
                with translated_errors():
                    row = to_row(queued)
                    await connection.execute(_INSERT_IMPORT, *(row[name] for name in _NAMES))
                    await self._events.append(connection, event_of(queued))
                await commit(connection, transaction)
                return queued
        except BaseException:
            await roll_back(connection, transaction)
            raise
        await roll_back(connection, transaction)
        found = await self.find(original_id)
        if found is None:
            raise OriginalResponseUnavailable("this key has already been used for something else")
        return found

    async def find(self, import_id: UUID) -> OutcomeImport | None:
        query = select(*IMPORT_COLUMNS).where(outcome_imports.c.import_id == import_id)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else from_row(row._mapping)

    async def page(self, *, limit: int, before: UUID | None = None, owner: str | None = None) -> ImportPage:
        """Newest first. Identifiers are ordered by time."""
        query = select(*IMPORT_COLUMNS).order_by(outcome_imports.c.import_id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(outcome_imports.c.import_id < before)
        if owner is not None:
            query = query.where(outcome_imports.c.requested_by == owner)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        found = tuple(from_row(row._mapping) for row in rows[:limit])
        return ImportPage(found, found[-1].import_id if len(rows) > limit else None)

    async def errors(self, import_id: UUID) -> AsyncIterator[bytes]:
        """One chunk at a time. No connection is held while the caller reads."""
        table = outcome_import_errors.c
        number = -1
        while True:
            query = select(table.number, table.errors).where(table.import_id == import_id, table.number > number)
            async with transaction(self._engine) as connection:
                row = (await connection.execute(query.order_by(table.number).limit(1))).one_or_none()
            if row is None:
                return
            number, lines = row
            yield lines
