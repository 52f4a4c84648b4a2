"""`scoring train`: a model bundle from a file of finished loans."""

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from entrypoints.cli import score, train
from support.loan_rows import finished_loans, varied_loans, write_loans


def training(*arguments: str | Path) -> Result:
    return CliRunner().invoke(train.command, [*map(str, arguments), "--refits", "2"])


def test_a_model_trained_from_a_file_scores_files(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", [*finished_loans(600), finished_loans(1)[0] | {"dti": "much"}])
    done = training(loans, "--out", tmp_path / "model", "--version", "9.1.0", "--seed", "3")
    assert done.exit_code == 0, done.output
    assert "Model 9.1.0" in done.output
    assert "601, rejected 1" in done.output
    assert (tmp_path / "model" / "model_card.md").exists()
    applications = write_loans(tmp_path / "applications.csv", varied_loans(20))
    out = tmp_path / "r.parquet"
    scored = CliRunner().invoke(
        score.command, [str(applications), "--out", str(out), "--no-record", "--model", str(tmp_path / "model")]
    )
    assert scored.exit_code == 0, scored.output
    assert set(pl.read_parquet(out)["model_version"]) == {"9.1.0"}


def test_a_folder_that_is_not_empty_is_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("years of work")
    loans = write_loans(tmp_path / "loans.csv", finished_loans(300))
    refused = training(loans, "--out", tmp_path / "model")
    assert refused.exit_code == 2
    assert "is not empty" in refused.output
    forced = training(loans, "--out", tmp_path / "model", "--force")
    assert forced.exit_code == 1
    assert "not a model bundle" in forced.output
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["thesis.txt"]


def test_loans_without_an_outcome_train_no_model(tmp_path: Path) -> None:
    running = {"loan_status": "Current", "issue_d": "Jan-2010"}
    loans = write_loans(tmp_path / "loans.csv", [loan | running for loan in varied_loans(50)])
    done = training(loans, "--out", tmp_path / "model")
    assert done.exit_code == 1
    assert "No model was written" in done.output
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("missing", [["loan_status"], ["issue_d"], ["loan_status", "issue_d"]])
def test_missing_columns_are_named(tmp_path: Path, missing: list[str]) -> None:
    loans = finished_loans(20)
    for loan in loans:
        for name in missing:
            del loan[name]
    done = training(write_loans(tmp_path / "loans.csv", loans), "--out", tmp_path / "model")
    assert done.exit_code == 2
    assert f"lacks required columns: {', '.join(missing)}. Columns found: " in done.output


def test_a_file_with_other_columns_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "loans.csv").write_text("a,b\n1,2\n")
    done = training(tmp_path / "loans.csv", "--out", tmp_path / "model")
    assert done.exit_code == 2
    assert len(done.output.splitlines()) == 1
