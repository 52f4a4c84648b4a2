"""Results files are complete under their name, or absent."""

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
def test_all_chunks_are_written_to_one_file(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"r.{ending}"
    with results_file(out, tmp_path / "errors.csv") as results:
        for start in range(0, 10_000, 1_000):
            results.add(some_results(start), NONE_REFUSED)
        assert not out.exists()
        results.finish()
    assert read(out).equals(pl.concat([some_results(start) for start in range(0, 10_000, 1_000)]))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([out.name, "errors.csv"])


@pytest.mark.parametrize("ending", ENDINGS)
def test_unfinished_results_leave_existing_files_unchanged(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"r.{ending}"
    out.write_text("of an earlier run")
    with results_file(out, tmp_path / "errors.csv") as results:
        results.add(some_results(0), NONE_REFUSED)
    assert out.read_text() == "of an earlier run"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_error_while_writing_leaves_no_files(tmp_path: Path, ending: str) -> None:
    def interrupted() -> None:
        with results_file(tmp_path / f"r.{ending}", tmp_path / "errors.csv") as results:
            results.add(some_results(0), NONE_REFUSED)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


def test_compressed_results_are_reproducible(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        with results_file(tmp_path / name, tmp_path / "errors.csv") as results:
            results.add(some_results(0), NONE_REFUSED)
            results.finish()
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).startswith(b"row,probability\n0,")


def test_a_disk_failure_is_reported_without_waiting(tmp_path: Path) -> None:
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


def test_results_and_errors_must_be_different_files(tmp_path: Path) -> None:
    with (
        pytest.raises(ResultsNotWritable, match="same file"),
        results_file(tmp_path / "r.csv", tmp_path / "r.csv"),
    ):
        pass


@pytest.mark.parametrize("ending", ENDINGS)
def test_texts_of_the_caller_are_no_formulas_in_a_spreadsheet(tmp_path: Path, ending: str) -> None:
    out, texts = tmp_path / f"r.{ending}", ["=1+1", "+LN", "-7.5", None]
    columns = {"outcome": ["=x"] * 4, "application_reference": texts, "source": [None] * 4, "note": texts}
    given = pl.DataFrame(columns, schema_overrides={"source": pl.String})
    with results_file(out, tmp_path / "errors.csv") as results:
        results.add(given, NONE_REFUSED)
        results.finish()
    found = read(out)
    expected = texts if ending == "parquet" else ["'=1+1", "'+LN", "-7.5", None]
    assert found["application_reference"].to_list() == found["note"].to_list() == expected
    assert found["outcome"].to_list() == ["=x"] * 4
