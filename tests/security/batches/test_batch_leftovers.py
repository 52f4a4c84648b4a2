"""Applicants' data on a worker's disk: none stays there when the worker is killed."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.loan_files.isolated.uploaded_files import UploadedFiles
from adapters.loan_files.isolated.working_folder import working_folder
from application.ports.operations.dependencies import DependencyUnavailable
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


async def test_what_a_killed_worker_left_is_removed_with_the_next_batch(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    subprocess.run(command, check=False, timeout=30)  # noqa: ASYNC221 - our own program
    (left,) = names(tmp_path)
    async with UploadedFiles(chunk_rows=100, folder=tmp_path).open(pieces(SOME_LOANS), after_row=0) as portfolio:
        assert sum(chunk.rows_read for chunk in portfolio.chunks()) == 250
        assert left not in names(tmp_path)
    assert names(tmp_path) == []


def test_a_folder_that_another_worker_uses_stays(tmp_path: Path) -> None:
    with working_folder(tmp_path) as ours, working_folder(tmp_path) as theirs:
        (theirs / "loans").write_text("")
        with working_folder(tmp_path):
            assert ours.exists()
            assert (theirs / "loans").exists()
    assert names(tmp_path) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (tmp_path / "scoring-loans-link").symlink_to(target)
    with working_folder(tmp_path):
        assert target.exists()


async def test_a_file_that_cannot_be_created_is_not_the_batchs_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("adapters.loan_files.isolated.uploaded_files.create_private_file", full)
    with pytest.raises(DependencyUnavailable, match="No space left"):
        async with UploadedFiles(chunk_rows=100, folder=tmp_path).open(pieces(SOME_LOANS), after_row=0):
            pass


def test_workers_that_begin_at_once_do_not_remove_each_other_s_folders(tmp_path: Path) -> None:
    def folder_is_there(_: int) -> bool:
        with working_folder(tmp_path) as folder:
            (folder / "loans").write_bytes(b"loans")
            return (folder / "loans").exists()

    with ThreadPoolExecutor(8) as workers:
        assert all(workers.map(folder_is_there, range(800)))
    assert not any(tmp_path.iterdir())
