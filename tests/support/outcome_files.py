"""Files of outcomes read in this process, which is quicker than in a process for each."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

from adapters.loan_files import LoanFileUnreadable
from adapters.loan_files.outcomes.outcome_parsing import RowParser
from adapters.loan_files.outcomes.outcome_reader import read_outcomes
from application.ports.batches.portfolio_files import PortfolioUnreadable
from application.ports.outcomes.outcome_files import OutcomeChunk, OutcomeFile, OutcomeFiles


@dataclass
class _OpenFile(OutcomeFile):
    path: Path
    chunk_rows: int
    after_row: int
    as_of: date | None

    def chunks(self) -> Iterator[OutcomeChunk]:
        parser = RowParser({}, self.as_of)
        try:
            for chunk in read_outcomes(self.path, parser, chunk_rows=self.chunk_rows, after_row=self.after_row):
                if chunk is not None:
                    yield chunk
        except LoanFileUnreadable as fault:
            raise PortfolioUnreadable(f"the file {fault.what}") from fault


@dataclass
class LocalOutcomeFiles(OutcomeFiles):
    """Files in a folder, in chunks of so many rows."""

    folder: Path
    chunk_rows: int = 2

    @asynccontextmanager
    async def open(
        self, content: AsyncIterator[bytes], *, after_row: int, as_of: date | None
    ) -> AsyncIterator[OutcomeFile]:
        path = self.folder / uuid4().hex
        path.write_bytes(b"".join([each async for each in content]))
        yield _OpenFile(path, self.chunk_rows, after_row, as_of)
