"""Reads an uploaded file of outcomes within limits: `python -m adapters.loan_files.isolated.outcome_process JOB`.

It writes messages (see messages.py) to standard output and ends, as reader_process does for files of loans.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

import msgspec
import polars as pl

from adapters.loan_files.isolated.messages import Kind, message
from adapters.loan_files.isolated.reader_process import needs_more_memory, restrict
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.outcomes.outcome_parsing import RowParser
from adapters.loan_files.outcomes.outcome_reader import read_outcomes
from adapters.loan_files.unreadable import LoanFileUnreadable

_MAX_TEXT = 4000


@dataclass(frozen=True, slots=True)
class OutcomeJob:
    """What to read, and the limits: `as_of` is the day of rows that state none, in ISO 8601, or empty."""

    path: str
    chunk_rows: int
    after_row: int
    memory_mb: int
    cpu_seconds: int
    as_of: str = ""
    limits: ReadingLimits = field(default_factory=ReadingLimits)

    def to_json(self) -> str:
        """The job as a command-line argument."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        return cls(**values | {"limits": ReadingLimits(**values["limits"])})


def messages(job: OutcomeJob) -> Iterator[bytes]:
    """All messages of the job."""
    yield message(Kind.READY)
    parser = RowParser({}, date.fromisoformat(job.as_of) if job.as_of else None)
    try:
        for chunk in read_outcomes(
            Path(job.path), parser, chunk_rows=job.chunk_rows, after_row=job.after_row, limits=job.limits
        ):
            if chunk is None:
                yield message(Kind.SKIPPED)
            else:
                yield message(Kind.CHUNK, msgspec.json.encode(chunk))
    except LoanFileUnreadable as fault:
        yield message(Kind.UNREADABLE, fault.what[:_MAX_TEXT].encode())
    except pl.exceptions.PanicException:  # a BaseException
        yield message(Kind.UNREADABLE, b"is damaged; write it again.")
    except MemoryError:
        yield message(Kind.UNREADABLE, needs_more_memory(job.memory_mb).encode())
    else:
        yield message(Kind.END)


def main() -> None:
    """Run the job given as the only argument."""
    job = OutcomeJob.from_json(sys.argv[1])
    restrict(job)
    for data in messages(job):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
