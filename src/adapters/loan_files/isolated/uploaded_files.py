"""Uploaded files, stored on the worker's own disk while they are read."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO

from adapters.loan_files.isolated.child_portfolio import ChildPortfolio
from adapters.loan_files.isolated.reader_process import ReadingJob
from adapters.loan_files.isolated.working_folder import working_folder
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.results.private_file import create_private_file
from application.ports.batches.portfolio import Portfolio
from application.ports.batches.portfolio_files import PortfolioFiles
from application.ports.operations.dependencies import DependencyUnavailable
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.products.product_definition import ProductDefinition

MAX_CPU_SECONDS = 600
"""Five million rows take about a minute and a half if every row has line breaks inside quotes."""
_LIMITS = ReadingLimits()


class UploadedFiles(PortfolioFiles):
    """Portfolios of a product's loans in CSV, CSV.gz or Parquet, recognized by content.

    They are read in chunks of about `chunk_rows`. Each file is read by a process of its own, limited to
    `memory_mb` of memory. `folder` holds the files meanwhile; the default is the system's folder for temporary
    files.
    """

    def __init__(
        self,
        product: ProductDefinition,
        *,
        chunk_rows: int,
        folder: Path | None = None,
        memory_mb: int = 1024,
        limits: ReadingLimits = _LIMITS,
        seconds_per_chunk: float = 120.0,
    ) -> None:
        self._product = product
        self._chunk_rows = chunk_rows
        self._folder = folder
        self._memory_mb = memory_mb
        self._limits = limits
        self._seconds_per_chunk = seconds_per_chunk

    @asynccontextmanager
    async def open(
        self,
        content: AsyncIterator[bytes],
        *,
        after_row: int,
        conventions: FileConventions = AS_DEFINED,
        keep: Sequence[str] = (),
    ) -> AsyncIterator[Portfolio]:
        """The portfolio. Raises DependencyUnavailable if the disk is full or no reader can be started."""
        async with stored_file(content, self._folder) as path:
            job = ReadingJob(
                str(path),
                self._product.document,
                self._chunk_rows,
                after_row,
                self._memory_mb,
                MAX_CPU_SECONDS,
                conventions.texts,
                list(keep),
                self._limits,
            )
            portfolio = await asyncio.to_thread(
                ChildPortfolio, job, self._product, seconds=self._seconds_per_chunk
            )
            try:
                yield portfolio
            finally:
                portfolio.close()


@asynccontextmanager
async def stored_file(content: AsyncIterator[bytes], folder: Path | None) -> AsyncIterator[Path]:
    """The content as a file in a private folder, which is removed at the end. Raises DependencyUnavailable."""
    with ExitStack() as stack:
        with _disk_errors():
            path = stack.enter_context(working_folder(folder)) / "loans"
        with _disk_errors():
            file = create_private_file(path)
        with file:
            async for chunk in content:
                with _disk_errors():
                    await asyncio.to_thread(_write, file, chunk)
        yield path


def _write(file: BinaryIO, chunk: bytes) -> None:
    file.write(chunk)
    file.flush()


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise DependencyUnavailable(f"the file cannot be written to this worker's disk ({fault})") from fault
