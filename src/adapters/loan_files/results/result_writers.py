"""Results on disk, written chunk by chunk in constant memory: CSV, CSV.gz or Parquet, by the file's extension."""

import gzip
from abc import abstractmethod
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from queue import Full, Queue
from typing import BinaryIO, Protocol

import polars as pl
from polars.io.plugins import register_io_source

from adapters.loan_files.results.errors_file import neutralize_results
from adapters.loan_files.results.private_file import create_private_file

_GZIP_LEVEL = 1
"""Fast: results are mostly digits that hardly compress further."""


class ResultWriter(Protocol):
    """Writes frames of one schema."""

    @abstractmethod
    def add(self, frame: pl.DataFrame) -> None:
        """Append a frame."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is pending; the file is complete when this returns."""

    @abstractmethod
    def abandon(self) -> None:
        """Close the file without completing it."""


class CsvWriter(ResultWriter):
    """CSV with a header; numbers in the shortest form that reads back to the same bits.

    A text of the caller that a spreadsheet would run as a formula gets a leading apostrophe.
    """

    def __init__(self, path: Path, *, compressed: bool = False) -> None:
        self._disk = create_private_file(path)
        self._stream: BinaryIO | gzip.GzipFile = self._disk
        if compressed:
            self._stream = gzip.GzipFile("", "wb", _GZIP_LEVEL, self._disk, mtime=0)
        self._has_header = False

    def add(self, frame: pl.DataFrame) -> None:
        text = BytesIO()
        neutralize_results(frame).write_csv(text, include_header=not self._has_header)
        self._stream.write(text.getbuffer())
        self._has_header = True

    def finish(self) -> None:
        self._stream.close()
        self._disk.close()

    def abandon(self) -> None:
        with suppress(OSError):
            self.finish()


class _Abandoned(Exception):
    """Stops polars' writing after `abandon`."""


class ParquetWriter(ResultWriter):
    """Parquet, written by polars in a thread of its own while the next chunk is decided."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames: Queue[pl.DataFrame | None] = Queue(maxsize=2)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._writing: Future[None] | None = None
        self._abandoned = False

    def add(self, frame: pl.DataFrame) -> None:
        """Queue the frame for the writing thread, waiting while two frames are pending."""
        if self._writing is None:
            self._writing = self._pool.submit(self._write, frame.schema)
        self._enqueue(frame)

    def finish(self) -> None:
        self._enqueue(None)
        self._raise_write_error()
        self._pool.shutdown()

    def abandon(self) -> None:
        self._abandoned = True
        while self._writing is not None and not self._writing.done():
            with suppress(Full):
                self._frames.put(None, timeout=0.05)
        self._pool.shutdown()

    def _enqueue(self, frame: pl.DataFrame | None) -> None:
        while True:
            if self._writing is not None and self._writing.done():
                self._raise_write_error()  # the writing thread ended early
                return
            with suppress(Full):
                self._frames.put(frame, timeout=0.2)
                return

    def _raise_write_error(self) -> None:
        try:
            if self._writing is not None:
                self._writing.result()
        except pl.exceptions.PolarsError as fault:
            raise OSError(f"{self._path.name} cannot be written ({fault})") from fault

    def _write(self, schema: pl.Schema) -> None:
        create_private_file(self._path).close()  # polars writes into the existing file
        register_io_source(self._each_frame, schema=schema).sink_parquet(self._path, maintain_order=True)

    def _each_frame(self, *_hints: object) -> Iterator[pl.DataFrame]:
        """The queued frames. polars passes hints for pushing queries down, which do not apply here."""
        while (frame := self._frames.get()) is not None:
            yield frame
        if self._abandoned:
            raise _Abandoned
