"""Files of outcomes of loans: rows as they are read, and why others were refused."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from application.ports.outcomes.loan_outcomes import LoanKey
from domain.outcomes.loan_outcome import StatedOutcome


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A row that was read: `row` counts from 1, `line` is that of a text file."""

    row: int
    line: int
    key: LoanKey
    stated: StatedOutcome

    @property
    def shown_key(self) -> str:
        """How the row names its loan, for messages."""
        return self.key.reference or str(self.key.identifier)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One fault of a row: its number and line, how it names its loan, the field, and why it is refused."""

    row: int
    line: int
    reference: str
    field: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class OutcomeChunk:
    """Some rows of a file in their order, `rows_read` in all; `refused` may have several faults of one row."""

    rows: Sequence[OutcomeRow]
    refused: Sequence[RefusedRow]
    rows_read: int
    share_done: float


class OutcomeFile(Protocol):
    """An opened file."""

    @abstractmethod
    def chunks(self) -> Iterator[OutcomeChunk]:
        """The rows, chunk by chunk; raises PortfolioUnreadable."""


class OutcomeFiles(Protocol):
    """Opens files of outcomes."""

    @abstractmethod
    def open(
        self, content: AsyncIterator[bytes], *, after_row: int, as_of: date | None
    ) -> AbstractAsyncContextManager[OutcomeFile]:
        """The file without its first `after_row` rows; `as_of` is the day of rows that state none.

        Opening and reading raise PortfolioUnreadable. Temporary files are deleted on exit.
        """
