"""References of applications in PostgreSQL, written in the statement that records the decision."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from adapters.persistence.applications.application_tables import application_references
from adapters.persistence.decisions.documents import DECISION, MAX_DOCUMENT_BYTES, decode
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.decisions.decision_ledger import ApplicationReferenceTaken, ReferencesTaken
from domain.applications.application_reference import ApplicationReference
from domain.stored_document import UnreadableDocument

FIND_REFERENCES = f"""
SELECT scope, reference, decision_id,
    CASE WHEN octet_length(document) > {MAX_DOCUMENT_BYTES} THEN substr(document, 1, 100) ELSE document END
        AS document,
    (SELECT requested_by FROM decisions WHERE decisions.decision_id = application_id) AS owner
FROM unnest($1::text[], $2::text[]) AS given (scope, reference)
JOIN application_references USING (scope, reference)
LEFT JOIN decisions USING (decision_id)
"""  # noqa: S608 - a number of our own


class ReferenceConflict(Exception):
    """Another decision, or another one of these, has one of the references. `references` are those of all."""

    def __init__(self, references: Sequence[ApplicationReference]) -> None:
        super().__init__("a reference exists already")
        self.references = references


def is_reference_conflict(fault: BaseException) -> bool:
    """Whether a row of application_references exists already."""
    return isinstance(fault, asyncpg.UniqueViolationError) and fault.table_name == application_references.name


async def references_taken(connection: Any, conflict: ReferenceConflict) -> ReferencesTaken:
    """The exception for decisions that were not recorded, after the transaction was rolled back."""
    scopes, texts = [each.scope for each in conflict.references], [each.text for each in conflict.references]
    unreadable = UnreadableDocuments()
    found = [reference_taken(row, unreadable) for row in await connection.fetch(FIND_REFERENCES, scopes, texts)]
    return ReferencesTaken({taken.reference: taken for taken in found})


def reference_taken(row: Mapping[Any, Any], unreadable: UnreadableDocuments) -> ApplicationReferenceTaken:
    """The exception for an application whose reference a row of FIND_REFERENCES has.

    The decision is missing where its month is archived or its document cannot be read.
    """
    reference, decision_id = ApplicationReference(row["scope"], row["reference"]), row["decision_id"]
    document = row["document"]
    try:
        decision = None if document is None else decode(document, decision_id)
    except UnreadableDocument as fault:
        unreadable.report(DECISION.name, decision_id, fault)
        decision = None
    return ApplicationReferenceTaken(reference, decision_id, decision, row["owner"])
