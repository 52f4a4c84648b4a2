"""Results on disk, chunk by chunk in flat memory: CSV, CSV.gz or Parquet, as the file's ending says."""

import gzip
from abc import abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from queue import Full, Queue
from typing import BinaryIO, Protocol

import polars as pl
from polars.io.plugins import register_io_source

from adapters.loan_files.results.private_file import create_private_file

_GZIP_LEVEL = 1
"""Quick: results are mostly digits that hardly compress further."""


class ResultWriter(Protocol):
    """Takes frames of one and the same form."""

    @abstractmethod
    def add(self, frame: pl.DataFrame) -> None:
        """Write a frame behind those before it."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is still to be written; the file is whole when this returns."""

    @abstractmethod
    def abandon(self) -> None:
        """Let go of the file as it stands."""


class CsvWriter(ResultWriter):
    """CSV with a header; numbers in the shortest form that gives the same bits when read."""

    def __init__(self, path: Path, *, compressed: bool = False) -> None:
        self._disk = create_private_file(path)
        self._stream: BinaryIO | gzip.GzipFile = self._disk
        if compressed:
            self._stream = gzip.GzipFile("", "wb", _GZIP_LEVEL, self._disk, mtime=0)
        self._begun = False

    def add(self, frame: pl.DataFrame) -> None:
        """Write the rows, the header before the first."""
        text = BytesIO()
        frame.write_csv(text, include_header=not self._begun)
        self._stream.write(text.getbuffer())
        self._begun = True

    def finish(self) -> None:
        """Close the file."""
        self._stream.close()
        self._disk.close()

    def abandon(self) -> None:
        """Close the file, whatever the disk says to it."""
        with suppress(OSError):
            self.finish()


class _Abandoned(Exception):
    """Nobody wants the file any more."""


class ParquetWriter(ResultWriter):
    """Parquet, written by polars on a thread of its own while the next chunk is being decided."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames: Queue[pl.DataFrame | None] = Queue(maxsize=2)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._writing: Future[None] | None = None
        self._abandoned = False

    def add(self, frame: pl.DataFrame) -> None:
        """Hand the frame to the writing thread, waiting while two are still to be written."""
        if self._writing is None:
            self._writing = self._pool.submit(self._write, frame.schema)
        self._hand_over(frame)

    def finish(self) -> None:
        """Wait until all is written."""
        self._hand_over(None)
        self._raise_what_went_wrong()
        self._pool.shutdown()

    def abandon(self) -> None:
        """Stop writing."""
        self._abandoned = True
        while self._writing is not None and not self._writing.done():
            with suppress(Full):
                self._frames.put(None, timeout=0.05)
        self._pool.shutdown()

    def _hand_over(self, frame: pl.DataFrame | None) -> None:
        while True:
            if self._writing is not None and self._writing.done():
                self._raise_what_went_wrong()  # it ended before its time
                return
            with suppress(Full):
                self._frames.put(frame, timeout=0.2)
                return

    def _raise_what_went_wrong(self) -> None:
        try:
            if self._writing is not None:
                self._writing.result()
        except pl.exceptions.PolarsError as fault:
            raise OSError(f"{self._path.name} cannot be written ({fault})") from fault

    def _write(self, schema: pl.Schema) -> None:
        create_private_file(self._path).close()  # polars writes into the file that is there
        frames: Callable[..., Iterator[pl.DataFrame]] = self._each_frame
        register_io_source(frames, schema=schema).sink_parquet(self._path, maintain_order=True)

    def _each_frame(
        self,
        with_columns: list[str] | None,  # noqa: ARG002 - polars' signature
        predicate: pl.Expr | None,  # noqa: ARG002 - as above
        n_rows: int | None,  # noqa: ARG002 - as above
        batch_size: int | None,  # noqa: ARG002 - as above
    ) -> Iterator[pl.DataFrame]:
        while (frame := self._frames.get()) is not None:
            yield frame
        if self._abandoned:
            raise _Abandoned
