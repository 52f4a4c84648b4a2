"""Reads an uploaded file within limits: `python -m adapters.loan_files.isolated.reader_process JOB`.

It writes messages (see messages.py) to standard output and ends. A malicious file can harm this process only,
not the worker.
"""

import json
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol, Self

import polars as pl

from adapters.loan_files.isolated.messages import Kind, chunk_messages, encode_notices, message
from adapters.loan_files.limits import ReadingLimits
from adapters.loan_files.patterns.examination import Examination
from adapters.loan_files.portfolio_file import PortfolioFile
from adapters.loan_files.unreadable import LoanFileUnreadable
from domain.batches.file_conventions import conventions_from
from domain.products.stored_product import product_from

_MAX_LOG_BYTES = 64 << 10
_MAX_OPEN_FILES = 64
_MAX_TEXT = 4000


class LimitedJob(Protocol):
    """Limits of a reader process."""

    @property
    def memory_mb(self) -> int:
        """The largest memory in MiB."""

    @property
    def cpu_seconds(self) -> int:
        """The largest processor time in seconds."""


@dataclass(frozen=True, slots=True)
class ReadingJob:
    """What to read, and the limits: `memory_mb` of memory and `cpu_seconds` of processor time.

    `product` is the document of the definition whose fields are read, `conventions` holds what the sender states,
    and `keep` names columns that the results repeat.
    """

    path: str
    product: str
    chunk_rows: int
    after_row: int
    memory_mb: int
    cpu_seconds: int
    conventions: dict[str, str] = field(default_factory=dict)
    keep: list[str] = field(default_factory=list)
    limits: ReadingLimits = field(default_factory=ReadingLimits)

    def to_json(self) -> str:
        """The job as a command-line argument."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        values = json.loads(text)
        return cls(**values | {"limits": ReadingLimits(**values["limits"])})


def restrict(job: LimitedJob) -> None:
    """Limit this process for good. The worker decides when it ends, not a signal to the process group."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    with suppress(OSError):  # Linux: if memory runs out, the kernel ends this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    for limit, value in (
        (resource.RLIMIT_DATA, job.memory_mb << 20),  # RLIMIT_AS also counts address space that is never used
        (resource.RLIMIT_FSIZE, _MAX_LOG_BYTES),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (job.cpu_seconds, job.cpu_seconds + 5))  # SIGXCPU, then SIGKILL


def messages(job: ReadingJob) -> Iterator[bytes]:
    """All messages of the job."""
    yield message(Kind.READY)
    try:
        path, product, conventions = Path(job.path), product_from(job.product), conventions_from(job.conventions)
        examination = Examination(path, product, conventions, job.limits)
        for _ in examination.blocks():
            yield message(Kind.SKIPPED)
        portfolio = PortfolioFile(
            path,
            product,
            chunk_rows=job.chunk_rows,
            after_row=job.after_row,
            conventions=conventions,
            keep=tuple(job.keep),
            limits=job.limits,
            examined=examination,
        )
        for chunk in portfolio.chunks_or_none():
            if chunk is None:
                yield message(Kind.SKIPPED)
            else:
                yield from chunk_messages(chunk)
            del chunk  # while the next one is read, it takes no memory
    except LoanFileUnreadable as fault:
        yield message(Kind.UNREADABLE, fault.what[:_MAX_TEXT].encode())
    except pl.exceptions.PanicException:  # a BaseException
        yield message(Kind.UNREADABLE, b"is damaged; write it again.")
    except MemoryError:
        yield message(Kind.UNREADABLE, needs_more_memory(job.memory_mb).encode())
    else:
        yield message(Kind.END, encode_notices(portfolio.notices))


def needs_more_memory(memory_mb: int) -> str:
    """The error message for a file that exceeds the memory limit."""
    return (
        f"could not be read: it needs more than {memory_mb:,} MiB of memory to unpack. "
        "Write Parquet with smaller row groups and shorter texts, or save it as CSV."
    )


def main() -> None:
    """Run the job given as the only argument."""
    job = ReadingJob.from_json(sys.argv[1])
    restrict(job)
    for data in messages(job):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        del data


if __name__ == "__main__":
    main()
