"""The ledger: where decisions are put on record together with their audit entries."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Protocol

from application.outcomes import unwrap
from application.ports.decisions.idempotency import Claim
from application.ports.operations.dependencies import DependencyUnavailable
from domain.decisions.decision_record import DecisionRecord


class LedgerUnavailable(DependencyUnavailable):
    """The decision could not be put on record, so it must not be answered; trying again later may work."""


class CommitUnconfirmed(LedgerUnavailable):
    """Nobody said in time whether the decision is on record, so it must not be answered; it may be on record.

    Asking again under the same key finds out; asking without one may make a second decision.
    """


class KeyHeld(LedgerUnavailable):
    """Another transaction holds the idempotency key. Recording the decision on its own waits for the key."""


class RecordRefused(Exception):
    """The record itself cannot be kept as it stands, so it must not be answered; trying again will not help."""


class AlreadyRecorded(RecordRefused):
    """A decision of this identifier is on record already, and stays as it is."""


class DecisionLedger(Protocol):
    """Puts decisions on durable record. Never one without its audit entry.

    Raises LedgerUnavailable, CommitUnconfirmed, RecordRefused or AlreadyRecorded. A refused record does not fail
    others that are recorded at the same time.
    """

    @abstractmethod
    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        """Record decisions, each with its audit entry in one transaction, and under its caller's claim if there is
        one, with the claim.

        Gives for each, in order, the decision that is durably on record: this one, or the one recorded first under
        its claim, in which case this one was not recorded. Of several under a claim at the same time, through
        whatever ledgers, one is recorded. Where there is none its place holds the reason: any of the above,
        KeyReused where the caller's key belongs to another request, or OriginalResponseUnavailable where the
        decision of that key can no longer be read. A key that another transaction holds delays nothing else: among
        several decisions it results in KeyHeld, and a single one waits up to a second before LedgerUnavailable.
        """

    async def record(self, record: DecisionRecord) -> None:
        """Record one decision; raises what stands in the way."""
        (outcome,) = await self.record_each(((record, None),))
        unwrap(outcome)

    async def record_once(self, record: DecisionRecord, claim: Claim) -> DecisionRecord:
        """The decision on record under a caller's claim, this one unless there was one; raises what stands in the
        way.
        """
        (outcome,) = await self.record_each(((record, claim),))
        return unwrap(outcome)

    @abstractmethod
    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        """Record many decisions, each with its audit entry, all in one transaction; durable when this returns."""
