"""Counts in the output of commands use the singular and the plural correctly."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from application.use_cases.audit.verification_result import Verification
from application.use_cases.decisions.reproduce_decision import Reproduction
from domain.decisions.reproduction import Comparison, Difference
from domain.month import Month
from entrypoints.cli import audit, reproduce
from entrypoints.cli.main import scoring
from support.builders import a_decision_record
from support.loan_rows import varied_loans, write_loans

JANUARY = Month(2025, 1)


def returning(monkeypatch: pytest.MonkeyPatch, module: Any, result: object) -> None:
    """Let a command receive this result, without a database."""
    monkeypatch.setattr(module, "run_use_case", lambda *_, **__: result)


@pytest.mark.parametrize(
    ("found", "output"),
    [
        (
            Verification(
                chains=1, entries=1, violations=(), checkpoints=1, archived=1, archived_months=(JANUARY,)
            ),
            "1 entry in 1 chain and 1 checkpoint verified: no issues.\n"
            "1 archived record of 2025-01 not verified.\n",
        ),
        (
            Verification(
                chains=2, entries=1204, violations=(), checkpoints=0, archived=3, archived_months=(JANUARY,)
            ),
            "1,204 entries in 2 chains and 0 checkpoints verified: no issues.\n"
            "3 archived records of 2025-01 not verified.\n",
        ),
    ],
)
def test_entries_chains_and_checkpoints(monkeypatch: pytest.MonkeyPatch, found: Verification, output: str) -> None:
    returning(monkeypatch, audit, found)
    assert CliRunner().invoke(scoring, ["audit", "verify", "--archived", "2025-01"]).stdout == output


@pytest.mark.parametrize(("fields", "output"), [(1, "1 differs."), (2, "2 differ.")])
def test_fields_that_differ(monkeypatch: pytest.MonkeyPatch, fields: int, output: str) -> None:
    record = a_decision_record()
    comparison = Comparison(50, (Difference("decision.points", "612", "613"),) * fields)
    returning(monkeypatch, reproduce, Reproduction(record, comparison))
    done = CliRunner().invoke(scoring, ["reproduce", str(record.decision_id)])
    assert done.stdout.splitlines()[-1].endswith(f": {output}")
    assert "50 fields compared" in done.stdout


def test_a_skipped_line_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path / "data"))
    loans = write_loans(tmp_path / "loans.csv", varied_loans(1))
    loans.write_text("Notes offered by Prospectus\n" + loans.read_text())
    done = CliRunner().invoke(scoring, ["score", str(loans), "--out", str(tmp_path / "r.csv"), "--no-record"])
    assert "1 row read; 1 line skipped\n" in done.stdout, done.output
