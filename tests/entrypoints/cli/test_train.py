"""`scoring train`: a model bundle from a file of finished loans."""

import json
import re
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from domain.policies.version_1 import POLICY_1
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


def test_the_card_describes_the_given_file_and_nothing_else(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "own loans.csv", finished_loans(600))
    done = training(loans, "--out", tmp_path / "model", "--trees", "5")
    assert done.exit_code == 0, done.output
    card = (tmp_path / "model" / "model_card.md").read_text()
    assert "own loans.csv" in card
    assert sha256(loans.read_bytes()).hexdigest() in card
    assert "600 rows, of which 0 could not be read" in card
    assert re.search(r"Issued from 20\d\d-\d\d-01 to 20\d\d-\d\d-01", card)
    assert "LendingClub" not in card


def test_notes_describe_the_loans(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", finished_loans(600))
    notes = tmp_path / "notes.toml"
    notes.write_text('source = "Loans of Springfield"\n[economics]\nearned_share = 0.8\nlost = 0.5\n')
    done = training(loans, "--out", tmp_path / "model", "--trees", "5", "--notes", notes)
    assert done.exit_code == 0, done.output
    assert "Loans of Springfield." in (tmp_path / "model" / "model_card.md").read_text()
    profit = json.loads((tmp_path / "model" / "profit.json").read_text())
    assert profit["rates"] == "charged"
    assert profit["economics"]["lost_share_of_principal"] == 0.5


def test_invalid_notes_are_refused(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", finished_loans(60))
    notes = tmp_path / "notes.toml"
    notes.write_text('origin = "ours"')
    done = training(loans, "--out", tmp_path / "model", "--notes", notes)
    assert done.exit_code == 1
    assert "unknown field `origin`" in done.output


def test_loans_without_a_rate_are_trained_on_and_profit_uses_the_rates_of_the_policy(tmp_path: Path) -> None:
    loans = [{name: text for name, text in loan.items() if name != "int_rate"} for loan in finished_loans(600)]
    file, notes = write_loans(tmp_path / "loans.csv", loans), tmp_path / "notes.toml"
    plain = training(file, "--out", tmp_path / "plain", "--trees", "5")
    assert plain.exit_code == 0, plain.output
    assert "Warning: No profit was computed: no [economics] are stated" in plain.output
    notes.write_text("[economics]\nearned_share = 0.8\nlost = 0.5\n")
    priced = training(file, "--out", tmp_path / "priced", "--trees", "5", "--notes", notes)
    assert priced.exit_code == 0, priced.output
    assert "Warning: Profit is computed with the rates of the policy" in priced.output
    profit = json.loads((tmp_path / "priced" / "profit.json").read_text())
    assert {row["rate_charged"] for row in profit["bands"]} == {None}
    rates = {grade.annual_rate for grade in POLICY_1.pricing.grades}
    assert {row["usual_rate"] for row in profit["bands"]} <= rates


def test_a_model_without_an_out_of_time_test_says_so(tmp_path: Path) -> None:
    loans = [loan | {"issue_d": "Dec-11"} for loan in finished_loans(600)]
    done = training(write_loans(tmp_path / "loans.csv", loans), "--out", tmp_path / "model", "--trees", "5")
    assert done.exit_code == 0, done.output
    warning = "The model was not tested out of time: 0 loans were issued before 2011-12-01 and 600 from then on"
    assert warning in done.output
    assert f"**Warning.** {warning}" in (tmp_path / "model" / "model_card.md").read_text()


def test_statuses_are_read_in_any_letter_case(tmp_path: Path) -> None:
    loans = [loan | {"loan_status": loan["loan_status"].upper().replace(" ", "_")} for loan in finished_loans(600)]
    done = training(write_loans(tmp_path / "loans.csv", loans), "--out", tmp_path / "model", "--trees", "5")
    assert done.exit_code == 0, done.output


def test_the_cause_is_stated_where_no_loans_are_left(tmp_path: Path) -> None:
    loans = finished_loans(60)
    for number, loan in enumerate(loans):
        loan["loan_status"] = "Current" if number < 40 else "In Grace Period"
    loans[50]["loan_status"] = "Fully Paid"
    done = training(
        write_loans(tmp_path / "loans.csv", [*loans, loans[0] | {"dti": "much"}]), "--out", tmp_path / "m"
    )
    assert done.exit_code == 1
    assert "of 60 loans read, 1 were repaid and 0 were not" in done.output
    assert (
        "loan_status is not Fully Paid, Charged Off, Default or No Default: Current 40, In Grace Period 19"
        in done.output
    )
    assert "rows that could not be read: 1, the first:\n  line 62: dti 'much' is not a number" in done.output
    assert "Error: No model was written: " in done.output


def test_a_file_in_fractions_is_refused_unless_it_is_stated(tmp_path: Path) -> None:
    loans = [loan | {"dti": f"{float(loan['dti']) / 100:.4f}"} for loan in finished_loans(600)]
    file = write_loans(tmp_path / "loans.csv", loans)
    refused = training(file, "--out", tmp_path / "model", "--trees", "5")
    assert refused.exit_code == 2
    assert "--percent-as fraction" in refused.output
    done = training(file, "--out", tmp_path / "model", "--trees", "5", "--percent-as", "fraction:dti")
    assert done.exit_code == 0, done.output
