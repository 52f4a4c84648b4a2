"""`scoring score`: decisions for whole files."""

import asyncio
import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest
from click.testing import CliRunner, Result

from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.audit.checkpoints import PostgresCheckpoints
from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.security.audit_signing import Ed25519Signatures
from application.ports.decisions.decision_archive import DecisionFilter
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from domain.access.user import Actor, Role
from domain.applications.application_identity import ApplicationIdentity
from domain.decisions.decision_record import DecisionRecord
from entrypoints.cli.score import command
from entrypoints.configuration.setting_readers import PROJECT
from support.databases import connected
from support.loan_rows import LOAN, varied_loans, write_loans
from support.other_models import champion_of_layout_1

SHARED = Path(os.environ.get("CREDIT_SHARED_DATA", PROJECT.parent / "shared" / "data"))
SAMPLES = ("raw_loanstats_2014q2_head.csv", "raw_accepted_151_columns_sample.csv", "raw_loanstats3a_rebuilt.csv")
AUDITOR = Actor("vera", Role.AUDITOR)


def score(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_results_have_the_documented_columns(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", varied_loans(300))
    done = score(loans, "--out", tmp_path / "results.csv", "--no-record")
    assert done.exit_code == 0, done.output
    results = pl.read_csv(tmp_path / "results.csv")
    assert results.columns == [
        "row",
        "prediction",
        "probability",
        "confidence",
        "recommended_amount",
        "risk_score",
        "model_version",
        "probability_of_default",
        "outcome",
        "score_points",
        "grade",
        "reason_codes",
        "policy_version",
        "decision_id",
        "out_of_domain",
        "outcome_stability",
        "alternative_amount",
        "alternative_term",
        "application_reference",
        "applicant_reference",
        "source",
        "channel",
    ]
    assert results["row"].to_list() == list(range(1, 301))
    assert results["decision_id"].null_count() == 300
    assert set(results["outcome"]) == {"approved", "referred", "declined"}
    assert "300 rows read" in done.output
    assert "nothing was recorded" in done.output


def test_all_result_formats_have_identical_values(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", varied_loans(200))
    for name in ("r.csv", "r.csv.gz", "r.parquet"):
        assert score(loans, "--out", tmp_path / name, "--no-record").exit_code == 0
    parquet = pl.read_parquet(tmp_path / "r.parquet")
    strings = [name for name, dtype in parquet.schema.items() if dtype == pl.String]
    expected = parquet.with_columns(pl.col(strings).fill_null(""))
    for name in ("r.csv", "r.csv.gz"):
        read_back = pl.read_csv(tmp_path / name, schema=parquet.schema).with_columns(pl.col(strings).fill_null(""))
        assert read_back.equals(expected)


def test_unreadable_rows_are_in_the_errors_file_and_the_others_are_decided(tmp_path: Path) -> None:
    loans = [LOAN, LOAN | {"dti": "much"}, LOAN | {"loan_amnt": "0"}, LOAN]
    done = score(write_loans(tmp_path / "loans.csv", loans), "--out", tmp_path / "r.parquet", "--no-record")
    assert done.exit_code == 0
    assert f"Warning: 2 rows were rejected and not decided; see {tmp_path}/r.parquet.errors.csv" in done.stderr
    with (tmp_path / "r.parquet.errors.csv").open() as file:
        faults = list(csv.DictReader(file))
    assert [(fault["row"], fault["line"], fault["field"]) for fault in faults] == [
        ("2", "3", "dti"),
        ("3", "4", "loan_amnt"),
    ]
    assert pl.read_parquet(tmp_path / "r.parquet")["row"].to_list() == [1, 4]


def test_a_file_with_rejected_rows_only_gives_valid_empty_results(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", [LOAN | {"dti": "much"}])
    done = score(loans, "--out", tmp_path / "r.parquet", "--no-record")
    assert done.exit_code == 3
    assert (
        "every row was rejected, 1 in all, and nothing was decided. The first: row 1, line 2: dti" in done.stderr
    )
    assert pl.read_parquet(tmp_path / "r.parquet").height == 0
    assert "much" in (tmp_path / "r.parquet.errors.csv").read_text()


def test_fractions_are_refused_until_the_caller_states_them(tmp_path: Path) -> None:
    in_percent = [LOAN | {"dti": str(dti)} for dti in (4.5, 15.5, 29, 40)]
    fractions = [loan | {"dti": f"{float(loan['dti']) / 100:.4f}"} for loan in in_percent]
    loans = write_loans(tmp_path / "loans.csv", fractions)
    refused = score(loans, "--out", tmp_path / "r.csv", "--no-record")
    assert refused.exit_code == 2
    assert "--percent-as fraction;" in refused.stderr
    assert not (tmp_path / "r.csv").exists()
    done = score(loans, "--out", tmp_path / "r.csv", "--no-record", "--percent-as", "fraction")
    assert done.exit_code == 0, done.output
    percent = write_loans(tmp_path / "percent.csv", in_percent)
    assert score(percent, "--out", tmp_path / "p.csv", "--no-record").exit_code == 0
    assert (tmp_path / "r.csv").read_text() == (tmp_path / "p.csv").read_text()


def test_wrong_statements_about_a_file_are_all_named(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", [LOAN])
    stated = ("--percent-as", "permille", "--income-as", "weekly:", "--decimal", ".")
    refused = score(loans, "--out", tmp_path / "r.csv", "--no-record", *stated)
    assert refused.exit_code == 2
    for option in ("--percent-as must be", "--income-as must be", "--decimal must be"):
        assert option in refused.stderr


def test_without_errors_the_errors_file_has_only_a_header(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", [LOAN])
    errors = tmp_path / "faults.csv"
    errors.write_text("from an earlier run")
    assert score(loans, "--out", tmp_path / "r.csv", "--errors", errors, "--no-record").exit_code == 0
    assert errors.read_text() == "row,line,field,value,reason\n"


@pytest.mark.parametrize(
    ("content", "out", "message"),
    [
        ("a,b\n1,2\n", "r.csv", "lacks required columns"),
        ("", "r.csv", "is empty"),
        (None, "r.xlsx", "must end in .csv, .csv.gz, .parquet"),
        (None, "nowhere/r.csv", "does not exist; create it"),
        (None, "loans.csv", "is the input file"),
    ],
    ids=["other columns", "empty", "other ending", "no folder", "onto itself"],
)
def test_unusable_files_end_the_command_with_one_line(
    tmp_path: Path, content: str | None, out: str, message: str
) -> None:
    path = write_loans(tmp_path / "loans.csv", [LOAN])
    if content is not None:
        path.write_text(content)
    before = sorted(tmp_path.iterdir())
    done = score(path, "--out", tmp_path / out, "--no-record")
    assert done.exit_code == 2
    assert message in done.output
    assert done.output.startswith("Error: ")
    assert len(done.output.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_without_a_model_is_reported(tmp_path: Path) -> None:
    loans = write_loans(tmp_path / "loans.csv", [LOAN])
    done = score(loans, "--out", tmp_path / "r.csv", "--no-record", "--model", tmp_path)
    assert done.exit_code == 1
    assert "SHA256SUMS" in done.output
    assert "\n" not in done.output.rstrip()
    assert ".. " not in done.output
    assert done.output.endswith(". No results were written.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["loans.csv"]


def test_a_model_of_the_first_layout_does_not_decide_on_new_applications(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name, content in champion_of_layout_1().items():
        (tmp_path / "old" / name).write_bytes(content)
    loans = write_loans(tmp_path / "loans.csv", varied_loans(3))
    done = score(loans, "--out", tmp_path / "r.csv", "--no-record", "--model", tmp_path / "old")
    assert done.exit_code == 1
    assert "bundle layout 1, whose reasons are right for one policy only" in done.stderr
    assert not (tmp_path / "r.csv").exists()


def test_a_file_that_is_damaged_in_the_middle_leaves_no_results(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    numbers = dict.fromkeys(("annual_inc", "loan_amnt", "dti"), pl.Float64)
    loans = pl.DataFrame(varied_loans(1)).with_columns(pl.col(name).cast(kind) for name, kind in numbers.items())
    pl.concat([loans] * 120_000).write_parquet(whole, row_group_size=30_000, compression="uncompressed")
    damaged = bytearray(whole.read_bytes())
    middle = len(damaged) * 3 // 4
    damaged[middle : middle + len(damaged) // 8] = bytes(len(damaged) // 8)
    (tmp_path / "damaged.parquet").write_bytes(damaged)
    done = score(tmp_path / "damaged.parquet", "--out", tmp_path / "r.parquet", "--no-record")
    assert done.exit_code == 2
    assert "damaged" in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.parquet", "whole.parquet"]


async def _on_record(url: str) -> tuple[set[str], int]:
    engine = database_engine(url)
    try:
        page = await PostgresDecisionArchive(engine).page(DecisionFilter(), limit=200)
        verified = await VerifyAuditTrail(
            PostgresAuditTrail(engine), PostgresCheckpoints(engine), Ed25519Signatures()
        )(by=AUDITOR)
    finally:
        await engine.dispose()
    assert not verified.violations
    assert {record.received_through for record in page.records} == {"file"}
    async with connected(url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM product_definitions") == 1, "without a service"
    return {str(record.decision_id) for record in page.records}, page.total


def test_decisions_are_recorded_under_the_identifiers_in_the_results(
    tmp_path: Path, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio  # noqa: PLC0415 - beside its one use

    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    loans = write_loans(tmp_path / "loans.csv", varied_loans(150))
    done = score(loans, "--out", tmp_path / "r.parquet")
    assert done.exit_code == 0, done.output
    assert "150 decisions are recorded" in done.output
    identifiers = set(pl.read_parquet(tmp_path / "r.parquet")["decision_id"])
    assert asyncio.run(_on_record(migrated_url)) == (identifiers, 150)


def test_an_unreachable_database_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    loans = write_loans(tmp_path / "loans.csv", [LOAN])
    done = score(loans, "--out", tmp_path / "r.csv")
    assert done.exit_code == 1
    assert "the database cannot be used" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["loans.csv"]


def test_ctrl_c_reports_what_is_recorded_and_leaves_no_partial_results(tmp_path: Path, migrated_url: str) -> None:
    loans = write_loans(tmp_path / "loans.csv", varied_loans(500) * 160)
    program = [sys.executable, "-m", "entrypoints.cli.main", "score", str(loans), "--out", str(tmp_path / "r.csv")]
    environment = {**os.environ, "SCORING_DATABASE_URL": migrated_url}
    with subprocess.Popen(program, env=environment, stderr=subprocess.PIPE, text=True) as running:
        while not list(tmp_path.glob(".r.csv.*.part")) or not any(
            part.stat().st_size for part in tmp_path.glob(".r.csv.[0-9]*.part")
        ):
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, message = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "decisions are recorded. No results were written." in message
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["loans.csv"]


@pytest.mark.parametrize("name", SAMPLES)
def test_real_downloads_are_scored_with_every_row_accounted_for(tmp_path: Path, name: str) -> None:
    if not (SHARED / name).exists():
        pytest.skip(f"needs the real sample {name}: set CREDIT_SHARED_DATA to the folder that holds it")
    done = score(SHARED / name, "--out", tmp_path / "r.parquet", "--no-record")
    assert done.exit_code == 0, done.output
    counts = {
        words[0]: int(words[1].replace(",", ""))
        for line in done.output.splitlines()
        if (words := line.split())[1:]
        if words[0] in {"approved", "referred", "declined", "rejected"}
    }
    read = int(next(line for line in done.output.splitlines() if "rows read" in line).split()[0].replace(",", ""))
    results = pl.read_parquet(tmp_path / "r.parquet")
    refused = pl.read_csv(tmp_path / "r.parquet.errors.csv")["row"].n_unique()
    assert read == sum(counts.values())
    assert results.height == read - counts["rejected"]
    assert refused == counts["rejected"]
    assert results["row"].is_sorted()
    assert results["row"].n_unique() == results.height


def test_references_and_kept_columns_are_repeated_and_recorded(
    tmp_path: Path, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [
        LOAN | {"application_no": f"LN-{number:04}", "customer_id": "C-7", "channel": "broker", "grade": "x"}
        for number in range(1, 4)
    ]
    loans = write_loans(tmp_path / "loans.csv", [*given, LOAN | dict.fromkeys(list(given[0])[-4:], "")])
    options = ("--keep", "grade", "--keep", "Application_No", "--trial")
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    done = score(loans, "--out", tmp_path / "results.csv", *options)
    assert done.exit_code == 0, done.output
    results = pl.read_csv(tmp_path / "results.csv", infer_schema=False)
    references = ["LN-0001", "LN-0002", "LN-0003", None]
    assert results["application_reference"].to_list() == results["Application_No"].to_list() == references
    assert results["applicant_reference"].to_list() == ["C-7"] * 3 + [None]
    assert results["input_grade"].to_list() == ["x"] * 3 + [None]
    assert results["grade"].to_list() != results["input_grade"].to_list()

    async def found(wanted: DecisionFilter) -> list[DecisionRecord]:
        engine = database_engine(migrated_url, max_connections=1)
        page = await PostgresDecisionArchive(engine).page(wanted, limit=10)
        await engine.dispose()
        return list(page.records)

    (record,) = asyncio.run(found(DecisionFilter(application_reference="LN-0002")))
    assert record.identity == ApplicationIdentity("LN-0002", "C-7", None, "broker")
    assert str(record.decision_id) == results["decision_id"][1]
    assert (record.trial, record.received_through) == (True, "file")
    assert len(asyncio.run(found(DecisionFilter(trial=True)))) == 4
    assert asyncio.run(found(DecisionFilter(trial=False))) == []


def test_rows_decide_applications_again(
    tmp_path: Path, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    plain = [LOAN | {"application_reference": f"LN-{number}"} for number in range(3)]
    file, out = tmp_path / "loans.csv", tmp_path / "results.csv"
    done = score(write_loans(file, plain), "--out", out)
    assert done.exit_code == 0, done.output
    first = pl.read_csv(out)["decision_id"].to_list()
    superseded = ["", first[1], str(uuid4())]
    again = [
        loan | {"loan_amnt": "4321", "supersedes": named, "supersedes_reason": named and "correction"}
        for loan, named in zip(plain, superseded, strict=True)
    ]
    again[0]["loan_amnt"] = plain[0]["loan_amnt"]
    done = score(write_loans(file, again), "--out", out)
    assert done.exit_code == 0, done.output
    assert "2 decisions are recorded" in done.output
    results = pl.read_csv(out)
    assert results["row"].to_list() == [1, 2]
    assert results["decision_id"][0] == first[0]
    assert results["decision_id"][1] not in first
    errors = (tmp_path / "results.csv.errors.csv").read_text()
    assert f"is refused: there is no decision {superseded[2]}" in errors
    assert score(write_loans(file, again), "--out", out).exit_code == 0
    assert pl.read_csv(out).equals(results)
    assert score(write_loans(file, again), "--out", out, "--no-record").exit_code == 0
    assert pl.read_csv(out).height == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--keep", "branch"), "lacks columns to be kept: branch"),
        (("--keep", "dti", "--keep", "DTI"), "named more than once"),
        (("--trial",), "choose one of them"),
    ],
)
def test_columns_that_cannot_be_kept_are_named(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    loans = write_loans(tmp_path / "loans.csv", [LOAN])
    done = score(loans, "--out", tmp_path / "results.csv", "--no-record", *options)
    assert done.exit_code == 2
    assert message in done.output
