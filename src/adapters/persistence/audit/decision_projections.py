"""Rows that repeat what decisions and acceptances state, with the rows that should be there.

They say which decision superseded which, which application a reference stands for, and what an applicant's history
is. Decisions recorded before these tables existed have no rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from adapters.persistence.applications.action_documents import decode as decode_action
from adapters.persistence.decisions.documents import MAX_DOCUMENT_BYTES, decode
from application.ports.audit.present_states import ComparedRow
from domain.applications.application_action import Acceptance, ApplicationActionKind
from domain.decisions.decision_record import DecisionRecord
from domain.stored_document import UnreadableDocument

_Values = Mapping[str, object]
_ROOT = "coalesce(link.application_id, stored.decision_id)"
_RECORD = f"""record.decision_id AS recorded,
    CASE WHEN octet_length(record.document) <= {MAX_DOCUMENT_BYTES} THEN record.document END AS document"""

_LINKS = f"""
SELECT stored.superseded_by AS key, stored.superseded_by, stored.decision_id AS superseded, stored.application_id,
    stored.superseded_at, link.application_id AS root, {_RECORD}
FROM superseded_decisions AS stored
LEFT JOIN superseded_decisions AS link ON link.superseded_by = stored.decision_id
LEFT JOIN decisions AS record ON record.decision_id = stored.superseded_by
WHERE stored.superseded_by > :after AND stored.superseded_by >= :first
ORDER BY stored.superseded_by LIMIT :limit
"""  # noqa: S608 - constants of our own
_HISTORIES = f"""
SELECT stored.decision_id AS key, stored.applicant_reference, product, stored.number, stored.decided_at,
    declined_at, accepted_amount, action_id, acceptance.document AS acceptance, {_RECORD}
FROM applicant_applications AS stored
LEFT JOIN superseded_decisions AS link ON link.superseded_by = stored.decision_id
LEFT JOIN decisions AS record ON record.decision_id = stored.decision_id
LEFT JOIN application_actions AS acceptance
    ON acceptance.application_id = {_ROOT} AND acceptance.kind = '{ApplicationActionKind.ACCEPTED.value}'
WHERE stored.decision_id > :after AND stored.decision_id >= :first
ORDER BY stored.decision_id LIMIT :limit
"""  # noqa: S608 - constants of our own
_REFERENCES = f"""
SELECT scope, reference, stored.decision_id AS key, stored.application_id, {_ROOT} AS root, later.superseded_by,
    owner.requested_by AS owner, {_RECORD}
FROM application_references AS stored
LEFT JOIN superseded_decisions AS link ON link.superseded_by = stored.decision_id
LEFT JOIN superseded_decisions AS later ON later.decision_id = stored.decision_id
LEFT JOIN decisions AS record ON record.decision_id = stored.decision_id
LEFT JOIN decisions AS owner ON owner.decision_id = {_ROOT}
WHERE (scope, reference) > (:scope, :reference) AND stored.decision_id >= :first
ORDER BY scope, reference LIMIT :limit
"""  # noqa: S608 - constants of our own
_WITHOUT = f"""
SELECT record.decision_id AS key, {_RECORD} FROM decisions AS record
WHERE record.decision_id > :after AND record.decision_id >= :first AND trial IS NOT TRUE AND {{0}}
    AND document NOT LIKE '{{{{"kind":"decision","schema"_3,%' AND NOT EXISTS ({{1}})
ORDER BY record.decision_id LIMIT :limit
"""  # noqa: S608 - constants of our own
"""Decisions whose row is missing. Those of schema 3, the first with references, had none.

`_` is the colon, which would name a parameter.
"""
_WITHOUT_LINK = _WITHOUT.format(
    """document LIKE '%"supersedes":"%'""",
    "SELECT FROM superseded_decisions AS link WHERE link.superseded_by = record.decision_id",
)
_WITHOUT_HISTORY = _WITHOUT.format(
    "record.applicant_reference IS NOT NULL",
    "SELECT FROM applicant_applications AS made WHERE made.decision_id = record.decision_id",
)
_WITHOUT_REFERENCE = _WITHOUT.format(
    "record.application_reference IS NOT NULL",
    """
        SELECT FROM application_references AS made
        WHERE made.reference = record.application_reference AND made.scope = coalesce(record.source, (
            SELECT requested_by FROM decisions AS owner WHERE owner.decision_id = coalesce(
                (SELECT application_id FROM superseded_decisions AS link WHERE superseded_by = record.decision_id),
                record.decision_id
            )
        ))
    """,
)


@dataclass(frozen=True, slots=True)
class Projection:
    """A table whose rows repeat decisions: `rows` reads its rows, and `without` the decisions that lack one.

    `stored` makes the comparable values of a row, and `expected` those that follow from the decision: None for no
    row. `after` are the parameters of the next page: the first columns of the last row.
    """

    name: str
    rows: str
    without: str
    stored: Callable[[Row[Any]], _Values]
    expected: Callable[[DecisionRecord, Row[Any]], _Values | None]
    stated: Callable[[DecisionRecord], bool]
    after: tuple[str, ...] = ("after",)

    def compared(self, row: Row[Any]) -> ComparedRow | None:
        """A stored row that differs from what it follows from; None if it does not, or if nothing can be read."""
        stored = self.stored(row)
        if row.recorded is None:
            return ComparedRow(self.name, row.key, stored, None, recorded=False)
        try:
            record = _record(row)
            expected = None if record is None or record.trial else self.expected(record, row)
        except UnreadableDocument:  # the verification of entries reports an altered document
            return None
        return None if stored == expected else ComparedRow(self.name, row.key, stored, expected)

    def missing(self, row: Row[Any]) -> ComparedRow | None:
        """The row that a decision lacks, if it states one."""
        try:
            record = _record(row)
        except UnreadableDocument:
            return None
        if record is None or not self.stated(record):
            return None
        return ComparedRow(self.name, row.key, None, {})


def _record(row: Row[Any]) -> DecisionRecord | None:
    return None if row.document is None else decode(row.document, row.recorded)


def _stored_link(row: Row[Any]) -> _Values:
    return {
        "decision_id": row.superseded,
        "application_id": row.application_id,
        "superseded_at": row.superseded_at,
    }


def _link(record: DecisionRecord, row: Row[Any]) -> _Values | None:
    if record.supersedes is None:
        return None
    return {
        "decision_id": record.supersedes,
        "application_id": row.root or record.supersedes,
        "superseded_at": record.decided_at,
    }


def _stored_history(row: Row[Any]) -> _Values:
    names = ("applicant_reference", "product", "number", "decided_at", "declined_at", "accepted_amount")
    return {name: getattr(row, name) for name in names}


def _history(record: DecisionRecord, row: Row[Any]) -> _Values | None:
    if record.applicant is None:
        return None
    accepted = None
    if row.acceptance is not None:
        action = decode_action(row.acceptance, row.action_id)
        if isinstance(action.details, Acceptance) and action.decision_id == record.decision_id:
            accepted = Decimal(action.details.amount.cents).scaleb(-2)
    return {
        "applicant_reference": record.applicant.reference,
        "product": record.applicant.product,
        "number": row.number if record.applicant_number is None else record.applicant_number,
        "decided_at": record.decided_at,
        "declined_at": record.decided_at if record.decision.starts_cooling_off else None,
        "accepted_amount": accepted,
    }


def _stored_reference(row: Row[Any]) -> _Values:
    return {
        "scope": row.scope,
        "reference": row.reference,
        "decision_id": row.key,
        "application_id": row.application_id,
    }


def _reference(record: DecisionRecord, row: Row[Any]) -> _Values | None:
    identity = record.identity
    if identity.application_reference is None:
        return None
    return {
        "scope": identity.source or row.owner or row.scope,  # the owner's decision may be in an archived month
        "reference": identity.application_reference,
        "decision_id": row.superseded_by or record.decision_id,
        "application_id": row.root,
    }


PROJECTIONS = (
    Projection(
        "link to the superseded decision",
        _LINKS,
        _WITHOUT_LINK,
        _stored_link,
        _link,
        lambda record: record.supersedes is not None,
    ),
    Projection(
        "entry in the applicant's history",
        _HISTORIES,
        _WITHOUT_HISTORY,
        _stored_history,
        _history,
        lambda record: record.applicant is not None,
    ),
    Projection(
        "application reference",
        _REFERENCES,
        _WITHOUT_REFERENCE,
        _stored_reference,
        _reference,
        lambda record: record.reference is not None,
        after=("scope", "reference"),
    ),
)
