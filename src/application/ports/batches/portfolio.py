"""Portfolios: whole files of loan applications, decided by column, a chunk at a time.

Columns pass through as they come: what they are is known to the adapters on both sides, and to nobody between.
What is not awaited here may take its time; use cases call it aside from the event loop.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from domain.access.user import Actor
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome

Columns: TypeAlias = Any
"""Columns in the adapters' own form."""


@dataclass(frozen=True, slots=True)
class LoanChunk:
    """Some successive rows: `loans` can be decided, `refused` says row by row what is wrong with the others.

    `rows_read` counts both; `share_done` says how much of the portfolio is behind us after these rows, 0 to 1.
    """

    loans: Columns
    refused: Columns
    rows_read: int
    rows_refused: int
    share_done: float


class Portfolio(Protocol):
    """Loan applications in their order."""

    @abstractmethod
    def chunks(self) -> Iterator[LoanChunk]:
        """The rows from the first to the last, once, in chunks of a size that memory holds easily."""


class DecidedLoans(Protocol):
    """The decisions on the loans of one chunk, in the order of its rows."""

    @property
    @abstractmethod
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many of each outcome; together as many as there are loans."""

    @abstractmethod
    def records(
        self, identifiers: Sequence[UUID], *, decided_at: datetime, requested_by: Actor, channel: str
    ) -> Iterator[DecisionRecord]:
        """Each decision as it goes on record, as one at a time would give it; made when it is asked for."""

    @abstractmethod
    def results(self, identifiers: Sequence[UUID] | None) -> Columns:
        """What the caller gets, a row a loan; no identifiers where nothing went on record."""


class PortfolioDecider(Protocol):
    """Predicts and decides by column, to the last bit as one at a time."""

    @property
    @abstractmethod
    def max_in_flight(self) -> int:
        """How many chunks it likes to have in hand at a time, 1 or more."""

    @abstractmethod
    async def decide(self, loans: Columns) -> DecidedLoans:
        """The decisions on a chunk's loans; there may be none. Raises DependencyUnavailable."""


class PortfolioResults(Protocol):
    """Where results go, and what was refused."""

    @abstractmethod
    def add(self, results: Columns, refused: Columns) -> None:
        """Take a chunk's results behind those before it."""
