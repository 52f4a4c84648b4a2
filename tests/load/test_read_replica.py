"""A hot standby of PostgreSQL serves what reads only: verification and reproduction."""

import subprocess
import tempfile
from pathlib import Path

from harness.callers import Callers
from harness.polling import eventually
from harness.records import recorded_decisions
from harness.running_service import SCORING, Service
from harness.standby import standby


def test_the_trail_is_verified_and_a_decision_reproduced_on_a_read_replica() -> None:
    with tempfile.TemporaryDirectory(prefix="scoring-standby-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # for the account of the engines
        service = Service(folder / "data", without=("ui", "worker"))
        try:
            replica = folder / "replica"
            replica.mkdir()
            with standby(service.database_url, replica) as url:
                with Callers(service, 4) as callers:
                    eventually(lambda: len(callers.result.decided) > 50, within=40)
                eventually(lambda: set(callers.result.decided) <= set(recorded_decisions(url)), within=40)

                def run(*command: str) -> "subprocess.CompletedProcess[str]":
                    return subprocess.run(
                        [*SCORING, *command],
                        env={**service.environment, "SCORING_DATABASE_URL": url},
                        capture_output=True,
                        text=True,
                        check=False,
                        timeout=60,
                    )

                verified = run("audit", "verify")
                assert verified.returncode == 0, verified.stdout + verified.stderr
                assert "no issues" in verified.stdout
                assert "not recorded on the trail" in verified.stderr
                reproduced = run("reproduce", callers.result.decided[0])
                assert "identical to the last bit" in reproduced.stdout
        finally:
            service.close()
