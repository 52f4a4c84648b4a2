"""The ledger, which records decisions together with their audit entries."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from application.outcomes import unwrap
from application.ports.decisions.idempotency import Claim
from application.ports.operations.dependencies import DependencyUnavailable
from domain.applications.application_reference import ApplicationReference
from domain.decisions.decision_record import DecisionRecord


class LedgerUnavailable(DependencyUnavailable):
    """The decision could not be recorded and must not be returned; retry later."""


class CommitUnconfirmed(LedgerUnavailable):
    """The database did not confirm in time whether the decision was recorded, so it must not be returned.

    Repeating the request with the same key shows it; without a key it may create a second decision.
    """


class KeyHeld(LedgerUnavailable):
    """Another transaction holds the key or the reference. Recording the decision on its own waits for it."""


class HistoryChanged(LedgerUnavailable):
    """Another application of the applicant was recorded meanwhile. Decide again, with the present history."""


class RecordRefused(Exception):
    """The record is invalid, so the decision must not be returned; retrying does not help."""


class AlreadyRecorded(RecordRefused):
    """A decision with this identifier is already recorded."""


class ApplicationReferenceTaken(Exception):
    """Another application has this reference already, so the decision was not recorded.

    `decision_id` identifies the newest decision on it; None where the caller may not see it. `decision` is None
    where its document cannot be read. `owner` requested the first decision on it.
    """

    def __init__(
        self,
        reference: ApplicationReference,
        decision_id: UUID | None = None,
        decision: DecisionRecord | None = None,
        owner: str | None = None,
    ) -> None:
        known = "" if decision_id is None else f": decision {decision_id}"
        super().__init__(f"another application has the reference {reference.text} of {reference.scope}{known}")
        self.reference = reference
        self.decision_id = decision_id
        self.decision = decision
        self.owner = owner


class ReferencesTaken(Exception):
    """Nothing of many decisions was recorded, because others have some of their references.

    `taken` has the newest decision under each of these. A reference that two of the decisions have is not in it.
    """

    def __init__(self, taken: Mapping[ApplicationReference, ApplicationReferenceTaken]) -> None:
        super().__init__(f"other applications have {len(taken)} of the references")
        self.taken = taken


class DecisionLedger(Protocol):
    """Records decisions durably, each with its audit entry.

    Raises LedgerUnavailable, CommitUnconfirmed, RecordRefused, AlreadyRecorded or ApplicationReferenceTaken. A
    refused record does not fail others that are recorded at the same time. Of concurrent decisions with the same
    reference, through any number of ledgers, one is recorded.
    """

    @abstractmethod
    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        """Record decisions, each with its audit entry, and its claim if it has one, in one transaction.

        Returns for each, in order, the decision that is durably recorded: this one, or an earlier one under the
        same claim, in which case this one is not recorded. Of concurrent decisions under one claim, through any
        number of ledgers, one is recorded. If none is, the result is the exception: one of the above, KeyReused if
        the key belongs to another request, or OriginalResponseUnavailable if the decision under the key cannot be
        read.
        """

    async def record(self, record: DecisionRecord) -> None:
        """Record one decision; raises the errors above."""
        (outcome,) = await self.record_each(((record, None),))
        unwrap(outcome)

    async def record_once(self, record: DecisionRecord, claim: Claim) -> DecisionRecord:
        """Record a decision under a claim, and return the recorded one; raises the errors above."""
        (outcome,) = await self.record_each(((record, claim),))
        return unwrap(outcome)

    @abstractmethod
    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        """Record decisions with their audit entries, all in one transaction; durable when this returns.

        Raises ReferencesTaken instead of ApplicationReferenceTaken.
        """
