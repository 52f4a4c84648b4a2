"""Claims of idempotency keys in PostgreSQL, written in the transaction of what they stand for, and cached."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.decisions.documents import DECISION, MAX_DOCUMENT_BYTES, decode
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.decisions.idempotency import Claim, IdempotencyKey, KeyReused, OriginalResponseUnavailable
from application.use_cases.decisions.request_content import claim_of
from domain.decisions.decision_record import DecisionRecord
from domain.stored_document import UnreadableDocument

CLAIM_COLUMNS = tuple(idempotency_keys.c[name] for name in ("actor", "key", "fingerprint", "subject"))

FIND = f"""
SELECT actor, key, fingerprint, subject,
    CASE WHEN octet_length(document) > {MAX_DOCUMENT_BYTES} THEN substr(document, 1, 100) ELSE document END
        AS document
FROM unnest($1::text[], $2::text[]) AS claim (actor, key)
JOIN idempotency_keys USING (actor, key)
LEFT JOIN decisions ON decision_id = subject
"""  # noqa: S608 - a number of our own

Place = tuple[str, str]
"""An actor's name and key."""


@dataclass(frozen=True, slots=True)
class FirstRecord:
    """What is recorded under a claim: the fingerprint of the first request, and the decision with its document.

    The document is None where the key belongs to something other than a decision, or for one no longer stored. It
    is decoded when requested, so that a document of another release fails for its own caller only.
    """

    fingerprint: bytes
    decision_id: UUID
    document: str | bytes | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "FirstRecord":
        """From a row of FIND."""
        return cls(row["fingerprint"], row["subject"], row["document"])

    def answer(self, claim: Claim) -> DecisionRecord:
        """The decision for a repeated claim; raises KeyReused and OriginalResponseUnavailable."""
        if self.document is None:
            claim.check_same_request(self.fingerprint)
            raise OriginalResponseUnavailable("the decision made under this key is no longer recorded")
        try:
            record = decode(self.document, self.decision_id)
        except UnreadableDocument as fault:
            claim.check_same_request(self.fingerprint)
            raise OriginalResponseUnavailable(
                "the decision made under this key cannot be read by this release"
            ) from fault
        if self.fingerprint != claim.fingerprint:
            # An earlier release may have made it of another form of the same application.
            first = claim_of(record, IdempotencyKey(claim.key))
            claim.check_same_request(first.fingerprint)
        return record


def claim_columns(claims: Iterable[tuple[Claim, UUID]]) -> list[Sequence[object]]:
    """Columns of the table, with rows always in the same order: otherwise two writers could deadlock."""
    rows = sorted((claim.actor, claim.key, claim.fingerprint, subject) for claim, subject in claims)
    return [[row[place] for row in rows] for place in range(len(CLAIM_COLUMNS))]


class CachedClaims:
    """The claims last seen by this process, at most `capacity`; a recorded claim never changes."""

    def __init__(self, unreadable: UnreadableDocuments | None = None, capacity: int = 1024) -> None:
        self._unreadable = unreadable or UnreadableDocuments()
        self._capacity = capacity
        self._firsts: OrderedDict[Place, FirstRecord] = OrderedDict()

    def answer(self, claim: Claim) -> DecisionRecord | Exception | None:
        """The decision under the claim, or why it cannot be returned; None if the claim is not cached."""
        first = self._firsts.get(claim.place)
        if first is None:
            return None
        self._firsts.move_to_end(claim.place)
        try:
            return first.answer(claim)
        except (KeyReused, OriginalResponseUnavailable) as reason:
            if isinstance(reason.__cause__, UnreadableDocument):
                self._unreadable.report(DECISION.name, first.decision_id, reason.__cause__)
            return reason

    def keep(self, place: Place, first: FirstRecord) -> None:
        """Cache what is durably recorded; the least recently used claim gives way."""
        self._firsts[place] = first
        if len(self._firsts) > self._capacity:
            self._firsts.popitem(last=False)
