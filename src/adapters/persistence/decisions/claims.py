"""Callers' claims in PostgreSQL: written in one transaction with what they stand for, and remembered a while."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from adapters.persistence.database.tables import idempotency_keys
from adapters.persistence.decisions.documents import decode
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from domain.decisions.decision_record import DecisionRecord

CLAIM_COLUMNS = tuple(idempotency_keys.c[name] for name in ("actor", "key", "fingerprint", "subject"))

FIND = """
SELECT actor, key, fingerprint, document
FROM unnest($1::text[], $2::text[]) AS asked (actor, key)
JOIN idempotency_keys USING (actor, key)
LEFT JOIN decisions ON decision_id = subject
"""

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FirstRecord:
    """What stands in a claim's place: the fingerprint of what was asked first, and the decision's document.

    There is none where the key stands for something else than a decision, or for one no longer kept. It is read
    for whoever asks for it: one that another release wrote, and this one cannot read, is nobody else's trouble.
    """

    fingerprint: bytes
    document: str | bytes | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "FirstRecord":
        """What a row of FIND says."""
        return cls(row["fingerprint"], row["document"])

    def answer(self, claim: Claim) -> DecisionRecord:
        """The decision for whoever makes the claim again; raises KeyReused and OriginalResponseUnavailable."""
        claim.must_be(self.fingerprint)
        if self.document is None:
            raise OriginalResponseUnavailable("the decision that this key stands for is no longer on record")
        try:
            return decode(self.document)
        except msgspec.DecodeError as fault:
            raise OriginalResponseUnavailable(
                "the decision that this key stands for cannot be read by this release"
            ) from fault


def claim_rows(claims: Iterable[tuple[Claim, UUID]]) -> list[tuple[str, str, bytes, UUID]]:
    """Rows of the table, always in the same order: else two writers could wait for one another."""
    return sorted((claim.actor, claim.key, claim.fingerprint, subject) for claim, subject in claims)


class CachedClaims:
    """Claims that this process has seen on record, at most `most`; the least recently used are forgotten first.

    What is on record under a claim never changes, so that it may be told from memory.
    """

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._firsts: OrderedDict[Place, FirstRecord] = OrderedDict()

    def find(self, claim: Claim) -> FirstRecord | None:
        """What stands in the claim's place, if it is remembered."""
        first = self._firsts.get(claim.place)
        if first is not None:
            self._firsts.move_to_end(claim.place)
        return first

    def keep(self, place: Place, first: FirstRecord) -> None:
        """Remember what is durably on record."""
        self._firsts[place] = first
        if len(self._firsts) > self._most:
            self._firsts.popitem(last=False)
