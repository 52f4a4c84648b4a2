"""Writes an action on an application with its audit entry and what follows from it, in a given transaction."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.applications.action_documents import encode
from adapters.persistence.applications.applicant_histories import accept_loan
from adapters.persistence.applications.application_queries import FINISHED, present_of
from adapters.persistence.applications.application_tables import (
    application_actions,
    applications,
    superseded_decisions,
)
from adapters.persistence.audit.audit_events import AuditedDocument
from adapters.persistence.cases.case_documents import encode_action
from adapters.persistence.cases.change_statements import change_rows, change_statement
from adapters.persistence.database.tables import idempotency_keys
from application.ports.applications.applications import ApplicationConflict, StoredApplication
from application.ports.cases.cases import CaseChange
from application.ports.decisions.idempotency import Claim
from domain.applications.application_action import Acceptance, ApplicationAction
from domain.applications.money import Money


async def append_action(
    connection: AsyncConnection,
    action: ApplicationAction,
    seen: StoredApplication,
    withdrawal: CaseChange | None,
    other_loans: Money | None,
) -> list[AuditedDocument]:
    """Write the action and the withdrawal of the case; returns the documents whose audit entries are to follow.

    The row of the application is locked first, so that of two actions, or an action and a superseding decision,
    one waits for the other. Raises ApplicationConflict.
    """
    await _lock(connection, action, seen)
    await _check_unchanged(connection, action, seen)
    documents = [] if withdrawal is None else [await withdraw_case(connection, withdrawal)]
    document = encode(action)
    row = {name: getattr(action, name) for name in ("action_id", "application_id", "number", "at")}
    row |= {"actor": action.actor.name, "kind": action.kind.value, "document": document.decode()}
    await connection.execute(insert(application_actions).values(row))
    if isinstance(action.details, Acceptance):
        await accept_loan(connection, action.decision_id, action.details.amount, other_loans)
    entry = AuditedDocument(action.at, action.actor.name, action.kind.value, action.action_id, document)
    return [*documents, entry]


async def withdraw_case(connection: AsyncConnection, change: CaseChange) -> AuditedDocument:
    """Record that a case is withdrawn; returns what its audit entry states. Raises ApplicationConflict."""
    action, document = change.action, encode_action(change.action)
    changed = await connection.exec_driver_sql(*change_statement(change, change_rows(change, document)))
    if changed.one_or_none() is None:
        raise ApplicationConflict("the application's case was changed at the same time")
    return AuditedDocument(action.at, action.actor.name, action.kind.value, action.action_id, document)


async def claim_or_find(connection: AsyncConnection, subject: UUID, claim: Claim) -> UUID | None:
    """Claim the key for the subject, or find what is recorded under it. Waits for a transaction that claims it."""
    row = {"actor": claim.actor, "key": claim.key, "fingerprint": claim.fingerprint, "subject": subject}
    claimed = insert_or_update(idempotency_keys).values(row).on_conflict_do_nothing()
    if (await connection.execute(claimed.returning(idempotency_keys.c.subject))).one_or_none():
        return None
    return await find_claimed(connection, claim)


async def find_claimed(connection: AsyncConnection, claim: Claim) -> UUID | None:
    """What the claim was recorded for, if it was; raises KeyReused."""
    key = (idempotency_keys.c.actor == claim.actor) & (idempotency_keys.c.key == claim.key)
    query = select(idempotency_keys.c.fingerprint, idempotency_keys.c.subject).where(key)
    first = (await connection.execute(query)).one_or_none()
    if first is None:
        return None
    claim.check_same_request(first.fingerprint)
    subject: UUID = first.subject
    return subject


async def _lock(connection: AsyncConnection, action: ApplicationAction, seen: StoredApplication) -> None:
    state = {"decision_id": action.decision_id, "state": action.kind.state.value, "version": action.number}
    row = {"application_id": seen.application_id, **state, "changed_at": action.at}
    statement = insert_or_update(applications).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=[applications.c.application_id],
        set_={**state, "changed_at": action.at},
        where=(applications.c.decision_id == action.decision_id) & (applications.c.version == action.number - 1),
    )
    if not (await connection.execute(statement.returning(applications.c.application_id))).one_or_none():
        raise ApplicationConflict("the application was changed at the same time")


async def _check_unchanged(
    connection: AsyncConnection, action: ApplicationAction, seen: StoredApplication
) -> None:
    """Raise ApplicationConflict if the newest decision, its case or its final decision is not the one seen."""
    superseded = select(superseded_decisions.c.superseded_by)
    superseded = superseded.where(superseded_decisions.c.decision_id == action.decision_id)
    if await connection.scalar(superseded) is not None:
        raise ApplicationConflict("the decision was superseded at the same time")
    row = (await connection.execute(present_of(action.decision_id))).one()
    unfinished = None if row.case_id is None or row.case_state in FINISHED else (row.case_id, row.case_version)
    expected = None if seen.case is None or seen.case.finished else (seen.case.case_id, seen.case.version)
    if unfinished != expected:
        raise ApplicationConflict("the application's case was changed at the same time")
    if row.final_decision_id != (seen.final and seen.final.final_decision_id):
        raise ApplicationConflict("the case was resolved at the same time")
