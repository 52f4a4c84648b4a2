"""Training files in CSV, which appear complete or not at all and which only their owner can read."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, cast

from adapters.loan_files.results.private_file import create_private_file
from application.ports.outcomes.outcome_records import TrainingFile, TrainingFileNotWritable, TrainingFiles


class CsvTrainingFile(TrainingFile):
    """Lines of CSV with a header; numbers in the shortest form that reads back to the same bits."""

    def __init__(self, text: TextIOWrapper, columns: Sequence[str]) -> None:
        self._writer = csv.writer(text, lineterminator="\n")
        self._columns = columns
        self._writer.writerow(columns)

    def add(self, loan: Mapping[str, object]) -> None:
        self._writer.writerow([_text(loan[name]) for name in self._columns])


class CsvTrainingFiles(TrainingFiles):
    """Files whose name ends in .csv or .csv.gz."""

    @contextmanager
    def create(self, path: Path, columns: Sequence[str]) -> Iterator[CsvTrainingFile]:
        if not path.name.endswith((".csv", ".csv.gz")):
            raise TrainingFileNotWritable(f"{path}: the name of a training file ends in .csv or .csv.gz")
        part = path.with_name(f".{path.name}.part")
        try:
            disk = create_private_file(part)
        except OSError as fault:
            raise TrainingFileNotWritable(f"{path} cannot be written ({fault.strerror or fault})") from fault
        try:
            with disk:
                yield from self._written(disk, path, columns)
            part.replace(path)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    @staticmethod
    def _written(disk: BinaryIO, path: Path, columns: Sequence[str]) -> Iterator[CsvTrainingFile]:
        if not path.name.endswith(".gz"):
            with TextIOWrapper(disk, encoding="utf-8", newline="", write_through=False) as text:
                yield CsvTrainingFile(text, columns)
            return
        with (
            gzip.GzipFile(filename="", mode="wb", fileobj=disk, mtime=0) as compressed,
            TextIOWrapper(cast("BinaryIO", compressed), encoding="utf-8", newline="") as text,
        ):
            yield CsvTrainingFile(text, columns)


def _text(value: Any) -> object:
    if value is None:
        return ""
    return int(value) if isinstance(value, float) and value.is_integer() else value
