"""Portfolios that come and go as bytes: files handed in, and the lines of CSV that are handed back."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from application.ports.batches.portfolio import Columns, Portfolio


class PortfolioUnreadable(Exception):
    """The file cannot be read, as a whole or from some row on; the text says why and what to do."""


class PortfolioFiles(Protocol):
    """Makes portfolios of content."""

    @abstractmethod
    def open(self, content: AsyncIterator[bytes], *, after_row: int) -> AbstractAsyncContextManager[Portfolio]:
        """The portfolio without its first `after_row` rows; opening and reading it raise PortfolioUnreadable.

        Rows keep their numbers. Whatever it was kept in is gone at the end.
        """


class PortfolioLines(Protocol):
    """Results and errors as lines of CSV."""

    @abstractmethod
    def results(self, results: Columns, *, header: bool) -> bytes:
        """A chunk's results, in the columns of `scoring score`."""

    @abstractmethod
    def errors(self, refused: Columns, *, header: bool) -> bytes:
        """What is wrong with a chunk's refused rows, a line a fault."""
