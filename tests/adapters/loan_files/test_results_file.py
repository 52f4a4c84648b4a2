"""Results on disk: whole under their name, or not there."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from adapters.loan_files.chunk import REFUSED_SCHEMA
from adapters.loan_files.results.result_writers import ParquetWriter
from adapters.loan_files.results.results_file import ResultsNotWritable, results_file

NONE_REFUSED = REFUSED_SCHEMA.to_frame()
ENDINGS = ("csv", "csv.gz", "parquet")


def some_results(start: int) -> pl.DataFrame:
    return pl.DataFrame({"row": range(start, start + 1_000), "probability": [0.1 + start / 3] * 1_000})


def read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_chunks_follow_one_another_in_one_file(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"r.{ending}"
    with results_file(out, tmp_path / "errors.csv") as results:
        for start in range(0, 10_000, 1_000):
            results.add(some_results(start), NONE_REFUSED)
        assert not out.exists()
        results.finish()
    assert read(out).equals(pl.concat([some_results(start) for start in range(0, 10_000, 1_000)]))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([out.name, "errors.csv"])


@pytest.mark.parametrize("ending", ENDINGS)
def test_results_that_were_not_finished_leave_what_stood_there(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"r.{ending}"
    out.write_text("of an earlier run")
    with results_file(out, tmp_path / "errors.csv") as results:
        results.add(some_results(0), NONE_REFUSED)
    assert out.read_text() == "of an earlier run"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_fault_in_between_leaves_nothing(tmp_path: Path, ending: str) -> None:
    def interrupted() -> None:
        with results_file(tmp_path / f"r.{ending}", tmp_path / "errors.csv") as results:
            results.add(some_results(0), NONE_REFUSED)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


def test_compressed_results_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        with results_file(tmp_path / name, tmp_path / "errors.csv") as results:
            results.add(some_results(0), NONE_REFUSED)
            results.finish()
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).startswith(b"row,probability\n0,")


def test_a_disk_that_fails_is_told_and_nothing_waits_for_it(tmp_path: Path) -> None:
    writer = ParquetWriter(tmp_path / "nowhere" / "r.parquet")

    def write() -> None:
        for start in range(20):
            writer.add(
                some_results(start),
            )
        writer.finish()

    with pytest.raises(OSError, match=r"nowhere|r\.parquet"):
        write()
    writer.abandon()


def test_results_and_errors_cannot_share_a_file(tmp_path: Path) -> None:
    with (
        pytest.raises(ResultsNotWritable, match="same file"),
        results_file(tmp_path / "r.csv", tmp_path / "r.csv"),
    ):
        pass
