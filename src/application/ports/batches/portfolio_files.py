"""Portfolios as bytes: uploaded files, and results as lines of CSV."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from application.ports.batches.portfolio import Columns, Portfolio
from domain.batches.file_conventions import AS_DEFINED, FileConventions


class PortfolioUnreadable(Exception):
    """The file cannot be read, entirely or after some row. The message says why and what to do."""


class PortfolioFiles(Protocol):
    """Opens portfolios from uploaded content."""

    @abstractmethod
    def open(
        self,
        content: AsyncIterator[bytes],
        *,
        after_row: int,
        conventions: FileConventions = AS_DEFINED,
        keep: Sequence[str] = (),
    ) -> AbstractAsyncContextManager[Portfolio]:
        """The portfolio without its first `after_row` rows; opening and reading it raise PortfolioUnreadable.

        Rows keep their numbers. `keep` names columns that the results repeat. Temporary files are deleted on exit.
        """


class PortfolioLines(Protocol):
    """Results and errors as lines of CSV."""

    @abstractmethod
    def results(self, results: Columns, *, header: bool) -> bytes:
        """The results of a chunk, in the columns of `scoring score`."""

    @abstractmethod
    def errors(self, refused: Columns, *, header: bool) -> bytes:
        """The errors in the rejected rows of a chunk, one line per error."""
