"""A lost database is recovered to a point in time from a base backup and archived WAL."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.point_in_time import run_drill


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the engine's account can reach, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="scoring-pitr-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.mark.timeout(180)
def test_decisions_until_the_target_are_recovered_and_later_ones_are_reported(folder: Path) -> None:
    drill = run_drill(folder, decisions=30)
    assert len(drill.before) >= 30
    assert len(drill.after) >= 30
    assert set(drill.before) <= set(drill.recovered)
    assert not set(drill.after) & set(drill.recovered)
    assert "no issues" in drill.verified
    assert drill.since_before[0] == 0
    status, output = drill.since_after
    assert status == 1
    assert "it has a copy but is missing here (the trail ends at checkpoint" in output
    assert drill.decides_again
