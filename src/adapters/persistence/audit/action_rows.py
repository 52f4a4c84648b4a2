"""Actions on cases and applications, and final decisions, as rows: the columns must repeat their documents."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, Uuid, any_, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.applications.application_tables import application_actions
from adapters.persistence.cases.case_tables import case_actions, final_decisions
from adapters.persistence.notices.notice_tables import notice_actions
from adapters.persistence.outcomes.outcome_tables import loan_outcomes
from adapters.persistence.reconsiderations.reconsideration_tables import reconsideration_actions
from domain.audit.subject import FINAL_DECISION_RECORDED

MAX_DOCUMENT_BYTES = 256 * 1024
Documents = Mapping[tuple[UUID, str], bytes]
"""Documents by the subject and the action of their entries."""
_IDS = bindparam("ids", type_=ARRAY(Uuid))


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """A table of documents. `repeated` are the columns that repeat a field, by the field's name.

    The entry's action is in the column `kind`, or is `action` if the table has documents of one action only.
    """

    table: Table
    identifier: Column[Any]
    repeated: Mapping[str, str]
    action: str | None = None

    async def read(self, connection: AsyncConnection, ids: Sequence[UUID]) -> Documents:
        """The documents of these subjects. A row whose action differs from its entry's counts as missing.

        The content of columns that differ from the document is appended to it, so that it counts as altered.
        """
        columns = [self.table.c[name] for name in self.repeated]
        query = select(self.identifier, bounded(self.table), *columns).where(self.identifier == any_(_IDS))
        rows = (await connection.execute(query, {"ids": list(ids)})).all()
        return {(row[0], self.action or row.kind): self._audited(row._asdict()) for row in rows}

    def _audited(self, row: Mapping[str, Any]) -> bytes:
        document: str = row["document"]
        try:
            content = json.loads(document)
            stated = {name: _plain(content.get(field)) for name, field in self.repeated.items()}
        except (ValueError, AttributeError, RecursionError):
            stated = {}
        differing = {name: str(row[name]) for name in self.repeated if not _same(row[name], stated.get(name))}
        return f"{document}{json.dumps(differing)}".encode() if differing else document.encode()


def bounded(table: Table) -> Any:
    """The document, or the beginning of one too large to be loaded, whose digest then differs."""
    document = table.c.document
    return case(
        (func.octet_length(document) <= MAX_DOCUMENT_BYTES, document), else_=func.substr(document, 1, 100)
    ).label("document")


def _plain(value: Any) -> Any:
    """The name of an actor, or the value itself."""
    return value.get("name") if isinstance(value, Mapping) else value


def _same(stored: Any, stated: Any) -> bool:
    if isinstance(stored, datetime):
        try:
            return datetime.fromisoformat(stated) == stored
        except (ValueError, TypeError):
            return False
    return str(stored) == stated if isinstance(stored, UUID) else bool(stored == stated)


_ACTION = {"at": "at", "number": "number", "actor": "actor", "kind": "action", "action_id": "action_id"}
CASE_ACTIONS = DocumentRows(case_actions, case_actions.c.action_id, {**_ACTION, "case_id": "case_id"})
APPLICATION_ACTIONS = DocumentRows(
    application_actions, application_actions.c.action_id, {**_ACTION, "application_id": "application_id"}
)
NOTICE_ACTIONS = DocumentRows(notice_actions, notice_actions.c.action_id, {**_ACTION, "notice_id": "notice_id"})
RECONSIDERATION_ACTIONS = DocumentRows(
    reconsideration_actions,
    reconsideration_actions.c.action_id,
    {**_ACTION, "application_id": "application_id"},
)
LOAN_OUTCOMES = DocumentRows(
    loan_outcomes,
    loan_outcomes.c.outcome_id,
    {name: name for name in ("outcome_id", "application_id", "at", "number", "actor")} | {"kind": "action"},
)
_DECISION_FIELDS = (
    "final_decision_id",
    "decision_id",
    "case_id",
    "number",
    "decided_at",
    "outcome",
    "override",
    "system_outcome",
    "recommended",
    "own_view",
    "reason",
    "dwell_seconds",
    "maker",
    "checker",
)
FINAL_DECISIONS = DocumentRows(
    final_decisions,
    final_decisions.c.final_decision_id,
    {name: name for name in _DECISION_FIELDS},
    action=FINAL_DECISION_RECORDED,
)
