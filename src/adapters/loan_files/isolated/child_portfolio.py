"""A portfolio read in a child process, so that a malicious or damaged file cannot harm the worker."""

from collections.abc import Iterator

import polars as pl

from adapters.loan_files.bureau_columns import TYPES as BUREAU_COLUMNS
from adapters.loan_files.isolated.child_reader import ChildReader, command_of
from adapters.loan_files.isolated.messages import (
    InvalidMessage,
    Kind,
    decode_chunk,
    decode_notices,
    loans_schema,
)
from adapters.loan_files.isolated.reader_process import ReadingJob
from application.ports.batches.portfolio import LoanChunk, Portfolio
from domain.applications.application_identity import TEXTS
from domain.applications.superseding import NAMES as SUPERSEDING
from domain.batches.kept_columns import KEPT
from domain.products.product_definition import ProductDefinition

COMMAND = command_of("adapters.loan_files.isolated.reader_process")


class ChildPortfolio(Portfolio):
    """The loans of a file for a product, as sent by its reader process; `close` ends that process.

    Raises PortfolioUnreadable, also if the file crashed its reader or a message took longer than `seconds`, and
    DependencyUnavailable if no reader can be started.
    """

    def __init__(self, job: ReadingJob, product: ProductDefinition, *, seconds: float) -> None:
        self.notices: list[str] = []
        self._schema = loans_schema(product)
        texts = (*TEXTS, *SUPERSEDING, *(f"{KEPT}{name}" for name in job.keep))
        self._callers = {**dict.fromkeys(texts, pl.String()), **BUREAU_COLUMNS, "line": pl.Int64()}
        self._reader = ChildReader(COMMAND, job, seconds=seconds)

    def chunks(self) -> Iterator[LoanChunk]:
        while True:
            kind, content = self._reader.receive()
            try:
                if kind is Kind.CHUNK:
                    yield decode_chunk(content, self._schema, self._callers)
                if kind is Kind.END:
                    self.notices = decode_notices(content)
                    return
            except InvalidMessage as fault:
                raise self._reader.invalid(fault) from fault

    def close(self) -> None:
        self._reader.close()
