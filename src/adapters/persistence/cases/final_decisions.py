"""Final decisions in PostgreSQL, which `CaseWriter` writes with the action that resolves their case."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.cases.case_tables import final_decisions
from adapters.persistence.cases.final_decision_documents import FINAL_DECISION, decode
from adapters.persistence.cases.final_outcomes import final_outcomes
from adapters.persistence.database.connections import transaction
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.cases.cases import CaseUnreadable
from application.ports.cases.final_decisions import FinalDecisions
from domain.cases.final_decision import FinalDecision
from domain.policies.final_outcome import FinalOutcome
from domain.stored_document import UnreadableDocument

_columns = final_decisions.c
_NEWEST_FIRST = select(_columns.final_decision_id, _columns.document).order_by(_columns.number.desc()).limit(1)


class PostgresFinalDecisions(FinalDecisions):
    """Reads the documents of final decisions."""

    def __init__(self, engine: AsyncEngine, unreadable: UnreadableDocuments | None = None) -> None:
        self._engine = engine
        self._unreadable = unreadable or UnreadableDocuments()

    async def last(self, decision_id: UUID) -> FinalDecision | None:
        return await self._find(_columns.decision_id == decision_id)

    async def outcomes(self, decision_ids: Collection[UUID]) -> Mapping[UUID, FinalOutcome]:
        async with transaction(self._engine) as connection:
            return await final_outcomes(connection, decision_ids)

    async def of_case(self, case_id: UUID) -> FinalDecision | None:
        return await self._find(_columns.case_id == case_id)

    async def _find(self, condition: ColumnElement[bool]) -> FinalDecision | None:
        async with transaction(self._engine) as connection:
            row = (await connection.execute(_NEWEST_FIRST.where(condition))).one_or_none()
        if row is None:
            return None
        try:
            return decode(row.document, row.final_decision_id)
        except UnreadableDocument as fault:
            self._unreadable.report(FINAL_DECISION.name, row.final_decision_id, fault)
            raise CaseUnreadable(f"final decision {row.final_decision_id} cannot be read: {fault}") from fault
