"""Portfolios: files of loan applications that are decided by column, chunk by chunk.

The type of columns is known to the adapters only. Methods that are not coroutines may block; use cases call them
on a thread.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, Self, TypeAlias
from uuid import UUID

from domain.access.user import Actor
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome

Columns: TypeAlias = Any
"""Columns in a type of the adapters."""


@dataclass(frozen=True, slots=True)
class LoanChunk:
    """Successive rows: `loans` can be decided, `refused` lists the errors of the others.

    `rows_read` counts both. `share_done` is the share of the portfolio read after these rows, 0 to 1.
    `first_refusal` says which row was refused first and why; empty if none was. `repeated` are the results of rows
    that earlier decisions have decided already; None if there are none. `superseding` are loans that decide an
    application again, one by one; None if there are none. `twins` are loans that repeat others of `loans`, whose
    places are `twin_of`.
    """

    loans: Columns
    refused: Columns
    rows_read: int
    rows_refused: int
    share_done: float
    first_refusal: str = ""
    repeated: Columns = None
    repeated_outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    superseding: Columns = None
    twins: Columns = None
    twin_of: Sequence[int] = ()


class RefusedRow(NamedTuple):
    """The field of a loan that is refused, and why."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What the records of a chunk have in common; `trial` marks those made to try something."""

    decided_at: datetime
    requested_by: Actor
    received_through: str
    trial: bool = False


class Portfolio(Protocol):
    """A sequence of loan applications."""

    notices: Sequence[str]
    """Remarks on the file; complete after the last chunk."""

    @abstractmethod
    def chunks(self) -> Iterator[LoanChunk]:
        """All rows in order, once, in chunks that fit into memory."""


class DecidedLoans(Protocol):
    """The decisions on the loans of a chunk, in the order of its rows."""

    @property
    @abstractmethod
    def outcomes(self) -> Mapping[Outcome, int]:
        """The number of loans by outcome."""

    @property
    @abstractmethod
    def declined(self) -> Sequence[int]:
        """The rows with a decline from which a cooling-off counts, from 0."""

    @abstractmethod
    def replaced(self, rows: Sequence[int], loans: Columns, decided: Self) -> Self:
        """The decisions on `loans`, which differ from those before in these rows only."""

    @abstractmethod
    def records(self, identifiers: Sequence[UUID], origin: Origin) -> Iterator[DecisionRecord]:
        """The records, equal to those of single decisions, created during iteration."""

    @abstractmethod
    def results(self, identifiers: Sequence[UUID] | None, repeated: Columns = None) -> Columns:
        """The results, one row per loan; `identifiers` is None if nothing was recorded.

        `repeated` are results of other rows of the chunk, which are inserted in the order of the rows.
        """

    @abstractmethod
    def without(
        self,
        chunk: LoanChunk,
        refused: Mapping[int, RefusedRow],
        recorded: Mapping[int, DecisionRecord],
        twins: Mapping[int, int] = MappingProxyType({}),
    ) -> LoanChunk:
        """The chunk without some of its loans, by their places from 0.

        `refused` says why loans are refused; `recorded` has decisions on loans that are on record already; `twins`
        says which loan of the chunk a loan repeats.
        """


class PortfolioDecider(Protocol):
    """Predicts and decides by column, with the same bits as one application at a time."""

    @property
    @abstractmethod
    def max_in_flight(self) -> int:
        """The number of chunks to decide concurrently, 1 or more."""

    @abstractmethod
    async def decide(self, loans: Columns) -> DecidedLoans:
        """The decisions on the loans of a chunk, which may be empty. Raises DependencyUnavailable."""


class PortfolioResults(Protocol):
    """Receives results and rejected rows."""

    @abstractmethod
    def add(self, results: Columns, refused: Columns) -> None:
        """Append the results and rejected rows of a chunk."""
