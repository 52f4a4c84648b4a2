"""Files with applicants' data are readable by their owner only, whatever the umask."""

import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from adapters.embedded.folder import EngineFolder
from adapters.loan_files.isolated.uploaded_files import UploadedFiles
from adapters.loan_files.results.private_file import create_private_file
from adapters.loan_files.results.result_writers import ParquetWriter
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.cli.score import command
from harness.polling import eventually
from support.batches import loans_as_csv
from support.loan_rows import LOAN, varied_loans, write_loans

PRIVATE = 0o600


@pytest.fixture(autouse=True)
def permissive_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def score(folder: Path, out: str) -> tuple[Path, Path]:
    loans = write_loans(folder / "loans.csv", [*varied_loans(50), LOAN | {"dti": "much"}])
    done = CliRunner().invoke(command, [str(loans), "--out", str(folder / out), "--no-record"])
    assert done.exit_code == 0, done.output
    return folder / out, folder / f"{out}.errors.csv"


@pytest.mark.parametrize("out", ["results.csv", "results.csv.gz", "results.parquet"])
def test_results_and_errors_are_private(tmp_path: Path, out: str) -> None:
    for path in score(tmp_path, out):
        assert mode(path) == PRIVATE


def test_results_that_replace_a_readable_file_are_private(tmp_path: Path) -> None:
    (tmp_path / "results.csv").touch(0o666)
    (tmp_path / "results.csv.errors.csv").touch(0o666)
    for path in score(tmp_path, "results.csv"):
        assert mode(path) == PRIVATE


def test_results_are_private_while_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "results.parquet"
    writer = ParquetWriter(path)
    writer.add(pl.DataFrame({"row": [1]}))
    eventually(path.exists)
    assert mode(path) == PRIVATE
    writer.finish()
    assert mode(path) == PRIVATE
    assert pl.read_parquet(path).height == 1


def test_a_link_under_the_name_is_not_followed(tmp_path: Path) -> None:
    target, path = tmp_path / "target.csv", tmp_path / "results.csv"
    target.write_text("kept")
    path.symlink_to(target)
    with create_private_file(path) as file:
        file.write(b"results")
    assert target.read_text() == "kept"
    assert not path.is_symlink()
    assert mode(path) == PRIVATE


def inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_an_uploaded_file_is_private_while_it_is_read(tmp_path: Path) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield loans_as_csv([LOAN])

    async with UploadedFiles(PERSONAL_LOAN, chunk_rows=10, folder=tmp_path).open(content(), after_row=0):
        (folder,) = inside(tmp_path)
        (file,) = inside(folder)
        assert (mode(file), mode(folder)) == (PRIVATE, 0o700)
    assert not inside(tmp_path)


def test_an_engines_log_is_private_even_where_it_existed(tmp_path: Path) -> None:
    folder = EngineFolder(tmp_path)
    folder.log.touch(0o644)
    os.close(folder.open_log())
    assert mode(folder.log) == PRIVATE


def test_the_owner_has_access_with_the_strictest_umask(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; os.umask(0o777)\n"
        "from adapters.loan_files.results.private_file import create_private_file\n"
        "create_private_file(pathlib.Path(sys.argv[1])).close()"
    )
    path = tmp_path / "file"
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=30)
    assert mode(path) == PRIVATE
