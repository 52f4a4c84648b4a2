"""Finds the loans that rows of a file name, set by set."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.persistence.applications import action_documents
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.outcomes import outcome_documents
from application.ports.outcomes.loan_outcomes import LoanKey, StoredLoan
from domain.access.user import Actor, Permission
from domain.applications.application_action import Acceptance
from domain.outcomes.loan import fold
from domain.policies.stored_policy import PRODUCT_OF_SCHEMA_1
from domain.stored_document import UnreadableDocument

NOT_ACCEPTED = "names an application that is not accepted, so that it has no loan"
AMBIGUOUS = "names several applications: state their source in a column source"
NOT_STORED = "names an application whose decision is in an archived month: put that month back first"

_Tiers = tuple[tuple[UUID, ...], ...]
"""Applications that a key may name, the most likely ones first."""

_BY_IDENTIFIER = text(
    """
    SELECT given.identifier,
        coalesce(earlier.application_id, later.application_id, given.identifier) AS application_id
    FROM unnest(:identifiers) AS given (identifier)
    LEFT JOIN superseded_decisions AS earlier ON earlier.decision_id = given.identifier
    LEFT JOIN superseded_decisions AS later ON later.superseded_by = given.identifier
    """
).bindparams(bindparam("identifiers", type_=ARRAY(Uuid)))
_BY_SCOPE = text(
    """
    SELECT scope, reference, application_id FROM unnest(:scopes, :names) AS given (scope, reference)
    JOIN application_references USING (scope, reference)
    """
).bindparams(bindparam("scopes", type_=ARRAY(Text)), bindparam("names", type_=ARRAY(Text)))
_BY_REFERENCE = text(
    """
    SELECT DISTINCT given.reference, coalesce(chain.application_id, decisions.decision_id) AS application_id
    FROM unnest(:names) AS given (reference)
    JOIN decisions ON lower(application_reference) = lower(given.reference)
        AND application_reference = given.reference AND trial IS NOT TRUE
    LEFT JOIN superseded_decisions AS chain ON chain.superseded_by = decisions.decision_id
    """
).bindparams(bindparam("names", type_=ARRAY(Text)))
DECIDED_LOANS = text(
    """
    SELECT given.application_id, action.action_id, action.document, applications.decision_id, newest.pd,
        split_part(split_part(newest.document, '"product":{"name":"', 2), '"', 1) AS product, newest.grade,
        newest.source, first.requested_by
    FROM unnest(:applications) AS given (application_id)
    LEFT JOIN applications ON applications.application_id = given.application_id AND state = 'accepted'
    LEFT JOIN application_actions AS action
        ON action.application_id = applications.application_id AND action.kind = 'application accepted'
    LEFT JOIN decisions AS newest ON newest.decision_id = applications.decision_id
    LEFT JOIN decisions AS first ON first.decision_id = given.application_id
    """
).bindparams(bindparam("applications", type_=ARRAY(Uuid)))
"""What is known of loans apart from their outcomes; `action_id` is NULL where the application is not accepted."""
_HISTORIES = text(
    """
    SELECT application_id, outcome_id, document FROM loan_outcomes WHERE application_id = ANY(:applications)
    ORDER BY application_id, number
    """
).bindparams(bindparam("applications", type_=ARRAY(Uuid)))


async def find_loans(
    connection: AsyncConnection, keys: Collection[LoanKey], by: Actor, unreadable: UnreadableDocuments
) -> Mapping[LoanKey, StoredLoan | str]:
    """The accepted loans that keys name among those that the actor may see, or why there is none."""
    named = await _applications_of(connection, keys, by)
    wanted = sorted({each for tiers in named.values() for tier in tiers for each in tier})
    loans = await _loans(connection, wanted, by, unreadable)
    return {key: _answer(key, named[key], loans) for key in keys}


def _answer(key: LoanKey, tiers: _Tiers, loans: Mapping[UUID, StoredLoan | str | None]) -> StoredLoan | str:
    """What the first tier with any visible application says."""
    for tier in tiers:
        found = [loan for each in tier if (loan := loans[each]) is not None]
        if found:
            return found[0] if len(found) == 1 else AMBIGUOUS
    return "names no application" if key.source is None else "names no application of this source"


async def _applications_of(
    connection: AsyncConnection, keys: Collection[LoanKey], by: Actor
) -> Mapping[LoanKey, _Tiers]:
    """The applications that each key may name: by identifier, by a reference of its source, by one of any source.

    The last only for actors who may see all applications, and where no source is given.
    """
    identifiers = [key.identifier for key in keys if key.identifier is not None]
    places = [(key.source or by.name, key.reference) for key in keys if key.reference is not None]
    by_identifier = await _by_identifier(connection, identifiers)
    by_scope = await _by_scope(connection, places)
    by_reference: Mapping[str, tuple[UUID, ...]] = {}
    if by.may(Permission.READ_ALL_DECISIONS):
        anywhere = {key.reference for key in keys if key.reference is not None and key.source is None}
        by_reference = await _by_reference(connection, anywhere - {name for _, name in by_scope})
    named: dict[LoanKey, _Tiers] = {}
    for key in keys:
        scoped = by_scope.get((key.source or by.name, key.reference or ""))
        others = by_reference.get(key.reference or "", ()) if key.source is None else ()
        given = by_identifier.get(key.identifier) if key.identifier is not None else None
        named[key] = (() if given is None else (given,), () if scoped is None else (scoped,), others)
    return named


async def _by_identifier(connection: AsyncConnection, identifiers: Sequence[UUID]) -> Mapping[UUID, UUID]:
    if not identifiers:
        return {}
    rows = await connection.execute(_BY_IDENTIFIER, {"identifiers": identifiers})
    return {row.identifier: row.application_id for row in rows}


async def _by_scope(
    connection: AsyncConnection, places: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], UUID]:
    if not places:
        return {}
    values = {"scopes": [scope for scope, _ in places], "names": [name for _, name in places]}
    return {(row.scope, row.reference): row.application_id for row in await connection.execute(_BY_SCOPE, values)}


async def _by_reference(connection: AsyncConnection, names: Iterable[str]) -> Mapping[str, tuple[UUID, ...]]:
    given = sorted(names)
    found: dict[str, tuple[UUID, ...]] = {}
    for row in await connection.execute(_BY_REFERENCE, {"names": given}) if given else ():
        found[row.reference] = (*found.get(row.reference, ()), row.application_id)
    return found


async def _loans(
    connection: AsyncConnection, applications: Sequence[UUID], by: Actor, unreadable: UnreadableDocuments
) -> Mapping[UUID, StoredLoan | str | None]:
    """The loan of each application, why it has none, or None if the actor may not see it or it does not exist."""
    if not applications:
        return {}
    histories: dict[UUID, list[Any]] = {}
    for row in await connection.execute(_HISTORIES, {"applications": applications}):
        histories.setdefault(row.application_id, []).append(row)
    found: dict[UUID, StoredLoan | str | None] = {}
    for row in await connection.execute(DECIDED_LOANS, {"applications": applications}):
        found[row.application_id] = _loan(row, histories.get(row.application_id, ()), by, unreadable)
    return found


def _loan(row: Any, history: Sequence[Any], by: Actor, unreadable: UnreadableDocuments) -> StoredLoan | str | None:
    if row.requested_by is None:
        return NOT_STORED if row.action_id is not None and by.may(Permission.READ_ALL_DECISIONS) else None
    if not by.may_see(row.requested_by):
        return None
    if row.action_id is None:
        return NOT_ACCEPTED
    return NOT_STORED if row.pd is None else _accepted_loan(row, history, unreadable)


def _accepted_loan(row: Any, history: Sequence[Any], unreadable: UnreadableDocuments) -> StoredLoan | str:
    try:
        accepted = action_documents.decode(row.document, row.action_id).details
        outcomes = [outcome_documents.decode(each.document, each.outcome_id) for each in history]
        if not isinstance(accepted, Acceptance):
            return NOT_ACCEPTED
        loan = fold(row.application_id, accepted.amount, outcomes)
    except UnreadableDocument as fault:
        unreadable.report(outcome_documents.LOAN_OUTCOME.name, row.application_id, fault)
        return f"names a loan whose records cannot be read: {fault}"
    except ValueError as fault:
        return f"names a loan whose outcomes do not follow each other: {fault}"
    return StoredLoan(loan, row.decision_id, row.pd, product_of(row), row.grade, row.requested_by, row.source)


def product_of(row: Any) -> str:
    """The product of a row of `DECIDED_LOANS`; documents of schema 1 state none."""
    return row.product or PRODUCT_OF_SCHEMA_1.name
