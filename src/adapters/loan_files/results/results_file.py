"""The results of a portfolio and the errors file: either both are complete, or neither exists.

They are written under temporary names in the same folder and renamed when complete, so that the output of an
interrupted run cannot be mistaken for results. Existing files are replaced only then. Only their owner can read
them (mode 0600), since they hold applicants' data.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from adapters.loan_files.results.errors_file import ErrorsFile
from adapters.loan_files.results.result_writers import CsvWriter, ParquetWriter, ResultWriter
from application.ports.batches.portfolio import PortfolioResults

_WRITERS: dict[str, Callable[[Path], ResultWriter]] = {
    ".csv": CsvWriter,
    ".csv.gz": lambda path: CsvWriter(path, compressed=True),
    ".parquet": ParquetWriter,
}


class ResultsNotWritable(ValueError):
    """The results cannot be written to that path; the message says why."""


class ResultsFile(PortfolioResults):
    """Results and errors being written; call `finish` after the last chunk."""

    def __init__(self, writer: ResultWriter, errors: ErrorsFile) -> None:
        self._writer = writer
        self._errors = errors
        self.finished = False

    def add(self, results: pl.DataFrame, refused: pl.DataFrame) -> None:
        self._writer.add(results)
        if refused.height:
            self._errors.add(refused)

    def finish(self) -> None:
        """Mark the results as complete; they get their final names when the context ends."""
        self._writer.finish()
        self.finished = True

    def abandon(self) -> None:
        """Discard the results unless they are complete."""
        if not self.finished:
            self._writer.abandon()


@contextmanager
def results_file(out: Path, errors: Path) -> Iterator[ResultsFile]:
    """Write results to `out` (.csv, .csv.gz or .parquet) and refused fields, with their header, to `errors`.

    Both files appear at the end if `finish` was called, and neither otherwise. Raises ResultsNotWritable, and
    OSError or polars' errors if the disk fails.
    """
    writer_of = _writer_for(out)
    if out.absolute() == errors.absolute():
        raise ResultsNotWritable(f"{out}: results and errors cannot go to the same file")
    for path in (out, errors):
        _check_folder(path)
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in (errors, out)}
    try:
        with ErrorsFile(parts[errors]) as faults:
            results = ResultsFile(writer_of(parts[out]), faults)
            try:
                yield results
            finally:
                results.abandon()
        if results.finished:
            for path, part in parts.items():
                _flush_to_disk(part)
                part.replace(path)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _writer_for(out: Path) -> Callable[[Path], ResultWriter]:
    for ending, writer in _WRITERS.items():
        if out.name.lower().endswith(ending) and len(out.name) > len(ending):
            return writer
    raise ResultsNotWritable(
        f"{out}: the file name must end in {', '.join(_WRITERS)}; the extension selects the format"
    )


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise ResultsNotWritable(f"{path}: the folder {path.parent} does not exist; create it first")
    if path.is_dir():
        raise ResultsNotWritable(f"{path}: is a folder; name a file")


def _flush_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
