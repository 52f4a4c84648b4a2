"""The ledger: where decisions are put on record together with their audit entries."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Protocol

from application.ports.dependencies import DependencyUnavailable
from application.ports.idempotency import Claim
from domain.policy.decision_record import DecisionRecord


class LedgerUnavailable(DependencyUnavailable):
    """The decision could not be put on record, so it must not be answered; trying again later may work."""


class OutcomeUnknown(LedgerUnavailable):
    """Nobody said in time whether the decision is on record, so it must not be answered; it may be on record.

    Asking again under the same key finds out; asking without one may make a second decision.
    """


class RecordRefused(Exception):
    """The record itself cannot be kept as it stands, so it must not be answered; trying again will not help."""


class AlreadyRecorded(RecordRefused):
    """A decision of this identifier is on record already, and stays as it is."""


class DecisionLedger(Protocol):
    """Puts decisions on durable record. Never one without its audit entry.

    Raises LedgerUnavailable, OutcomeUnknown, RecordRefused and AlreadyRecorded; one record that is refused does
    not sink others that happen to be recorded at the same time.
    """

    @abstractmethod
    async def record(self, record: DecisionRecord) -> None:
        """Record one decision and its audit entry in one transaction; durable when this returns."""

    @abstractmethod
    async def record_once(self, record: DecisionRecord, claim: Claim) -> DecisionRecord:
        """Record one decision under a caller's claim, and the claim with it, unless there is one under it already.

        Returns the decision that is durably on record under the claim: this one, or the one recorded first, in
        which case this one was not recorded. Of several at the same time, through whatever ledgers, one is
        recorded. Raises KeyReused where the caller's key stands for another request, and FirstNotKept where the
        decision that it stands for cannot be had any more.
        """

    @abstractmethod
    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        """Record many decisions, each with its audit entry, all in one transaction; durable when this returns."""
