"""The disk of the data folder is full: requests are refused, and no answered decision is lost."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.callers import Callers, all_unavailable_with_retry_after
from harness.polling import eventually
from harness.records import audit_trail_verifies, each_recorded_once
from harness.running_service import Service
from support.starting import Start

pytestmark = pytest.mark.timeout(30)
_SIZE = "192m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a separate disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=0755", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Fill the disk with a file, and return it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return filler


def kill_database(service: Service) -> None:
    next(process for process in service.family() if process.name() == "postgres").kill()


@pytest.mark.parametrize("database_dies", [False, True], ids=["database lives", "database dies of it"])
def test_no_answered_decision_is_lost_on_a_full_disk(small_disk: Path, start: Start, database_dies: bool) -> None:
    service = start(small_disk / "data")
    api = service.api_process()
    with Callers(service) as callers:
        result = callers.result
        eventually(lambda: len(result.decided) > 100)
        filler = fill(small_disk)
        eventually(lambda: len(result.refused) > 100)
        if database_dies:
            kill_database(service)
            eventually(
                lambda: "PostgreSQL stopped" in service.log
            )  # it may or may not start, depending on the space
            before = len(result.refused)
            eventually(lambda: len(result.refused) > before + 100)
        assert service.process.poll() is None
        during = len(result.decided)
        filler.unlink()
        eventually(lambda: len(result.decided) > during + 100)
    assert all_unavailable_with_retry_after(result.refused)
    assert result.cut == 0
    assert service.api_process() == api
    assert each_recorded_once(result.decided, service.database_url)
    assert audit_trail_verifies(service)
