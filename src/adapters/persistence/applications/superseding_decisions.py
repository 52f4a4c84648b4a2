"""Decisions that supersede others, in PostgreSQL: all that belongs to one in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import asyncpg
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.applications.action_writer import claim_or_find, withdraw_case
from adapters.persistence.applications.application_tables import (
    applicant_applications,
    application_references,
    applications,
    superseded_decisions,
)
from adapters.persistence.audit.audit_events import AuditedDocument, EventChain
from adapters.persistence.cases.case_tables import UNFINISHED, cases
from adapters.persistence.database.connections import driver_error, transaction
from adapters.persistence.database.tables import decisions
from adapters.persistence.decisions.archive.record_reader import RECORD_COLUMNS, RecordReader
from adapters.persistence.decisions.chained_writer import REFUSALS, record_refused
from adapters.persistence.decisions.decision_rows import search_values
from adapters.persistence.decisions.documents import encode
from adapters.persistence.decisions.recording import ACTION, STORE
from adapters.persistence.decisions.references import FIND_REFERENCES, reference_taken
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.applications.applications import ApplicationConflict
from application.ports.applications.superseding_decisions import SupersedingDecision, SupersedingDecisions
from application.ports.decisions.decision_ledger import ApplicationReferenceTaken, HistoryChanged
from application.ports.decisions.idempotency import OriginalResponseUnavailable
from domain.applications.application_reference import ApplicationReference
from domain.decisions.decision_record import DecisionRecord

OPEN = "open"
"""The state of a row of `applications` on which nothing was done but superseding."""


class PostgresSupersedingDecisions(SupersedingDecisions):
    """Decisions and actions are recorded on the chain of `events`, or on a new one."""

    def __init__(
        self,
        engine: AsyncEngine,
        events: EventChain | None = None,
        unreadable: UnreadableDocuments | None = None,
    ) -> None:
        self._engine = engine
        self._events = events or EventChain()
        self._unreadable = unreadable or UnreadableDocuments()
        self._reader = RecordReader(self._unreadable)

    async def record(self, decision: SupersedingDecision) -> DecisionRecord:
        try:
            with _translated():
                async with transaction(self._engine) as connection:
                    first = await self._write(connection, decision)
        except ApplicationReferenceTaken as taken:
            raise await self._taken(taken.reference) from taken
        return decision.record if first is None else await self._first(first)

    async def _write(self, connection: AsyncConnection, decision: SupersedingDecision) -> UUID | None:
        """Write everything, the locks first; the decision under the claim if there is one, and nothing written."""
        record, claim = decision.record, decision.claim
        if claim is not None and (first := await claim_or_find(connection, record.decision_id, claim)):
            return first
        await _lock(connection, decision)
        await _check_cases(connection, decision)
        link = {
            "decision_id": record.supersedes,
            "superseded_by": record.decision_id,
            "application_id": decision.seen.application_id,
            "superseded_at": record.decided_at,
        }
        await connection.execute(insert(superseded_decisions).values(link))
        if decision.reference is not None:
            await _refer(connection, decision, decision.reference)
        document = encode(record)
        await connection.exec_driver_sql(STORE, (document.decode(), search_values([record])))
        entries = [
            AuditedDocument(record.decided_at, record.requested_by.name, ACTION, record.decision_id, document)
        ]
        if decision.withdrawal is not None:
            entries.append(await withdraw_case(connection, decision.withdrawal))
        await self._events.append_entries(connection, entries)
        return None

    async def _first(self, decision_id: UUID) -> DecisionRecord:
        async with transaction(self._engine) as connection:
            query = select(*RECORD_COLUMNS).where(decisions.c.decision_id == decision_id)
            row = (await connection.execute(query)).one_or_none()
        found = None if row is None else self._reader.read(row._mapping)
        if not isinstance(found, DecisionRecord):
            raise OriginalResponseUnavailable("the decision made under this key cannot be read")
        return found

    async def _taken(self, reference: ApplicationReference) -> ApplicationReferenceTaken | ApplicationConflict:
        async with transaction(self._engine) as connection:
            found = await connection.exec_driver_sql(FIND_REFERENCES, ([reference.scope], [reference.text]))
            row = found.one_or_none()
        if row is None:
            return ApplicationConflict("the reference was taken and released at the same time")
        return reference_taken(row._mapping, self._unreadable)


async def _lock(connection: AsyncConnection, decision: SupersedingDecision) -> None:
    """Lock the application's row: an acceptance, a withdrawal or another superseding decision waits for it."""
    record, seen = decision.record, decision.seen
    row = {"application_id": seen.application_id, "decision_id": record.decision_id, "state": OPEN, "version": 0}
    statement = insert_or_update(applications).values({**row, "changed_at": record.decided_at})
    statement = statement.on_conflict_do_update(
        index_elements=[applications.c.application_id],
        set_={"decision_id": record.decision_id, "changed_at": record.decided_at},
        where=(applications.c.decision_id == record.supersedes) & (applications.c.state == OPEN),
    )
    if not (await connection.execute(statement.returning(applications.c.application_id))).one_or_none():
        raise ApplicationConflict("the application was changed at the same time")


async def _check_cases(connection: AsyncConnection, decision: SupersedingDecision) -> None:
    """Raise ApplicationConflict if a review of the superseded decision was opened since that was read."""
    withdrawn = None if decision.withdrawal is None else decision.withdrawal.case.case_id
    table = cases.c
    of_decision = (table.decision_id == decision.record.supersedes) & (table.case_id != table.decision_id)
    query = select(table.case_id).where(of_decision, text(UNFINISHED))
    if any(case_id != withdrawn for case_id in await connection.scalars(query)):
        raise ApplicationConflict("a review of the decision was opened at the same time")


async def _refer(
    connection: AsyncConnection, decision: SupersedingDecision, reference: ApplicationReference
) -> None:
    """Let the reference stand for the new decision; it is new where the earlier decisions had none."""
    own = (
        (application_references.c.scope == reference.scope)
        & (application_references.c.reference == reference.text)
        & (application_references.c.application_id == decision.seen.application_id)
    )
    new = {"decision_id": decision.record.decision_id}
    if (await connection.execute(update(application_references).where(own).values(new))).rowcount:
        return
    row = {
        "scope": reference.scope,
        "reference": reference.text,
        "application_id": decision.seen.application_id,
        **new,
    }
    added = insert_or_update(application_references).values(row).on_conflict_do_nothing()
    if not (await connection.execute(added)).rowcount:
        raise ApplicationReferenceTaken(reference)


@contextmanager
def _translated() -> Iterator[None]:
    """Translate the errors that the record or a concurrent change causes."""
    try:
        yield
    except DBAPIError as fault:
        cause = driver_error(fault)
        table = cause.table_name if isinstance(cause, asyncpg.UniqueViolationError) else None
        if isinstance(cause, asyncpg.DeadlockDetectedError) or table == superseded_decisions.name:
            raise ApplicationConflict("the application was changed at the same time") from fault
        if table == applicant_applications.name:
            raise HistoryChanged("another application of this applicant was recorded") from fault
        if isinstance(cause, REFUSALS):
            raise record_refused(cause) from fault
        raise
