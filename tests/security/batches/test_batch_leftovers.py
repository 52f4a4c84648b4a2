"""Applicants' data does not remain on a worker's disk when the worker is killed."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.loan_files.isolated.uploaded_files import UploadedFiles
from adapters.loan_files.isolated.working_folder import working_folder
from application.ports.operations.dependencies import DependencyUnavailable
from domain.products.personal_loan import PERSONAL_LOAN
from support.batches import SOME_LOANS, pieces

KILLED = """
import os, signal, sys
from pathlib import Path
from adapters.loan_files.isolated.working_folder import working_folder
with working_folder(Path(sys.argv[1])) as folder:
    (folder / "loans").write_text("an applicant's income")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return os.listdir(folder)  # noqa: PTH208 - an async test


async def test_files_left_by_a_killed_worker_are_removed_with_the_next_batch(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    subprocess.run(command, check=False, timeout=30)  # noqa: ASYNC221 - a fixed command
    (left,) = names(tmp_path)
    async with UploadedFiles(PERSONAL_LOAN, chunk_rows=100, folder=tmp_path).open(
        pieces(SOME_LOANS), after_row=0
    ) as portfolio:
        assert sum(chunk.rows_read for chunk in portfolio.chunks()) == 250
        assert left not in names(tmp_path)
    assert names(tmp_path) == []


def test_a_folder_in_use_by_another_worker_is_kept(tmp_path: Path) -> None:
    with working_folder(tmp_path) as first, working_folder(tmp_path) as second:
        (second / "loans").write_text("")
        with working_folder(tmp_path):
            assert first.exists()
            assert (second / "loans").exists()
    assert names(tmp_path) == []


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (tmp_path / "scoring-loans-link").symlink_to(target)
    with working_folder(tmp_path):
        assert target.exists()


async def test_a_file_that_cannot_be_created_does_not_fail_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("adapters.loan_files.isolated.uploaded_files.create_private_file", full)
    with pytest.raises(DependencyUnavailable, match="No space left"):
        async with UploadedFiles(PERSONAL_LOAN, chunk_rows=100, folder=tmp_path).open(
            pieces(SOME_LOANS), after_row=0
        ):
            pass


def test_concurrent_workers_do_not_remove_each_others_folders(tmp_path: Path) -> None:
    def folder_is_there(_: int) -> bool:
        with working_folder(tmp_path) as folder:
            (folder / "loans").write_bytes(b"loans")
            return (folder / "loans").exists()

    with ThreadPoolExecutor(8) as workers:
        assert all(workers.map(folder_is_there, range(800)))
    assert not any(tmp_path.iterdir())
