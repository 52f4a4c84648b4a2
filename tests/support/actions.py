"""One stored document of each kind that is about what people do on a case or an application."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert

from adapters.persistence.applications.application_tables import application_actions
from adapters.persistence.audit.audit_events import AuditedDocument, EventChain
from adapters.persistence.cases.case_tables import case_actions, final_decisions
from adapters.persistence.database.connections import database_engine, transaction
from domain.audit.subject import FINAL_DECISION_RECORDED, SubjectKind
from support.builders import A_MOMENT, an_identifier

CASE = an_identifier(A_MOMENT)


def _action() -> dict[str, Any]:
    return {"action_id": an_identifier(A_MOMENT), "number": 1, "at": A_MOMENT, "actor": "maria"}


ROWS: dict[str, tuple[Table, SubjectKind, dict[str, Any]]] = {
    "case claimed": (case_actions, SubjectKind.CASE_ACTION, {**_action(), "case_id": CASE}),
    "application accepted": (
        application_actions,
        SubjectKind.APPLICATION_ACTION,
        {**_action(), "application_id": CASE},
    ),
    FINAL_DECISION_RECORDED: (
        final_decisions,
        SubjectKind.FINAL_DECISION,
        {
            "final_decision_id": an_identifier(A_MOMENT),
            "decision_id": CASE,
            "case_id": CASE,
            "number": 1,
            "decided_at": A_MOMENT,
            "outcome": "approved",
            "override": "low_side",
            "system_outcome": "referred",
            "recommended": "declined",
            "own_view": "approved",
            "reason": "COMPENSATING_FACTORS",
            "dwell_seconds": 812.25,
            "maker": "maria",
            "checker": "sofia",
        },
    ),
}
IDENTIFIERS = {name: next(iter(row)) for name, (_, _, row) in ROWS.items()}


async def record_actions(url: str, decision_id: UUID = CASE) -> None:
    """Record the rows, about this decision, each with its audit entry."""
    engine, entries = database_engine(url), []
    async with transaction(engine) as connection:
        for action, (table, kind, usual) in ROWS.items():
            row = {name: decision_id if value == CASE else value for name, value in usual.items()}
            actors = {name: {"name": row[name]} for name in ("actor", "maker", "checker") if name in row}
            content = {"kind": kind, "schema": 1, "action": action, **row, **actors}
            document = json.dumps(content, default=str)
            stored = {**row, "document": document} | ({"kind": action} if "kind" in table.c else {})
            await connection.execute(insert(table).values(stored))
            identifier = row[IDENTIFIERS[action]]
            entries.append(AuditedDocument(A_MOMENT, "maria", action, identifier, document.encode()))
        await EventChain().append_entries(connection, entries)
    await engine.dispose()
