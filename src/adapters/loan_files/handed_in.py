"""Files that were handed in as bytes: on the worker's own disk while they are read, and gone afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from adapters.loan_files.portfolio_file import PortfolioFile
from adapters.loan_files.private_file import create_private_file
from adapters.loan_files.unreadable import LoanFileUnreadable
from application.ports.dependencies import DependencyUnavailable
from application.ports.portfolio import LoanStretch, Portfolio
from application.ports.portfolio_files import PortfolioFiles, PortfolioUnreadable


class HandedInFiles(PortfolioFiles):
    """Portfolios of CSV, CSV.gz or Parquet, told apart by content, in stretches of about `stretch_rows`.

    `folder` is where they lie meanwhile; the system's own for temporary files unless told.
    """

    def __init__(self, *, stretch_rows: int, folder: Path | None = None) -> None:
        self._stretch_rows = stretch_rows
        self._folder = folder

    @asynccontextmanager
    async def open(self, content: AsyncIterator[bytes], *, after_row: int) -> AsyncIterator[Portfolio]:
        """The portfolio while its file is there; raises DependencyUnavailable where there is no room for it."""
        with ExitStack() as stack:
            with _on_our_disk():
                folder = stack.enter_context(TemporaryDirectory(prefix="scoring-batch-", dir=self._folder))
            path = Path(folder) / "loans"
            with create_private_file(path) as file:
                async for chunk in content:
                    with _on_our_disk():
                        await asyncio.to_thread(_write, file, chunk)
            try:
                found = await asyncio.to_thread(
                    PortfolioFile, path, stretch_rows=self._stretch_rows, after_row=after_row
                )
            except LoanFileUnreadable as fault:
                raise PortfolioUnreadable(f"the file: {fault.what}") from fault
            yield _Told(found)


def _write(file: BinaryIO, chunk: bytes) -> None:
    file.write(chunk)
    file.flush()


@contextmanager
def _on_our_disk() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise DependencyUnavailable(f"the file cannot be put on this worker's disk ({fault})") from fault


class _Told(Portfolio):
    """A portfolio that says what is wrong without naming the place where it lies."""

    def __init__(self, portfolio: Portfolio) -> None:
        self._portfolio = portfolio

    def stretches(self) -> Iterator[LoanStretch]:
        """The same stretches."""
        try:
            yield from self._portfolio.stretches()
        except LoanFileUnreadable as fault:
            raise PortfolioUnreadable(f"the file: {fault.what}") from fault
