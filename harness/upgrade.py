"""An upgrade while the earlier release decides, with the code of both.

`python -m harness.upgrade REVISION` (`scripts/upgrade-drill`) checks out the earlier release (a tag or commit),
runs its service under load, migrates with this release, and then replaces the processes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from harness.callers import Callers
from harness.polling import eventually
from harness.records import audit_trail_verifies, each_recorded_once
from harness.running_service import SCORING, Service, clean_environment

PROJECT = Path(__file__).parents[1]


def upgrade(earlier: Path, folder: Path) -> list[str]:
    """Upgrade from the release in the folder `earlier`; returns lines on what happened.

    Raises AssertionError if a request is refused while the schema is migrated, or if a decision is lost.
    """
    data = folder / "data"
    old = Service(data, without=("ui", "worker"), PYTHONPATH=str(earlier / "src"), SCORING_LOG_LEVEL="warning")
    try:
        assert _runs_from(old, earlier), "the service of the earlier release does not run its own code"
        with Callers(old) as callers:
            eventually(lambda: len(callers.result.decided) > 200, within=60)
            before = len(callers.result.decided)
            environment = clean_environment(SCORING_DATA_DIR=str(data))
            migrated = subprocess.run(
                [*SCORING, "migrate"], env=environment, capture_output=True, text=True, check=False, timeout=300
            )
            assert migrated.returncode == 0, migrated.stderr
            during = len(callers.result.decided) - before
            eventually(lambda: len(callers.result.decided) > before + during + 200, within=60)
        result = callers.result
        assert not result.refused, f"{len(result.refused)} requests were refused"
        assert not result.cut, f"{result.cut} connections were cut"
    finally:
        old.close()
    new = Service(data, without=("ui", "worker"), SCORING_LOG_LEVEL="warning")
    try:
        assert new.decide()["success"]
        assert each_recorded_once(result.decided, new.database_url), "a decision was lost"
        reproduced = new.run("reproduce", result.decided[0])
        assert "identical to the last bit" in reproduced.stdout, reproduced.stdout
        assert audit_trail_verifies(new), "the audit trail has integrity errors"
    finally:
        new.close()
    return [
        f"{before:,} decisions by the earlier release before the migration, {during:,} during it, "
        f"{len(result.decided) - before - during:,} after it; none refused, slowest {result.slowest:.2f} s",
        "this release: decides, reproduces an earlier decision, and verifies the whole audit trail",
    ]


def _runs_from(service: Service, folder: Path) -> bool:
    """Whether the service's processes import the code in this folder."""
    shown = subprocess.run(
        [sys.executable, "-c", "import entrypoints; print(entrypoints.__file__)"],
        env=service.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(shown.stdout.strip()).is_relative_to(folder)


def main() -> None:
    """Upgrade from the revision in the arguments."""
    revision = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="scoring-upgrade-") as temporary:
        earlier = Path(temporary) / "earlier"
        worktree = ["git", "-C", str(PROJECT), "worktree"]
        subprocess.run([*worktree, "add", "--quiet", "--detach", str(earlier), revision], check=True)
        try:
            Path(temporary).chmod(0o755)
            for line in upgrade(earlier, Path(temporary)):
                print(line, flush=True)  # noqa: T201 - the report
        finally:
            subprocess.run([*worktree, "remove", "--force", str(earlier)], check=True)


if __name__ == "__main__":
    main()
