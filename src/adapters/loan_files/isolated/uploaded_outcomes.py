"""Uploaded files of outcomes, each stored on the worker's own disk and read by a process of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import msgspec

from adapters.loan_files.isolated.child_reader import ChildReader, command_of
from adapters.loan_files.isolated.messages import Kind
from adapters.loan_files.isolated.outcome_process import OutcomeJob
from adapters.loan_files.isolated.uploaded_files import MAX_CPU_SECONDS, stored_file
from adapters.loan_files.limits import ReadingLimits
from application.ports.outcomes.outcome_files import OutcomeChunk, OutcomeFile, OutcomeFiles

COMMAND = command_of("adapters.loan_files.isolated.outcome_process")
_LIMITS = ReadingLimits()
_decoder = msgspec.json.Decoder(OutcomeChunk)


class ChildOutcomes(OutcomeFile):
    """The rows of a file, as sent by its reader process."""

    def __init__(self, reader: ChildReader) -> None:
        self._reader = reader

    def chunks(self) -> Iterator[OutcomeChunk]:
        while True:
            kind, content = self._reader.receive()
            if kind is Kind.END:
                return
            if kind is Kind.CHUNK:
                try:
                    yield _decoder.decode(content)
                except msgspec.MsgspecError as fault:
                    raise self._reader.invalid(fault) from fault


class UploadedOutcomes(OutcomeFiles):
    """Files in CSV, CSV.gz or Parquet, read in chunks of about `chunk_rows` within `memory_mb` of memory."""

    def __init__(
        self,
        *,
        chunk_rows: int,
        folder: Path | None = None,
        memory_mb: int = 1024,
        limits: ReadingLimits = _LIMITS,
        seconds_per_chunk: float = 120.0,
    ) -> None:
        self._chunk_rows = chunk_rows
        self._folder = folder
        self._memory_mb = memory_mb
        self._limits = limits
        self._seconds_per_chunk = seconds_per_chunk

    @asynccontextmanager
    async def open(
        self, content: AsyncIterator[bytes], *, after_row: int, as_of: date | None
    ) -> AsyncIterator[OutcomeFile]:
        """The file. Raises DependencyUnavailable if the disk is full or no reader can be started."""
        async with stored_file(content, self._folder) as path:
            day = "" if as_of is None else as_of.isoformat()
            job = OutcomeJob(
                str(path), self._chunk_rows, after_row, self._memory_mb, MAX_CPU_SECONDS, day, self._limits
            )
            reader = await asyncio.to_thread(ChildReader, COMMAND, job, seconds=self._seconds_per_chunk)
            try:
                yield ChildOutcomes(reader)
            finally:
                reader.close()
