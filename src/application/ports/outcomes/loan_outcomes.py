"""Outcomes of loans as stored, with the loan that follows from them."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from application.ports.decisions.idempotency import Claim
from domain.access.user import Actor
from domain.outcomes.loan import Loan
from domain.outcomes.loan_outcome import LoanOutcome


class LoanConflict(Exception):
    """Another outcome of the loan was recorded at the same time. Nothing was recorded."""


class LoanUnreadable(Exception):
    """An outcome of the loan is recorded, but its document cannot be read."""


@dataclass(frozen=True, slots=True)
class StoredLoan:
    """A loan, and for figures the decision on it with PD, product and grade, its owner and its source."""

    loan: Loan
    decision_id: UUID
    pd: float
    product: str
    grade: str
    requested_by: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class LoanKey:
    """How a row of a file names its loan.

    `reference` is the caller's reference of the application, of a `source` if one is given. `identifier` is that
    of the application or of one of its decisions. With both, the text is one or the other.
    """

    reference: str | None = None
    source: str | None = None
    identifier: UUID | None = None


class LoanOutcomes(Protocol):
    """Stores outcomes of loans; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    async def history(self, application_id: UUID) -> Sequence[LoanOutcome]:
        """The outcomes of a loan by number; raises LoanUnreadable."""

    @abstractmethod
    async def under(self, claim: Claim) -> LoanOutcome | None:
        """The outcome recorded under this claim; raises KeyReused and OriginalResponseUnavailable."""

    @abstractmethod
    async def append(self, outcome: LoanOutcome, after: StoredLoan, claim: Claim | None = None) -> LoanOutcome:
        """Record an outcome, its audit entry, and the loan after it, in one transaction; durable when it returns.

        Returns the outcome, or the one recorded first under the same claim. Raises LoanConflict if the loan is no
        longer as it was seen, KeyReused, and OriginalResponseUnavailable.
        """

    @abstractmethod
    async def loans(self, keys: Collection[LoanKey], *, by: Actor) -> Mapping[LoanKey, StoredLoan | str]:
        """The accepted loans that these keys name among those that the actor may see, or why there is none.

        A reference without a source is one of the actor's own, or that of the only application which has it.
        """
