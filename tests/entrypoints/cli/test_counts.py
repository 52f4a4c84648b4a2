"""One is not many: what the commands count is told in words that fit."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from application.use_cases.audit.verify_audit_trail import Verification
from application.use_cases.decisions.reproduce_decision import Reproduction
from domain.decisions.reproduction import Comparison, Difference
from entrypoints.cli import audit, reproduce
from entrypoints.cli.main import scoring
from support.builders import a_decision_record
from support.loan_rows import varied_loans, write_loans


def answering(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, answer: object) -> None:
    """Let a command hear this answer, without a database."""

    async def answered(*_: object) -> object:
        return answer

    monkeypatch.setattr(module, "engines_in_use_or_own", lambda settings, **_: nullcontext(settings))
    monkeypatch.setattr(module, name, answered)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            Verification(chains=1, entries=1, violations=(), checkpoints=1, archived=1),
            "1 entry in 1 chain and 1 checkpoint, all whole.\n1 record of 2025-01 is archived: not looked at.\n",
        ),
        (
            Verification(chains=2, entries=1204, violations=(), checkpoints=0, archived=3),
            "1,204 entries in 2 chains and 0 checkpoints, all whole.\n"
            "3 records of 2025-01 are archived: not looked at.\n",
        ),
    ],
)
def test_an_audit_trail(monkeypatch: pytest.MonkeyPatch, found: Verification, told: str) -> None:
    answering(monkeypatch, audit, "verify_audit_trail", found)
    assert CliRunner().invoke(scoring, ["audit", "verify", "--archived", "2025-01"]).stdout == told


@pytest.mark.parametrize(("fields", "told"), [(1, "1 differs."), (2, "2 differ.")])
def test_fields_that_differ(monkeypatch: pytest.MonkeyPatch, fields: int, told: str) -> None:
    record = a_decision_record()
    comparison = Comparison(50, (Difference("decision.points", "612", "613"),) * fields)
    answering(monkeypatch, reproduce, "reproduce_decision", Reproduction(record, comparison))
    done = CliRunner().invoke(scoring, ["reproduce", str(record.decision_id)])
    assert done.stdout.splitlines()[-1].endswith(f": {told}")
    assert "50 fields compared" in done.stdout


def test_a_file_of_one_loan_below_one_line_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path / "data"))
    loans = write_loans(tmp_path / "loans.csv", varied_loans(1))
    loans.write_text("Notes offered by Prospectus\n" + loans.read_text())
    done = CliRunner().invoke(scoring, ["score", str(loans), "--out", str(tmp_path / "r.csv"), "--no-record"])
    assert "1 row read; 1 line was no loan\n" in done.stdout, done.output
