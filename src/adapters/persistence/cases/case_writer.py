"""Recording changes of cases, each in one statement with its audit entry."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.audit_events import AuditedDocument
from adapters.persistence.audit.owned_chains import OwnedChains
from adapters.persistence.cases.case_documents import encode_action
from adapters.persistence.cases.case_tables import case_actions, cases, final_decisions
from adapters.persistence.cases.change_statements import (
    change_rows,
    change_statement,
    entry_row,
    opening_statement,
)
from adapters.persistence.cases.final_decision_documents import encode
from adapters.persistence.database.connections import driver_error, transaction
from adapters.persistence.database.tables import audit_entries, idempotency_keys
from application.ports.cases.cases import AlreadyClaimed, CaseChange, CaseConflict
from domain.audit.entry import ChainHead
from domain.audit.subject import FINAL_DECISION_RECORDED
from domain.cases.review import ReviewOpened

_log = logging.getLogger(__name__)
_SAME_TIME = "the case was changed at the same time"
_CONFLICTS: dict[str | None, type[Exception]] = {
    idempotency_keys.name: AlreadyClaimed,
    case_actions.name: CaseConflict,
    cases.name: CaseConflict,
    final_decisions.name: CaseConflict,
}
"""What a row that exists already means, by its table."""

Changing: TypeAlias = Callable[[AsyncConnection], Awaitable[CaseChange | None]]
"""Decides on a change in the transaction that is to record it."""


class CaseWriter:
    """Writes on chains of its own, so that people who work at the same time do not wait for each other."""

    def __init__(self, engine: AsyncEngine, on_change: Callable[[CaseChange], None] | None = None) -> None:
        self._engine = engine
        self._on_change = on_change
        self._chains = OwnedChains()

    async def write(self, changing: Changing) -> CaseChange | None:
        """Record a change durably and return it, or None if there is none.

        Raises CaseConflict unless the stored case is the one before the change, and AlreadyClaimed.
        """
        head: ChainHead | None = None
        try:
            async with transaction(self._engine) as connection:
                change = await changing(connection)
                if change is None:
                    return None
                head = self._chains.take()
                after = await _write(connection, change, head)
        except CaseConflict:
            if head is not None:
                self._chains.give_back(head)
            raise
        except DBAPIError as fault:
            cause = driver_error(fault)
            table = cause.table_name if isinstance(cause, asyncpg.UniqueViolationError) else None
            if head is None or (table != audit_entries.name and table not in _CONFLICTS):
                raise
            if table == audit_entries.name:
                _log.error(
                    "audit chain %s has an entry %d that this process did not write; actions on cases continue on "
                    "a new chain. Find out who can write to the database, and run `scoring audit verify`.",
                    head.chain,
                    head.length + 1,
                )
                return await self.write(changing)
            self._chains.give_back(head)
            raise _CONFLICTS[table](_SAME_TIME) from fault
        self._chains.give_back(after)
        if self._on_change:
            self._on_change(change)
        return change


async def _write(connection: AsyncConnection, change: CaseChange, head: ChainHead) -> ChainHead:
    """Execute the statement; returns the end of the chain after it."""
    document = encode_action(change.action)
    rows = change_rows(change, document)
    for subject in _subjects(change, document):
        entry, head = head.append(**subject._asdict())
        rows.append(entry_row(entry))
    opens = isinstance(change.action.details, ReviewOpened)
    statement = opening_statement(change, rows) if opens else change_statement(change, rows)
    if (await connection.exec_driver_sql(*statement)).one_or_none() is None:
        raise CaseConflict(_SAME_TIME)
    return head


def _subjects(change: CaseChange, document: bytes) -> Iterator[AuditedDocument]:
    """The action and the final decision, as audit entries name them."""
    action, decided = change.action, change.final_decision
    yield AuditedDocument(action.at, action.actor.name, action.kind.value, action.action_id, document)
    if decided is not None:
        yield AuditedDocument(
            decided.decided_at,
            action.actor.name,
            FINAL_DECISION_RECORDED,
            decided.final_decision_id,
            encode(decided),
        )
