"""`scoring migrate --check`: what pods and scripts wait for before they start a new release."""

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import scoring
from harness.running_service import SCORING, clean_environment, free_ports


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command on the database at a URL."""

    def run(url: str, *options: str) -> Result:
        monkeypatch.setenv("SCORING_DATABASE_URL", url)
        return CliRunner().invoke(scoring, ["migrate", *options])

    return run


def test_a_migrated_database_is_current(check: Callable[..., Result], migrated_url: str) -> None:
    result = check(migrated_url, "--check")
    assert (result.exit_code, result.output) == (0, "The database schema is current.\n")


def test_an_empty_database_is_not_current_and_stays_empty(check: Callable[..., Result], database_url: str) -> None:
    for _ in range(2):
        result = check(database_url, "--check")
        assert result.exit_code == 1
        assert "run `scoring migrate`" in str(result.exception)


def test_an_unavailable_database_is_reported(check: Callable[..., Result]) -> None:
    result = check(f"postgresql://a:b@127.0.0.1:{free_ports(1)[0]}/c", "--check")
    assert result.exit_code == 1
    assert "the database" in str(result.exception)


def test_it_waits_for_a_migration(check: Callable[..., Result], database_url: str) -> None:
    # The migration is slower to start than the first check, which therefore has to wait at least once.
    environment = clean_environment(SCORING_DATABASE_URL=database_url)
    migration = threading.Timer(
        1.0, subprocess.run, [[*SCORING, "migrate"]], {"env": environment, "check": True, "capture_output": True}
    )
    migration.start()
    result = check(database_url, "--check", "--wait", "60")
    migration.join()
    assert result.exit_code == 0
    assert "Waiting: " in result.output
    assert result.output.endswith("The database schema is current.\n")


def test_it_needs_an_address_or_a_running_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(scoring, ["migrate", "--check"])
    assert result.exit_code == 1
    assert "SCORING_DATABASE_URL is not set" in result.output


def test_waiting_without_a_check_is_refused() -> None:
    assert CliRunner().invoke(scoring, ["migrate", "--wait", "5"]).exit_code == 2
