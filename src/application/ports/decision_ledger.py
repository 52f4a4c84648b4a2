"""The ledger: where decisions are put on record together with their audit entries."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.policy.decision_record import DecisionRecord


class LedgerUnavailable(Exception):
    """The decision could not be put on record, so it must not be answered; trying again later may work."""


class DecisionLedger(Protocol):
    """Puts decisions on durable record. Never one without its audit entry."""

    @abstractmethod
    async def record(self, record: DecisionRecord) -> None:
        """Record one decision and its audit entry in one transaction; durable when this returns."""

    @abstractmethod
    async def record_all(self, records: Sequence[DecisionRecord]) -> None:
        """Record many decisions, each with its audit entry, all in one transaction; durable when this returns."""
