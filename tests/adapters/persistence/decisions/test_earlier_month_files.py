"""Archived months of releases whose decisions had no references are read, verified and restored."""

from decimal import Decimal
from pathlib import Path
from uuid import UUID

import polars as pl

from adapters.persistence.decisions.decision_rows import DOCUMENT_PATHS
from adapters.persistence.decisions.month_archive.parquet_files import (
    DECISION_COLUMNS,
    ENTRY_COLUMNS,
    read_decisions,
    read_entries,
    write_entries,
)
from domain.audit.entry import ChainHead
from domain.audit.subject import DECISION_RECORDED
from support.builders import A_MOMENT
from support.paths import PROJECT

LATER = ("application_reference", "applicant_reference", "source", "caller_channel", "trial")
DOCUMENT = (PROJECT / "tests" / "upgrades" / "documents" / "decision-2.json").read_text()
DECISION_ID = UUID("7b0c43a4-7d3e-7c7b-8a53-0d6a3a5f2b11")


def archived_by_an_earlier_release(folder: Path) -> None:
    entry, _ = ChainHead(UUID(int=1)).append(
        at=A_MOMENT, actor="marta", action=DECISION_RECORDED, subject=DECISION_ID, document=DOCUMENT.encode()
    )
    columns = {
        "decision_id": str(DECISION_ID),
        "decided_at": A_MOMENT,
        "requested_by": "marta",
        "role": "loan officer",
        "channel": "api",
        "outcome": "referred",
        "pd": 0.1824255238063562,
        "score_points": 530,
        "grade": "D",
        "confidence": "low",
        "loan_amnt": "12000.25",
        "term": 36,
        "purpose": "credit_card",
        "recommended_amount": "8500.00",
        "model_version": "2015.3",
        "policy_version": "1",
        "document": DOCUMENT,
    }
    amounts = {"loan_amnt", "recommended_amount"}
    values = {name: (_money(value) if name in amounts else value) for name, value in columns.items()}
    of_entry = [
        str(getattr(entry, name)) if name in {"chain", "subject"} else getattr(entry, name)
        for name in ENTRY_COLUMNS
    ]
    write_entries(folder, 1, [(*of_entry, *(values.get(name) for name in DECISION_COLUMNS))])
    file = folder / "entries-00001.parquet"
    pl.read_parquet(file).drop(LATER).write_parquet(file)


def _money(value: object) -> object:

    return Decimal(str(value))


def test_the_columns_of_an_earlier_document_agree_with_it(tmp_path: Path) -> None:
    archived_by_an_earlier_release(tmp_path)
    ((_, document),) = read_entries(tmp_path)
    assert document == DOCUMENT.encode()


def test_an_earlier_month_is_restored_without_references(tmp_path: Path) -> None:
    archived_by_an_earlier_release(tmp_path)
    ((row,),) = read_decisions(tmp_path)
    restored = dict(zip(DECISION_COLUMNS, row, strict=True))
    assert restored["decision_id"] == DECISION_ID
    assert {name: restored[name] for name in LATER} == dict.fromkeys(LATER)
    assert set(DOCUMENT_PATHS) <= set(restored)


def test_a_reference_that_is_added_to_an_earlier_document_is_found(tmp_path: Path) -> None:
    archived_by_an_earlier_release(tmp_path)
    file = tmp_path / "entries-00001.parquet"
    pl.read_parquet(file).with_columns(pl.lit("LN-1").alias("application_reference")).write_parquet(file)
    ((_, document),) = read_entries(tmp_path)
    assert document is not None
    assert document.endswith(b"\n{'application_reference': 'LN-1'}")
