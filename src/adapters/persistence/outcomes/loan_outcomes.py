"""Outcomes of loans in PostgreSQL, each written with its audit entry and the loan after it."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.applications.action_writer import claim_or_find, find_claimed
from adapters.persistence.audit.audit_events import AuditedDocument, EventChain
from adapters.persistence.database.connections import transaction
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.outcomes.loan_rows import loan_row, upsert
from adapters.persistence.outcomes.loan_search import find_loans
from adapters.persistence.outcomes.outcome_documents import LOAN_OUTCOME, decode, encode
from adapters.persistence.outcomes.outcome_tables import loan_outcomes
from adapters.persistence.webhooks.event_messages import queue_events
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from application.ports.outcomes.loan_outcomes import (
    LoanConflict,
    LoanKey,
    LoanOutcomes,
    LoanUnreadable,
    StoredLoan,
)
from domain.access.user import Actor
from domain.outcomes.loan_outcome import LoanOutcome
from domain.stored_document import UnreadableDocument
from domain.webhooks.event import WebhookEvent

_TABLE = loan_outcomes.c


class PostgresLoanOutcomes(LoanOutcomes):
    """Outcomes are recorded on the chain of `events`, or on a new one."""

    def __init__(
        self,
        engine: AsyncEngine,
        events: EventChain | None = None,
        unreadable: UnreadableDocuments | None = None,
    ) -> None:
        self._engine = engine
        self._events = events or EventChain()
        self._unreadable = unreadable or UnreadableDocuments()

    async def history(self, application_id: UUID) -> Sequence[LoanOutcome]:
        query = select(_TABLE.outcome_id, _TABLE.document).where(_TABLE.application_id == application_id)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query.order_by(_TABLE.number))).all()
        return [self._decoded(row.document, row.outcome_id) for row in rows]

    async def under(self, claim: Claim) -> LoanOutcome | None:
        async with transaction(self._engine) as connection:
            first = await find_claimed(connection, claim)
        return None if first is None else await self._outcome(first)

    async def append(self, outcome: LoanOutcome, after: StoredLoan, claim: Claim | None = None) -> LoanOutcome:
        document = encode(outcome)
        row = outcome_row(outcome, document)
        entry = AuditedDocument(outcome.at, outcome.actor.name, outcome.kind.value, outcome.outcome_id, document)
        async with transaction(self._engine) as connection:
            first = None if claim is None else await claim_or_find(connection, outcome.outcome_id, claim)
            if first is None:
                added = insert(loan_outcomes).values(row).on_conflict_do_nothing().returning(_TABLE.outcome_id)
                if (await connection.execute(added)).one_or_none() is None:
                    raise LoanConflict("another outcome of the loan was recorded at the same time")
                await connection.execute(upsert(loan_row(after)))
                await self._events.append_entries(connection, [entry])
                happened = (outcome.application_id, after.requested_by, outcome.at)
                await queue_events(connection, WebhookEvent.LOAN_OUTCOME_RECORDED, [happened])
        return outcome if first is None else await self._outcome(first)

    async def loans(self, keys: Collection[LoanKey], *, by: Actor) -> Mapping[LoanKey, StoredLoan | str]:
        async with transaction(self._engine) as connection:
            return await find_loans(connection, keys, by, self._unreadable)

    async def _outcome(self, outcome_id: UUID) -> LoanOutcome:
        query = select(_TABLE.document).where(_TABLE.outcome_id == outcome_id)
        async with transaction(self._engine) as connection:
            document = await connection.scalar(query)
        if document is None:
            raise OriginalResponseUnavailable("this key has already been used for something else")
        return self._decoded(document, outcome_id)

    def _decoded(self, document: str, outcome_id: UUID) -> LoanOutcome:
        try:
            return decode(document, outcome_id)
        except UnreadableDocument as fault:
            self._unreadable.report(LOAN_OUTCOME.name, outcome_id, fault)
            raise LoanUnreadable(f"outcome {outcome_id} cannot be read: {fault}") from fault


def outcome_row(outcome: LoanOutcome, document: bytes) -> dict[str, object]:
    """The row of an outcome."""
    return {
        "outcome_id": outcome.outcome_id,
        "application_id": outcome.application_id,
        "number": outcome.number,
        "at": outcome.at,
        "actor": outcome.actor.name,
        "kind": outcome.kind.value,
        "document": document.decode(),
    }
